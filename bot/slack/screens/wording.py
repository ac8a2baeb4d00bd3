"""Phrases that several screens use: names, states, times and files; pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.slack.screens.text import clip
from casebook.records.filenames import readable_size
from casebook.rules import Reason, ReasonKind, duration
from casebook.views import CaseLine, FileState, FileView, MessageView

MAX_FILES_NAMED = 10
NAME_CHARACTERS = 80
ADDRESS_CHARACTERS = 254
_UNVERIFIED = ("claim", "claim set aside")  # standings

DOORS = {"slack": "Slack", "email": "e-mail"}
REASONS = {
    ReasonKind.SILENCE: "Silence",
    ReasonKind.FOLLOW_UPS: "Follow-ups",
    ReasonKind.KEYWORDS: "Urgent words",
    ReasonKind.BY_HAND: "By hand",
}


def customer(line: CaseLine) -> str:
    """The customer of a case: their name and ID or address."""
    if not line.customer_name or line.customer_name == line.customer:
        return line.customer
    return f"{line.customer_name} ({line.customer})"


def state(line: CaseLine) -> str:
    """The state of a case in one word."""
    if line.status != "open":
        return "closed"
    return "escalated" if line.escalated else "open"


def about(line: CaseLine) -> str:
    """One line about a case: its subject, otherwise the beginning of its first message."""
    return " ".join((line.subject or line.preview or "(no text)").split())


def waiting(line: CaseLine, now: datetime) -> str:
    """Whether the customer waits for an answer, and for how long."""
    if line.status != "open":
        return "closed"
    if line.waiting_since is None:
        return f"answered, last message {duration(now - line.last_message_at)} ago"
    return f"waiting for us for {duration(now - line.waiting_since)}"


def assignee(line: CaseLine, names: Mapping[str, str]) -> str:
    """To whom the case is assigned."""
    if not line.assigned_to:
        return "nobody has it"
    return f"{names.get(line.assigned_to, line.assigned_to)} has it"


def author(message: MessageView, names: Mapping[str, str]) -> str:
    """The author of a message; one who claims to be an admin without proof is marked as unverified.

    The address follows the name if somebody other than the case's customer wrote by email, because anybody can choose
    any name.
    """
    name = clip(message.sender_name or names.get(message.sender, message.sender), NAME_CHARACTERS)
    if message.standing in _UNVERIFIED:
        name = f"{name} (unverified)"
    by_mail = message.source == "email" and not message.is_customers and not message.is_admin
    return f"{name} ({clip(message.sender, ADDRESS_CHARACTERS)})" if by_mail and message.sender != name else name


def sender_warnings(message: MessageView | None) -> list[str]:
    """Warnings about the sender of a customer's email, for the team to read before they answer."""
    if message is None or message.standing != "customer":
        return []
    warnings = ["⚠ not vouched for: our mail server can't say who sent it"] if message.vouched is False else []
    if message.answered_at:
        warnings.append(f"replies go to {clip(message.answered_at, ADDRESS_CHARACTERS)}")
    return warnings


def count(number: int, thing: str) -> str:
    """`1 message`, `2 messages`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def attachments(files: Sequence[FileView], upload_error: str = "") -> str:
    """The files of a message in one line, without embedded images such as logos; empty if there are none."""
    shown = [file for file in files if file.state is not FileState.DELETED and not file.embedded]
    if not shown:
        return ""
    listed = ", ".join(_file(file) for file in shown[:MAX_FILES_NAMED])
    more = f" and {len(shown) - MAX_FILES_NAMED} more" if len(shown) > MAX_FILES_NAMED else ""
    refused = f" · ⚠ not uploaded yet, and tried again: {upload_error}" if upload_error else ""
    return f"{count(len(shown), 'attachment')}: {listed}{more}{refused}"


def _file(file: FileView) -> str:
    facts = [readable_size(file.size)] if file.size or file.state is FileState.KEPT else []
    match file.state:
        case FileState.WAITING:
            facts.append("being fetched")
        case FileState.LEFT_OUT:
            facts.append(f"not kept: {file.why_not}")
    return f"{file.name} ({', '.join(facts)})"


def reason(found: Reason) -> str:
    """One reason for an escalation, with its evidence."""
    return f"⚠ {REASONS[found.kind]}: {found.evidence}"


def closing_line(case_id: str, at: datetime, by: str) -> str:
    """The line of the log channel when a case is closed (design 3.5)."""
    return f"Case #{case_id} closed at {at:%Y-%m-%dT%H:%M:%SZ} by {by}"


def reopening_line(case_id: str, at: datetime, by: str) -> str:
    """The line of the log channel when a case is reopened."""
    return f"Case #{case_id} reopened at {at:%Y-%m-%dT%H:%M:%SZ} by {by}"
