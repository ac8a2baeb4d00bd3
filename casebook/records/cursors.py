"""Read positions: how far each door (a folder, a channel) has been read, and where the reading began."""

from collections.abc import Mapping
from datetime import datetime

from peewee import EXCLUDED

from casebook.models import Position, book

_BEGINNING = ":from"  # suffix of the row that holds where a door began
_BATCH = 200  # rows in one statement


def below(prefix: str) -> dict[str, str]:
    """The position of every door that begins with `prefix`, keyed by the rest of its name; without beginnings."""
    return {door: value for door, value in _below(prefix).items() if not door.endswith(_BEGINNING)}


def beginnings(prefix: str) -> dict[str, str]:
    """The first position of every door that begins with `prefix`; older messages are not read."""
    found = _below(prefix).items()
    return {door.removesuffix(_BEGINNING): value for door, value in found if door.endswith(_BEGINNING)}


def _below(prefix: str) -> dict[str, str]:
    rows = Position.select(Position.door, Position.value).where(Position.door.startswith(prefix))
    return {str(row.door).removeprefix(prefix): str(row.value) for row in rows}


def keep(values: Mapping[str, str], *, now: datetime) -> None:
    """Save how far these doors have been read, and for a new door that it begins there; one transaction."""
    firsts = {f"{door}{_BEGINNING}": value for door, value in values.items()}
    with book.atomic():
        for some in _batches(firsts, now):
            Position.insert_many(some).on_conflict_ignore().execute()
        save(values, now=now)


def save(values: Mapping[str, str], *, now: datetime) -> None:
    """Save how far these doors have been read; one transaction."""
    changes = {Position.value: EXCLUDED.value, Position.at: EXCLUDED.at}
    with book.atomic():
        for some in _batches(values, now):
            Position.insert_many(some).on_conflict(conflict_target=[Position.door], update=changes).execute()


def _batches(values: Mapping[str, str], now: datetime) -> list[list[dict[str, object]]]:
    # Sorted, so that two processes that save the same doors cannot deadlock.
    rows: list[dict[str, object]] = [{"door": door, "value": values[door], "at": now} for door in sorted(values)]
    return [rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH)]


def forget(door: str) -> None:
    """Delete the position of a door that is no longer read: if it is read again, it begins anew."""
    Position.delete().where(Position.door.in_([door, f"{door}{_BEGINNING}"])).execute()
