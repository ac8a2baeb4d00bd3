"""The buttons of a case on its card, its alert and the Home tab; pure."""

from slack_sdk.models.blocks import Block

from bot.slack.screens import wording
from bot.slack.screens.blocks import button, buttons, paragraph
from bot.slack.screens.text import clip
from casebook.views import CaseLine

TAKE, REPLY, NOTE, WHOLE = "case_take", "case_reply", "case_note", "case_whole"
ESCALATE, CALM, CLOSE, REOPEN = "case_escalate", "case_calm", "case_close", "case_reopen"
PLACE = "place_message"

_LABELS = {
    TAKE: "Take",
    REPLY: "Reply",
    NOTE: "Note",
    ESCALATE: "Escalate",
    CALM: "Calm",
    CLOSE: "Close",
    REOPEN: "Reopen",
    WHOLE: "Whole message",
}


def for_card(line: CaseLine) -> Block:
    """The buttons for everything that can be done with a case in its current state."""
    if line.status != "open":
        return _row(line, NOTE, REOPEN, WHOLE)
    return _row(line, TAKE, REPLY, NOTE, CALM if line.escalated else ESCALATE, CLOSE, WHOLE)


def for_alert(line: CaseLine) -> Block:
    """The buttons for the response to an escalation."""
    return _row(line, TAKE, REPLY, CALM, CLOSE)


def candidate(line: CaseLine, ledger_id: int) -> Block:
    """A case to which a message may belong, with the button that puts the message there."""
    return paragraph(
        f"{line.case_id} · {clip(wording.customer(line), 80)} · {clip(wording.about(line), 120)}",
        button=button(line.case_id, f"{PLACE}:{line.case_id}", f"{ledger_id}:{line.case_id}"),
    )


def _row(line: CaseLine, *actions: str) -> Block:
    return buttons(*(button(_LABELS[action], action, line.case_id) for action in actions))
