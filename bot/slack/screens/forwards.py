"""What the support channel shows of a mail that an admin forwarded and whose author is a guess; pure (design 3.3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block

from bot.slack.screens import wording
from bot.slack.screens.blocks import Post, button, buttons, paragraph, said, small
from bot.slack.screens.text import clip, escape
from casebook.views import CaseLine

TAKE, LEAVE, PLACE = "forward_take", "forward_leave", "place_message"
PREVIEW_CHARACTERS = 700
ADDRESS_CHARACTERS = 254
# Of the title and of what was decided, in the text alone: escaped they may be five times as long, and an update of more
# than 4,000 characters is refused.
TITLE_CHARACTERS, DECIDED_CHARACTERS = 400, 300
CASES_AT_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A forwarded mail, as far as it is known."""

    ledger_id: int
    sender: str  # whose mail forwards it
    proven: bool  # whether our mail server vouches for that
    author: str  # empty: not known
    author_name: str
    subject: str
    preview: str


def forward(passed: Passed, candidates: Sequence[CaseLine], decided: str = "") -> Post:
    """The question whose case a forwarded mail is; once it is `decided`, by whom and how instead of the buttons."""
    title = f"{_who_forwards(passed)} {_whose(passed)}"
    short = escape(clip(title, TITLE_CHARACTERS))
    rows: list[Block] = [
        paragraph(f"{title}." if decided else f"{title}. Whose case is it?"),
        small(clip(passed.subject or "(no subject)", 250)),
        paragraph(passed.preview or "(no text)", characters=PREVIEW_CHARACTERS),
    ]
    if decided:
        rows.append(small(decided))
        return said(f"{short}: {escape(clip(decided, DECIDED_CHARACTERS))}", rows)
    rows += [
        paragraph(
            f"{line.case_id} · {clip(wording.customer(line), 80)} · {clip(wording.about(line), 120)}",
            button=button(line.case_id, f"{PLACE}:{line.case_id}", f"{passed.ledger_id}:{line.case_id}"),
        )
        for line in candidates[:CASES_AT_MOST]
    ]
    leave = button("Leave it out", LEAVE, str(passed.ledger_id))
    if passed.author:
        take = button(f"It is a message of {passed.author}", TAKE, str(passed.ledger_id), style="primary")
        rows.append(buttons(take, leave))
    else:
        rows += [small("Forward it with its own From line above it to have it taken in."), buttons(leave)]
    return said(short, rows)


def _who_forwards(passed: Passed) -> str:
    sender = clip(passed.sender, ADDRESS_CHARACTERS)
    return f"{sender} forwards" if passed.proven else f"⚠ Mail that claims to be from {sender} forwards"


def _whose(passed: Passed) -> str:
    if not passed.author:
        return "a mail whose author cannot be told"
    author = clip(passed.author, ADDRESS_CHARACTERS)
    name = clip(passed.author_name, 80)
    return f"a mail that seems to be from {name} ({author})" if name else f"a mail that seems to be from {author}"
