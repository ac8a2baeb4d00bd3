"""The frozen values that queries return, for screens and commands."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from casebook.rules import Reason


class FileState(StrEnum):
    """The state of a file that came with a message."""

    KEPT = "kept"
    WAITING = "waiting"  # not downloaded yet
    LEFT_OUT = "left out"  # for the reason in `why_not`
    DELETED = "deleted"  # with its message


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """A file that came with a message; `name` is safe to show and to send on."""

    file_id: int
    name: str
    content_type: str
    size: int  # in bytes
    sha256: str
    state: FileState
    why_not: str
    embedded: bool
    remote_id: str
    transcript: str | None = None  # of a clip; None: not known yet; empty: it has none

    @property
    def may_be_heard(self) -> bool:
        """Whether Slack may still provide a transcript."""
        is_clip = self.content_type.startswith(("audio/", "video/"))
        return is_clip and bool(self.remote_id) and self.transcript is None and self.state is not FileState.DELETED


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One message as it is now; `text` is the new text, without quotes."""

    message_id: int
    case_id: str
    sender: str
    sender_name: str
    is_customers: bool  # whether the case's customer wrote it
    is_admin: bool
    is_note: bool
    standing: str
    source: str
    place: str
    text: str
    body: str
    timestamp: datetime
    edited: bool
    deleted: bool
    cut: bool
    vouched: bool | None = None  # a mail: whether our server has authenticated its sender; None: not checked
    answered_at: str = ""  # a mail: the address for answers, if it is not the sender's
    files: tuple[FileView, ...] = ()  # in the order of the message
    upload_error: str = ""  # why the files are not under the card yet, as Slack's error code


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """One case as a line of a list."""

    case_id: str
    customer: str
    customer_name: str
    source: str
    subject: str
    preview: str  # the beginning of the first message
    status: str
    escalated: bool
    created_at: datetime
    last_message_at: datetime
    message_count: int
    waiting_since: datetime | None
    assigned_to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCard:
    """Everything that the card of a case shows."""

    line: CaseLine
    first: MessageView | None
    last: MessageView | None  # the last message that is not a note
    reasons: tuple[Reason, ...]  # of the current episode
    closed_at: datetime | None
    closed_by: str | None
    follows: str | None
    may_belong_to: str | None  # an open case, to one of whose mails the first message replies
    moved_to: str | None  # the case into which its messages were moved
    card: tuple[str, str] | None  # (channel, ts) of its card, once posted


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeView:
    """One escalation episode of a case, as an alert shows it."""

    line: CaseLine
    reasons: tuple[Reason, ...]
    started_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    ended_how: str | None
    card: tuple[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The counts of open cases, and the oldest."""

    open: int
    escalated: int
    waiting: int
    unassigned: int
    waiting_longest: datetime | None  # when the longest-waiting customer began to wait
    oldest: str | None  # the open case that was opened first
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """One page of a list of cases."""

    lines: tuple[CaseLine, ...]
    page: int  # the first is 1
    pages: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHistory:
    """One case with its latest messages and events, the oldest first."""

    card: CaseCard
    messages: tuple[MessageView, ...]
    events: tuple["EventLine", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """One line of a case's history."""

    at: datetime
    actor: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxFacts:
    """The counts of open notices, and since when the oldest waits."""

    pending: int
    failed: int
    oldest_pending_at: datetime | None  # since when the oldest notice that was not refused waits
    oldest_unexplained_at: datetime | None  # the same for notices without a known reason to wait
    last_error: str  # of the last refused notice, with its lane


class Filter(StrEnum):
    """Which open cases a list shows."""

    ALL = "all"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    ESCALATED = "escalated"
    WAITING = "waiting"


class AnswerState(StrEnum):
    """The state of an answer."""

    WAITING = "waiting"
    SENT = "sent"
    TAKEN_BACK = "taken back"
    REFUSED = "refused"
    NOTE = "a note"  # its author edited it into a note


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """An answer as it is now."""

    message_id: int
    case_id: str
    author: str
    author_name: str
    text: str
    state: AnswerState
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """An item in quarantine: it could not be read."""

    ledger_id: int
    source: str
    external_id: str
    reason: str
    received_at: datetime
    size: int  # bytes


class Wish(StrEnum):
    """What a mail that claims to be an admin's asks for."""

    CLOSE = "close"
    OPEN = "open"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """A mail that claims to be an admin's and is not authenticated."""

    message: MessageView
    line: CaseLine
    wish: Wish
    card: tuple[str, str] | None  # (channel, ts) of the case's card, once posted


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The facts about a case that decide its escalation."""

    line: CaseLine
    episodes: tuple[EpisodeView, ...]
    silent_since: datetime
    due_at: datetime | None  # when silence escalates it; None when it cannot
    is_our_turn: bool
    unanswered: int  # customer messages in a row; counted up to one more than the limit
    unanswered_since: datetime | None
    holds_now: tuple[Reason, ...]  # the reasons that hold at this moment
