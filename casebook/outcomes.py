"""What the operations return: frozen values, so that no row ever leaves the casebook."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """What became of an item that reached us; the value stands in the ledger (design 3.1)."""

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
    known: bool = False  # it was in the book already, and nothing was changed
    case_id: str | None = None
    opened: bool = False
    escalated: bool = False
    closed: bool = False
    candidates: tuple[str, ...] = ()  # several cases fit: the admin must be asked
    unplaced: bool = False  # an admin wanted something of a case, and none fits: the admin must be told


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChange:
    """What one operation on a case did."""

    case_id: str
    at: datetime
    by: str
    customer: str


class NoticeKind(StrEnum):
    """What a notice says, and so how it is worded."""

    CARD = "card"  # a case's card, posted or updated
    THREAD = "thread"  # a message under its card
    COPY = "copy"  # that message, after it was edited or deleted
    ALERT = "alert"  # an episode, posted or updated
    LOG = "log"  # a line in the log channel
    CLOSED = "closed"  # the same, for a closing: the courier knows the name of who closed
    REOPENED = "reopened"  # the same, for a reopening
    ANSWER = "answer"  # an admin's answer to the customer
    ANSWER_STATE = "answer state"  # under the card: what becomes of that answer
    TELL = "tell"  # a sentence to the customer in their conversation
    ACKNOWLEDGE = "acknowledge"  # the same: your message has arrived
    ASK = "ask"  # which case do you mean? privately, with buttons
    FORWARD = "forward"  # whose is a mail that an admin forwarded? with buttons; updated when one was pressed
    DOUBTFUL = "doubtful"  # is a mail a program's? with buttons; updated when one was pressed
    CLAIM = "claim"  # a mail that says it is an admin's, with buttons; updated when one was pressed
    PRIVATE = "private"  # a sentence that one person alone sees
    FETCH = "fetch"  # files of a Slack message, to be downloaded
    TRANSCRIPT = "transcript"  # what is said in a Slack message's clips, to be asked for again
    FILES = "files"  # a message's files, uploaded under its card
    ANSWER_FILES = "answer files"  # an answer's files, uploaded where the answer stands
    FILES_GONE = "files gone"  # the copies under the card of a deleted message's files, to be deleted


@dataclass(frozen=True, slots=True)
class Item:
    """One notice in hand."""

    id: int
    key: str
    kind: NoticeKind
    case_id: str | None
    target: str
    payload: dict[str, Any]
    created_at: datetime
    attempts: int
    post: tuple[str, str] | None  # (channel, ts) of the post that is to be updated, if it was posted


@dataclass(frozen=True, slots=True)
class Claimed:
    """What one post will say: one notice, or several that are joined."""

    lane: str
    items: tuple[Item, ...]
    uncertain: bool  # an earlier delivery ended without a word: it may have been posted
    until: datetime  # when it falls to somebody else, who will look whether it was said
    look_from: datetime | None = None  # by Slack's clock, when the uncertain delivery began

    @property
    def ids(self) -> list[int]:
        """The IDs of the notices."""
        return [item.id for item in self.items]
