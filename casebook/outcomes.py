"""Results of operations: frozen values, so that no database row leaves casebook."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """The outcome of an item that arrived; its value is stored in the ledger (design 3.1)."""

    MESSAGE = "message"
    IGNORED = "ignored"
    EDITED = "edited"
    DELETED = "deleted"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What `cases.receive` did with one incoming message."""

    ledger_id: int
    outcome: Outcome
    reason: str = ""  # why it was ignored or quarantined
    known: bool = False  # it was stored before, and nothing was changed
    case_id: str | None = None
    opened: bool = False
    escalated: bool = False
    closed: bool = False
    candidates: tuple[str, ...] = ()  # several cases match: the admin must be asked
    unplaced: bool = False  # an admin asked for something, and no case matches: they must be told


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChange:
    """The result of one operation on a case."""

    case_id: str
    at: datetime
    by: str
    customer: str


class NoticeKind(StrEnum):
    """What a notice is about, which decides how it is delivered."""

    CARD = "card"  # a case's card, posted or updated
    THREAD = "thread"  # a message in the thread under its card
    COPY = "copy"  # an update of that post, after the message was edited or deleted
    ALERT = "alert"  # an episode, posted or updated
    LOG = "log"  # a line in the log channel
    CLOSED = "closed"  # a log line for a closing; the courier adds the name of the person who closed it
    REOPENED = "reopened"  # a log line for a reopening, likewise
    ANSWER = "answer"  # an admin's answer to the customer
    ANSWER_STATE = "answer state"  # the state of that answer, under the card
    TELL = "tell"  # a message from us to the customer, in their conversation
    ACKNOWLEDGE = "acknowledge"  # to the customer: your message has arrived
    ASK = "ask"  # asks an admin privately which case they mean, with buttons
    FORWARD = "forward"  # asks the team who wrote a forwarded email, with buttons; shows the decision afterwards
    DOUBTFUL = "doubtful"  # asks the team whether an email is automatic, with buttons; shows the decision afterwards
    CLAIM = "claim"  # asks the team about an unproven admin email, with buttons; shows the decision afterwards
    PRIVATE = "private"  # a message that only one person sees
    FETCH = "fetch"  # downloads the files of a Slack message
    TRANSCRIPT = "transcript"  # asks Slack again for the transcripts of a message's clips
    FILES = "files"  # uploads the files of a message under its card
    ANSWER_FILES = "answer files"  # uploads the files of an answer to the customer's thread
    FILES_GONE = "files gone"  # deletes the copies of a deleted message's files under the card


@dataclass(frozen=True, slots=True)
class Item:
    """One claimed notice."""

    id: int
    key: str
    kind: NoticeKind
    case_id: str | None
    target: str
    payload: dict[str, Any]
    created_at: datetime
    attempts: int
    post: tuple[str, str] | None  # (channel, ts) of the post to update, if there is one

    @property
    def target_id(self) -> int:
        """The number in `target`: 17 for `message:17`."""
        return int(self.target.partition(":")[2])


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one delivery sends: one notice, or several that share a post."""

    lane: str
    items: tuple[Item, ...]
    uncertain: bool  # an earlier delivery ended without a result: it may have been posted
    until: datetime  # when the claim ends; then another process may take it, and checks whether it was posted
    look_from: datetime | None = None  # when the uncertain delivery began, by Slack's clock

    @property
    def ids(self) -> list[int]:
        """The IDs of the notices."""
        return [item.id for item in self.items]
