"""What the queries return: frozen values for screens and commands."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from casebook.rules import Reason


class FileState(StrEnum):
    """What became of a file that came with a message."""

    KEPT = "kept"
    WAITING = "waiting"  # it is still to be fetched
    LEFT_OUT = "left out"  # for the reason given
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
    transcript: str | None = None  # what its sender says in a clip; None: not known; empty: none of theirs

    @property
    def may_be_heard(self) -> bool:
        """Whether Slack may still write down what is said in it."""
        is_clip = self.content_type.startswith(("audio/", "video/"))
        return is_clip and bool(self.remote_id) and self.transcript is None and self.state is not FileState.DELETED


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One message as it is now; `text` is what its sender newly wrote."""

    message_id: int
    case_id: str
    sender: str
    sender_name: str
    is_customers: bool  # whether the case's customer wrote it, and not somebody else
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
    vouched: bool | None = None  # a mail: whether our server vouches for its sender; None where nobody was asked
    answered_at: str = ""  # a mail: the address to which an answer goes, where that is not the sender's
    files: tuple[FileView, ...] = ()  # in the order of the message
    upload_error: str = ""  # why they are not under the card yet, in Slack's word


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case in a list."""

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
    """Everything that a case's card shows."""

    line: CaseLine
    first: MessageView | None
    last: MessageView | None  # the last message that is not a note
    reasons: tuple[Reason, ...]  # of the episode that it is in
    closed_at: datetime | None
    closed_by: str | None
    follows: str | None
    may_belong_to: str | None  # an open case whose mail its first message answers
    moved_to: str | None  # the case where its messages are now
    card: tuple[str, str] | None  # (channel, ts) of its card, once posted


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeView:
    """One episode of one case, as an alert tells of it."""

    line: CaseLine
    reasons: tuple[Reason, ...]
    started_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    ended_how: str | None
    card: tuple[str, str] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """How the book stands."""

    open: int
    escalated: int
    waiting: int
    unassigned: int
    waiting_longest: datetime | None  # since when the customer who waits longest has waited
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
    """How the outbox stands."""

    pending: int
    failed: int
    oldest_pending_at: datetime | None  # since when the notice waits that waits longest and is not refused
    oldest_unexplained_at: datetime | None  # the same of those for whose waiting there is no known reason
    last_error: str  # of a refused one, and its lane


class Filter(StrEnum):
    """Which open cases a list shows."""

    ALL = "all"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    ESCALATED = "escalated"
    WAITING = "waiting"


class AnswerState(StrEnum):
    """What has become of an answer."""

    WAITING = "waiting"
    SENT = "sent"
    TAKEN_BACK = "taken back"
    REFUSED = "refused"
    NOTE = "a note"  # its author made it one by an edit


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
    """An item that could not be read."""

    ledger_id: int
    source: str
    external_id: str
    reason: str
    received_at: datetime
    size: int  # bytes


class Wish(StrEnum):
    """What a mail that says it is an admin's asks for."""

    CLOSE = "close"
    OPEN = "open"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """A mail that says it is an admin's and could not show it."""

    message: MessageView
    line: CaseLine
    wish: Wish
    card: tuple[str, str] | None  # (channel, ts) of the case's card, once posted


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What the rules see of a case."""

    line: CaseLine
    episodes: tuple[EpisodeView, ...]
    silent_since: datetime
    due_at: datetime | None  # when silence will escalate it; None when it cannot
    is_our_turn: bool
    unanswered: int  # customer messages in a row; counted up to one more than the limit
    unanswered_since: datetime | None
    holds_now: tuple[Reason, ...]  # what the clock and the count say at this moment
