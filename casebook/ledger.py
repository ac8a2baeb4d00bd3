"""The ledger: one row for every item that arrived, and how far each door has been read (design 3.1)."""

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from casebook import notices
from casebook.database import locked
from casebook.errors import NoSuchRowError
from casebook.incoming import Forward, Incoming, IncomingFile, Source, Standing
from casebook.models import LedgerRow, Position, book
from casebook.outcomes import Outcome, Received
from casebook.records import cursors


def find(source: str, external_id: str) -> LedgerRow | None:
    """The row of an item, or None when it is new."""
    row: LedgerRow | None = LedgerRow.get_or_none((LedgerRow.source == source) & (LedgerRow.external_id == external_id))
    return row


def identify(incoming: Incoming, own_row: LedgerRow | None = None) -> tuple[Incoming, LedgerRow | None]:
    """The message under the ID by which the ledger knows it, and its row if it is known.

    An email with a known Message-ID but another sender, subject, text or file is a separate message: `#` and the first
    eight hex digits of its digest are appended to the ID. `own_row` is the item's own row when it is processed again;
    it does not count as known.
    """
    row = find(incoming.source, incoming.external_id)
    if row is not None and own_row is not None and row.id == own_row.id:
        return incoming, None
    if row is None or incoming.source is not Source.EMAIL:
        return incoming, row
    digests = incoming.digests
    if row.digest in digests:
        return incoming, row
    names = names_of(incoming.external_id, digests)
    found = next((row for name in names[1:] if (row := find(incoming.source, name))), None)
    return replace(incoming, external_id=names[1] if found is None else found.external_id), found


def names_of(external_id: str, digests: Iterable[str]) -> tuple[str, ...]:
    """The possible ledger IDs of an email (design 3.1): the later ones if the first belongs to another email."""
    return external_id, *(f"{external_id}#{digest[:8]}" for digest in digests)


def enter(
    source: str,
    external_id: str,
    outcome: Outcome,
    *,
    now: datetime,
    reason: str = "",
    case_id: str | None = None,
    digest: str = "",
    raw: bytes | None = None,
    own_row: LedgerRow | None = None,
) -> Received:
    """Write the row of an item; of two concurrent deliveries, one fails with an IntegrityError.

    If the item has a row already (`own_row`, it is processed again), that row is updated instead.
    """
    row = own_row or LedgerRow(source=source, received_at=now)
    row.external_id, row.outcome, row.reason = external_id, outcome, reason
    row.case_id, row.digest, row.raw_bytes = case_id, digest, raw
    row.save()
    return Received(ledger_id=row.id, outcome=outcome, reason=reason, case_id=case_id)


def locked_row(ledger_id: int) -> LedgerRow:
    """The row with this ID, locked until the transaction ends; raises NoSuchRowError."""
    row: LedgerRow | None = locked(LedgerRow.select().where(LedgerRow.id == ledger_id)).first()
    if row is None:
        raise NoSuchRowError(f"There is no ledger row {ledger_id}.")
    return row


def known(row: LedgerRow) -> Received:
    """The outcome of an item that is already in the ledger."""
    return Received(ledger_id=row.id, outcome=Outcome(row.outcome), reason=row.reason, known=True, case_id=row.case_id)


def ignore(source: str, external_id: str, *, reason: str, now: datetime) -> Received:
    """Record that an item is ignored, and why; one transaction."""
    with book.atomic():
        row = find(source, external_id)
        if row is not None:
            return known(row)
        return enter(source, external_id, Outcome.IGNORED, now=now, reason=reason)


def answer_privately(incoming: Incoming, *, text: str, reason: str, now: datetime) -> Received:
    """Record that a message is ignored, and answer its author so that nobody else sees it; one transaction."""
    with book.atomic():
        incoming, row = identify(incoming)
        if row is not None:
            return known(row)
        notices.put_private(incoming.place, incoming.sender, text, now=now)
        return enter(incoming.source, incoming.external_id, Outcome.IGNORED, now=now, reason=reason)


def quarantine(*, source: str, external_id: str, raw: bytes, reason: str, now: datetime) -> Received:
    """Store an unreadable item with its bytes, and report it once in the log channel; one transaction."""
    with book.atomic():
        row = find(source, external_id)
        if row is not None:
            return known(row)
        received = enter(source, external_id, Outcome.QUARANTINED, now=now, reason=reason, raw=raw)
        text = f"{source} item could not be read and is kept as ledger row {received.ledger_id}: {reason}"
        notices.log(text[0].upper() + text[1:], now=now)
        return received


def keep_waiting(incoming: Incoming, *, reason: str, now: datetime, own_row: LedgerRow | None = None) -> Received:
    """Store a message in its ledger row, in full, until it is decided which case it belongs to."""
    return enter(
        incoming.source,
        incoming.external_id,
        Outcome.IGNORED,
        now=now,
        reason=reason,
        digest=incoming.digest,
        raw=_as_json(incoming),
        own_row=own_row,
    )


def replace_waiting(ledger_id: int, incoming: Incoming) -> None:
    """Replace a waiting message with its edited version."""
    LedgerRow.update(raw_bytes=_as_json(incoming)).where(LedgerRow.id == ledger_id).execute()


def _as_json(incoming: Incoming) -> bytes:
    return json.dumps(asdict(incoming), default=datetime.isoformat).encode()


def waiting(ledger_id: int) -> Incoming | None:
    """The message that waits in this row; None when it has been placed or deleted."""
    # Locked: of two concurrent decisions, the second finds no waiting message.
    row = locked(LedgerRow.select().where(LedgerRow.id == ledger_id)).first()
    if row is None or row.raw_bytes is None or row.outcome != Outcome.IGNORED:
        return None
    kept: dict[str, Any] = json.loads(bytes(row.raw_bytes))
    for name in ("conversation", "about", "cases_named", "addressed"):
        kept[name] = tuple(kept.get(name, ()))
    kept["attachments"] = tuple(IncomingFile(**file) for file in kept.get("attachments", ()))
    kept["timestamp"] = datetime.fromisoformat(kept["timestamp"])
    if kept.get("edited_at") is not None:
        kept["edited_at"] = datetime.fromisoformat(kept["edited_at"])
    if kept.get("forward") is not None:
        kept["forward"] = Forward(**{name: _list_as_tuple(value) for name, value in kept["forward"].items()})
    return Incoming(**kept | {"source": Source(kept["source"]), "standing": Standing(kept["standing"])})


def _list_as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def files_waiting() -> frozenset[str]:
    """The SHA-256 of every file of the waiting messages."""
    rows = LedgerRow.select(LedgerRow.raw_bytes).where(
        (LedgerRow.outcome == Outcome.IGNORED) & LedgerRow.raw_bytes.is_null(False)
    )
    kept = (json.loads(bytes(row.raw_bytes or b"{}")) for row in rows)
    return frozenset(file["sha256"] for message in kept for file in message.get("attachments", ()))


def settle(ledger_id: int, outcome: Outcome, *, reason: str = "", case_id: str | None = None) -> None:
    """Change the outcome of an item; a message that waited in its row is deleted from there."""
    LedgerRow.update(outcome=outcome, reason=reason, case=case_id, raw_bytes=None).where(
        LedgerRow.id == ledger_id
    ).execute()


def position(door: str) -> str | None:
    """The position up to which a door has been read; None when it has never been read."""
    row = Position.get_or_none(Position.door == door)
    return None if row is None else str(row.value)


def keep_position(door: str, value: str, *, now: datetime) -> None:
    """Store the position up to which a door has been read."""
    cursors.save({door: value}, now=now)
