"""What the operations return: frozen values, so that no row ever leaves the casebook."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
