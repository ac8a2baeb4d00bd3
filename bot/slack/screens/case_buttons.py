"""The buttons of a case on its card, its alert and the Home tab; pure."""

from slack_sdk.models.blocks import Block

from bot.slack.screens.blocks import button, buttons
from casebook.views import CaseLine

TAKE, REPLY, NOTE, WHOLE = "case_take", "case_reply", "case_note", "case_whole"
ESCALATE, CALM, CLOSE, REOPEN = "case_escalate", "case_calm", "case_close", "case_reopen"

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


def _row(line: CaseLine, *actions: str) -> Block:
    return buttons(*(button(_LABELS[action], action, line.case_id) for action in actions))
