"""The ledger: one row for every item that reached us, and how far each door has been read (design 3.1)."""

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


def find(source: str, external_id: str) -> LedgerRow | None:
    """The row of an item, or None when it is new."""
    row: LedgerRow | None = LedgerRow.get_or_none((LedgerRow.source == source) & (LedgerRow.external_id == external_id))
    return row


def identify(incoming: Incoming, again: LedgerRow | None = None) -> tuple[Incoming, LedgerRow | None]:
    """The message under the ID that it has in the book, and its row if it is known.

    A mail with a known Message-ID but another sender, subject, text or file is a message of its own: `#` and the first
    eight hex digits of the hash over these are appended. `again` is the row of the item itself, which is taken in once
    more.
    """
    row = find(incoming.source, incoming.external_id)
    if row is not None and again is not None and row.id == again.id:
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
    """The names that a mail can have in the ledger (design 3.1); the later ones where the first is another mail's."""
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
    again: LedgerRow | None = None,
) -> Received:
    """Write an item's row; unique, so that a race of two deliveries ends in an IntegrityError for one of them.

    `again` is the row that the item has already, when it is taken in once more: it says then what this one would.
    """
    row = again or LedgerRow(source=source, received_at=now)
    row.external_id, row.outcome, row.reason = external_id, outcome, reason
    row.case_id, row.digest, row.raw_bytes = case_id, digest, raw
    row.save()
    return Received(ledger_id=row.id, outcome=outcome, reason=reason, case_id=case_id)


def locked_row(ledger_id: int) -> LedgerRow:
    """A row by its number, locked until the transaction ends; raises NoSuchRowError."""
    row: LedgerRow | None = locked(LedgerRow.select().where(LedgerRow.id == ledger_id)).first()
    if row is None:
        raise NoSuchRowError(f"There is no ledger row {ledger_id}.")
    return row


def known(row: LedgerRow) -> Received:
    """What is said of an item that is in the book already."""
    return Received(ledger_id=row.id, outcome=Outcome(row.outcome), reason=row.reason, known=True, case_id=row.case_id)


def ignore(source: str, external_id: str, *, reason: str, now: datetime) -> Received:
    """Note that an item was left out, and why; one transaction."""
    with book.atomic():
        row = find(source, external_id)
        if row is not None:
            return known(row)
        return enter(source, external_id, Outcome.IGNORED, now=now, reason=reason)


def answer_privately(incoming: Incoming, *, text: str, reason: str, now: datetime) -> Received:
    """Note that a message was left out, and answer its author so that nobody else sees it; one transaction."""
    with book.atomic():
        incoming, row = identify(incoming)
        if row is not None:
            return known(row)
        notices.privately(incoming.place, incoming.sender, text, now=now)
        return enter(incoming.source, incoming.external_id, Outcome.IGNORED, now=now, reason=reason)


def quarantine(*, source: str, external_id: str, raw: bytes, reason: str, now: datetime) -> Received:
    """Keep an item that cannot be read, with its bytes, and tell the team once; one transaction."""
    with book.atomic():
        row = find(source, external_id)
        if row is not None:
            return known(row)
        received = enter(source, external_id, Outcome.QUARANTINED, now=now, reason=reason, raw=raw)
        words = f"{source} item could not be read and is kept as ledger row {received.ledger_id}: {reason}"
        notices.log(words[0].upper() + words[1:], now=now)
        return received


def keep_waiting(incoming: Incoming, *, reason: str, now: datetime, again: LedgerRow | None = None) -> Received:
    """Note that a message waits for an admin to say which case it belongs to, and keep it whole."""
    return enter(
        incoming.source,
        incoming.external_id,
        Outcome.IGNORED,
        now=now,
        reason=reason,
        digest=incoming.digest,
        raw=_as_json(incoming),
        again=again,
    )


def replace_waiting(ledger_id: int, incoming: Incoming) -> None:
    """Keep a message that waits as it is said now: it was edited meanwhile."""
    LedgerRow.update(raw_bytes=_as_json(incoming)).where(LedgerRow.id == ledger_id).execute()


def _as_json(incoming: Incoming) -> bytes:
    return json.dumps(asdict(incoming), default=datetime.isoformat).encode()


def waiting(ledger_id: int) -> Incoming | None:
    """The message that waits under this row; None when it has been placed or forgotten."""
    # Locked: of two who decide on it at the same moment one finds it gone.
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
        kept["forward"] = Forward(**{name: _as_kept(value) for name, value in kept["forward"].items()})
    return Incoming(**kept | {"source": Source(kept["source"]), "standing": Standing(kept["standing"])})


def _as_kept(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def files_waiting() -> frozenset[str]:
    """The SHA-256 of every file of a message that waits for an admin's word."""
    rows = LedgerRow.select(LedgerRow.raw_bytes).where(
        (LedgerRow.outcome == Outcome.IGNORED) & LedgerRow.raw_bytes.is_null(False)
    )
    kept = (json.loads(bytes(row.raw_bytes or b"{}")) for row in rows)
    return frozenset(file["sha256"] for message in kept for file in message.get("attachments", ()))


def settle(ledger_id: int, outcome: Outcome, *, reason: str = "", case_id: str | None = None) -> None:
    """Change what became of an item; what waited under the row is let go."""
    LedgerRow.update(outcome=outcome, reason=reason, case=case_id, raw_bytes=None).where(
        LedgerRow.id == ledger_id
    ).execute()


def position(door: str) -> str | None:
    """How far a door has been read; None when it never was."""
    row = Position.get_or_none(Position.door == door)
    return None if row is None else str(row.value)


def keep_position(door: str, value: str, *, now: datetime) -> None:
    """Keep how far a door has been read."""
    (
        Position.insert(door=door, value=value, at=now)
        .on_conflict(conflict_target=[Position.door], update={Position.value: value, Position.at: now})
        .execute()
    )
