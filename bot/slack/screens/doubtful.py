"""The question about an email that a program may have sent; pure (design 3.10)."""

from dataclasses import dataclass

from slack_sdk.models.blocks import Block

from bot.slack.screens.blocks import Post, button, buttons, make_post, paragraph, small
from bot.slack.screens.text import clip, escape

MAKE_CASE, NO_CASE = "doubtful_take", "doubtful_leave"
PREVIEW_CHARACTERS = 700
ADDRESS_CHARACTERS = 254


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulMail:
    """An email with one sign that a program sent it."""

    ledger_id: int
    sender: str
    sender_name: str
    subject: str
    preview: str
    doubt: str


def doubtful(mail: DoubtfulMail, decided: str = "") -> Post:
    """The question whether the email becomes a case; with `decided`, the decision instead of the buttons."""
    name, address = clip(mail.sender_name, 80), clip(mail.sender, ADDRESS_CHARACTERS)
    who = f"{name} ({address})" if name and name != address else address
    title = f"This mail from {who} may have been sent by a program: {mail.doubt}"
    rows: list[Block] = [
        paragraph(f"{title}." if decided else f"{title}. No case was opened for it."),
        small(clip(mail.subject or "(no subject)", 250)),
        paragraph(mail.preview or "(no text)", characters=PREVIEW_CHARACTERS),
    ]
    if decided:
        rows.append(small(decided))
        return make_post(f"{escape(title)}: {escape(clip(decided, 300))}", rows)
    number = str(mail.ledger_id)
    rows.append(
        buttons(button("Make it a case", MAKE_CASE, number, style="primary"), button("Leave it out", NO_CASE, number))
    )
    return make_post(escape(title), rows)
