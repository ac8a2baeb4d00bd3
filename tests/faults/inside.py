"""What the database holds, read from its tables outside the bot."""

from collections import Counter
from dataclasses import dataclass, field

from tests.faults.books import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One row of the ledger."""

    source: str
    external_id: str
    outcome: str
    case_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMessage:
    """One stored message."""

    source: str
    external_id: str
    case_id: str
    body: str
    standing: str = "customer"
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """One notice."""

    key: str
    kind: str
    target: str = ""
    state: str = "sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """The content of the database at one moment."""

    ledger: tuple[LedgerRow, ...] = ()
    messages: tuple[KeptMessage, ...] = ()  # earliest first
    cases: dict[str, str] = field(default_factory=dict)  # customer of each case
    notices: tuple[KeptNotice, ...] = ()
    episodes: tuple[tuple[str, str], ...] = ()  # case and alert
    closings: dict[str, int] = field(default_factory=dict)  # closings of each case
    overtaken: frozenset[str] = frozenset()  # cases that a late closing phrase left open


def read(book: Book) -> Inside:
    """Read everything."""
    return Inside(
        ledger=tuple(
            LedgerRow(source=source, external_id=external_id, outcome=outcome, case_id=case_id or "")
            for source, external_id, outcome, case_id in book.rows(
                "SELECT source, external_id, outcome, case_id FROM ledger"
            )
        ),
        messages=tuple(
            KeptMessage(
                source=source, external_id=external_id, case_id=case, body=body, standing=standing, deleted=deleted
            )
            for source, external_id, case, body, standing, deleted in book.rows(
                "SELECT source, external_id, case_id, body, standing, deleted_at IS NOT NULL FROM messages"
                " ORDER BY timestamp, id"
            )
        ),
        cases=dict(book.rows("SELECT case_id, customer_identifier FROM cases")),
        notices=tuple(KeptNotice(*row) for row in book.rows("SELECT key, kind, target, state FROM notices")),
        episodes=tuple((case, alert) for case, alert in book.rows("SELECT case_id, alert FROM episodes ORDER BY id")),
        closings=dict(Counter(case for (case,) in book.rows("SELECT case_id FROM events WHERE kind = 'closed'"))),
        overtaken=frozenset(case for (case,) in book.rows("SELECT case_id FROM events WHERE kind = 'not closed'")),
    )


def waiting(book: Book) -> int:
    """The number of waiting notices."""
    return book.count("SELECT count(*) FROM notices WHERE state IN ('pending', 'failed')")
