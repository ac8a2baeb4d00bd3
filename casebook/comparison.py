"""What the ledger says of the items that a door holds, asked for many at once; nothing is changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from peewee import chunked

from casebook.models import LedgerRow, Message
from casebook.outcomes import Outcome

BATCH = 400  # items in one question; SQLite of old takes at most 999 values


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An item that has its row."""

    ledger_id: int
    outcome: Outcome
    reason: str
    digest: str  # of the text that came under this ID; empty where none was kept


def known(source: str, external_ids: Collection[str]) -> dict[str, Known]:
    """Which of these items have a row, and what it says."""
    found: dict[str, Known] = {}
    for batch in chunked(sorted(set(external_ids)), BATCH):
        rows = LedgerRow.select(
            LedgerRow.id, LedgerRow.external_id, LedgerRow.outcome, LedgerRow.reason, LedgerRow.digest
        ).where((LedgerRow.source == source) & LedgerRow.external_id.in_(batch))
        for row in rows:
            found[row.external_id] = Known(
                ledger_id=row.id, outcome=Outcome(row.outcome), reason=row.reason, digest=row.digest
            )
    return found


def said(source: str, external_ids: Collection[str]) -> dict[str, str]:
    """What those of these messages say in the book that are stored and not deleted."""
    found: dict[str, str] = {}
    for batch in chunked(sorted(set(external_ids)), BATCH):
        rows = Message.select(Message.external_id, Message.body).where(
            (Message.source == source) & Message.external_id.in_(batch) & Message.deleted_at.is_null()
        )
        found |= {row.external_id: row.body for row in rows}
    return found


def names_of(external_id: str, digest: str) -> tuple[str, str]:
    """The names that a mail with this text can have in the ledger (design 3.1), the second where the first is taken."""
    return external_id, f"{external_id}#{digest[:8]}"


def row_of(external_id: str, digest: str, rows: Mapping[str, Known]) -> tuple[str, Known | None]:
    """The name of a mail with this text among `rows`, and its row; None when it has none."""
    first, second = names_of(external_id, digest)
    row = rows.get(first)
    if row is None or row.digest == digest:
        return first, row
    return second, rows.get(second)
