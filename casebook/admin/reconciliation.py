"""Looks up many items of a door in the database at once. It changes nothing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from peewee import chunked

from casebook.ledger import names_of
from casebook.models import LedgerRow, Message
from casebook.outcomes import Outcome

BATCH = 400  # items in one query; old versions of SQLite take at most 999 values


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An item that has a ledger row."""

    ledger_id: int
    outcome: Outcome
    reason: str
    digest: str  # of what came under this ID; empty if none was stored


def known(source: str, external_ids: Iterable[str]) -> dict[str, Known]:
    """The ledger rows of those of these items that have one, by external ID."""
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
    """The text of a stored message."""

    body: str
    edited_at: datetime | None  # the last edit that was stored, also one that came too late to change the text


def stored_texts(source: str, external_ids: Iterable[str]) -> dict[str, StoredText]:
    """The texts of those of these messages that are stored and not deleted, by external ID."""
    found: dict[str, StoredText] = {}
    for batch in chunked(sorted(set(external_ids)), BATCH):
        rows = Message.select(Message.external_id, Message.body, Message.edited_at).where(
            (Message.source == source) & Message.external_id.in_(batch) & Message.deleted_at.is_null()
        )
        found |= {row.external_id: StoredText(body=row.body, edited_at=row.edited_at) for row in rows}
    return found


def row_of(external_id: str, digests: Collection[str], rows: Mapping[str, Known]) -> tuple[str, Known | None]:
    """The ledger ID of an email with one of these digests, and its row among `rows`; None if it has none."""
    first, *others = names_of(external_id, digests)
    row = rows.get(first)
    if row is None or row.digest in digests:
        return first, row
    name = next((name for name in others if name in rows), others[0] if others else first)
    return name, rows.get(name)
