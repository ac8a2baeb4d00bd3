"""The question about an email that claims to be from an admin without proof; pure (design 3.2)."""

from slack_sdk.models.blocks import Block

from bot.slack.screens import wording
from bot.slack.screens.alerts import permalink
from bot.slack.screens.blocks import Post, button, buttons, make_post, markup, moment, paragraph, small
from bot.slack.screens.cards import MESSAGE_WHOLE
from bot.slack.screens.text import clip, escape
from casebook.views import CaseLine, ClaimView, Wish

CONFIRM, IGNORE = "claim_confirm", "claim_ignore"
PREVIEW_CHARACTERS = 700
ADDRESS_CHARACTERS = 254

_CONFIRM = {
    Wish.CLOSE: "Confirm closes the case in their name.",
    Wish.OPEN: "Confirm counts it as theirs: the first word was ours.",
    Wish.ANSWER: "Confirm counts it as their answer.",
}


def claim(shown: ClaimView, workspace_url: str, decided: str = "") -> Post:
    """The question whether the email is from that admin; with `decided`, the decision instead of the buttons."""
    message, line = shown.message, shown.line
    title = f"Mail that claims to be from {clip(message.sender, ADDRESS_CHARACTERS)} {_wish(shown)}"
    blocks: list[Block] = [
        paragraph(f"{'' if decided else '⚠ '}{title}"),
        small(wording.customer(line), wording.about(line), markup(moment(message.timestamp))),
        paragraph("(deleted)" if message.deleted else message.text or message.body, characters=PREVIEW_CHARACTERS),
    ]
    if decided:
        blocks.append(small(decided))
    else:
        blocks.append(small("Our mail server does not vouch for its sender, so it has no effect.", _effect(shown)))
    if shown.card is not None:
        blocks.append(small(markup(f"<{permalink(workspace_url, *shown.card)}|The card of {line.case_id}>")))
    number = str(message.message_id)
    whole = button("Whole message", f"{MESSAGE_WHOLE}:{number}", number)
    if decided:
        blocks.append(buttons(whole))
    else:
        blocks.append(
            buttons(button("Confirm", CONFIRM, number, style="primary"), button("Ignore", IGNORE, number), whole)
        )
    return make_post(f"{escape(title)}{': ' + escape(clip(decided, 300)) if decided else ''}", blocks)


def _wish(shown: ClaimView) -> str:
    line = shown.line
    match shown.wish:
        case Wish.CLOSE:
            return f"wants to close {line.case_id}"
        case Wish.OPEN:
            return f"opens {line.case_id}{_on_behalf_of(line, shown.message.sender)}"
        case Wish.ANSWER:
            return f"wants to answer {line.case_id}"


def _on_behalf_of(line: CaseLine, sender: str) -> str:
    return "" if line.customer == sender else f" for {clip(wording.customer(line), ADDRESS_CHARACTERS)}"


def _effect(shown: ClaimView) -> str:
    if shown.line.status != "open":
        return f"{shown.line.case_id} is closed: Confirm keeps it there as theirs, and changes nothing else."
    return _CONFIRM[shown.wish]
