"""Messages that could not be read: lists them, returns their bytes, stores them once they can be read (design 3.1)."""

from typing import Any

from peewee import fn

from casebook import ledger
from casebook.errors import NotQuarantinedError
from casebook.intake.receive import receive_again
from casebook.models import LedgerRow, book
from casebook.outcomes import Outcome
from casebook.views import Quarantined

__all__ = ["bytes_of", "held", "look", "receive_again", "still_unreadable"]

_COLUMNS = (
    LedgerRow.id,
    LedgerRow.source,
    LedgerRow.external_id,
    LedgerRow.reason,
    LedgerRow.received_at,
    fn.COALESCE(fn.LENGTH(LedgerRow.raw_bytes), 0).alias("size"),
)


def held() -> tuple[Quarantined, ...]:
    """Everything in quarantine, oldest first, without its bytes."""
    return tuple(_item(row) for row in _query().order_by(LedgerRow.id))


def look(ledger_id: int) -> Quarantined:
    """One item in quarantine; raises NotQuarantinedError."""
    row = _query().where(LedgerRow.id == ledger_id).first()
    if row is None:
        raise NotQuarantinedError(f"Ledger row {ledger_id} is not in quarantine.")
    return _item(row)


def _query() -> Any:
    return LedgerRow.select(*_COLUMNS).where(LedgerRow.outcome == Outcome.QUARANTINED)


def _item(row: Any) -> Quarantined:
    return Quarantined(
        ledger_id=row.id,
        source=row.source,
        external_id=row.external_id,
        reason=row.reason,
        received_at=row.received_at,
        size=row.size,
    )


def bytes_of(ledger_id: int) -> bytes:
    """The bytes of an item in quarantine; raises NotQuarantinedError."""
    look(ledger_id)
    return bytes(LedgerRow.get_by_id(ledger_id).raw_bytes or b"")


def still_unreadable(ledger_id: int, reason: str) -> None:
    """Store why this version of the program cannot read an item; one transaction. Raises NoSuchRowError."""
    with book.atomic():
        row = ledger.locked_row(ledger_id)
        if row.outcome == Outcome.QUARANTINED:
            LedgerRow.update(reason=reason).where(LedgerRow.id == ledger_id).execute()
