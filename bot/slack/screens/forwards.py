"""The question about an email that an admin forwarded and whose author is uncertain; pure (design 3.3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block

from bot.slack.screens import case_buttons
from bot.slack.screens.blocks import Post, button, buttons, make_post, paragraph, small
from bot.slack.screens.text import clip, escape
from casebook.views import CaseLine

TAKE, LEAVE = "forward_take", "forward_leave"
PREVIEW_CHARACTERS = 700
ADDRESS_CHARACTERS = 254
# Of the title and the decision in the notification text: escaping can make them five times as long, and Slack refuses
# an update of more than 4,000 characters.
TITLE_CHARACTERS, DECIDED_CHARACTERS = 400, 300
MAX_CANDIDATES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardedMail:
    """A forwarded email, as far as it is known."""

    ledger_id: int
    sender: str  # who forwarded it
    proven: bool  # whether our mail server verified that
    author: str  # empty: unknown
    author_name: str
    subject: str
    preview: str


def forward(mail: ForwardedMail, candidates: Sequence[CaseLine], decided: str = "") -> Post:
    """The question whose case the email is; with `decided`, the decision instead of the buttons."""
    title = f"{_who_forwards(mail)} {_author(mail)}"
    short = escape(clip(title, TITLE_CHARACTERS))
    rows: list[Block] = [
        paragraph(f"{title}." if decided else f"{title}. Whose case is it?"),
        small(clip(mail.subject or "(no subject)", 250)),
        paragraph(mail.preview or "(no text)", characters=PREVIEW_CHARACTERS),
    ]
    if decided:
        rows.append(small(decided))
        return make_post(f"{short}: {escape(clip(decided, DECIDED_CHARACTERS))}", rows)
    rows += [case_buttons.candidate(line, mail.ledger_id) for line in candidates[:MAX_CANDIDATES]]
    leave = button("Leave it out", LEAVE, str(mail.ledger_id))
    if mail.author:
        take = button(f"It is a message of {mail.author}", TAKE, str(mail.ledger_id), style="primary")
        rows.append(buttons(take, leave))
    else:
        rows += [small("Forward it with its own From line above it to have it taken in."), buttons(leave)]
    return make_post(short, rows)


def _who_forwards(mail: ForwardedMail) -> str:
    sender = clip(mail.sender, ADDRESS_CHARACTERS)
    return f"{sender} forwards" if mail.proven else f"⚠ Mail that claims to be from {sender} forwards"


def _author(mail: ForwardedMail) -> str:
    if not mail.author:
        return "a mail whose author cannot be told"
    author = clip(mail.author, ADDRESS_CHARACTERS)
    name = clip(mail.author_name, 80)
    return f"a mail that seems to be from {name} ({author})" if name else f"a mail that seems to be from {author}"
