"""What the ledger says of the items that a door holds, asked for many at once; nothing is changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from peewee import chunked

from casebook.ledger import names_of
from casebook.models import LedgerRow, Message
from casebook.outcomes import Outcome

BATCH = 400  # items in one question; SQLite of old takes at most 999 values


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An item that has its row."""

    ledger_id: int
    outcome: Outcome
    reason: str
    digest: str  # of what came under this ID; empty where none was kept


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredText:
    """What a message says in the book."""

    body: str
    edited_at: datetime | None  # the last edit that was taken in, also one that came too late to change the words


def said(source: str, external_ids: Collection[str]) -> dict[str, StoredText]:
    """What those of these messages say in the book that are stored and not deleted."""
    found: dict[str, StoredText] = {}
    for batch in chunked(sorted(set(external_ids)), BATCH):
        rows = Message.select(Message.external_id, Message.body, Message.edited_at).where(
            (Message.source == source) & Message.external_id.in_(batch) & Message.deleted_at.is_null()
        )
        found |= {row.external_id: StoredText(body=row.body, edited_at=row.edited_at) for row in rows}
    return found


def row_of(external_id: str, digests: Collection[str], rows: Mapping[str, Known]) -> tuple[str, Known | None]:
    """The name of a mail with one of these digests among `rows`, and its row; None when it has none."""
    first, *others = names_of(external_id, digests)
    row = rows.get(first)
    if row is None or row.digest in digests:
        return first, row
    known = next((name for name in others if name in rows), others[0] if others else first)
    return known, rows.get(known)
