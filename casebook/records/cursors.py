"""How far each conversation of a door has been read, many at once, and from when on it is ours to read."""

from collections.abc import Mapping
from datetime import datetime

from peewee import EXCLUDED

from casebook.models import Position, book

_BEGINNING = ":from"  # stands behind the name of the door whose beginning it is
_TOGETHER = 200


def below(prefix: str) -> dict[str, str]:
    """Every position whose door begins with `prefix`, by what follows it; beginnings are left out."""
    return {door: value for door, value in _below(prefix).items() if not door.endswith(_BEGINNING)}


def beginnings(prefix: str) -> dict[str, str]:
    """The first position of every door that begins with `prefix`: what is older was never ours to read."""
    found = _below(prefix).items()
    return {door.removesuffix(_BEGINNING): value for door, value in found if door.endswith(_BEGINNING)}


def _below(prefix: str) -> dict[str, str]:
    rows = Position.select(Position.door, Position.value).where(Position.door.startswith(prefix))
    return {str(row.door).removeprefix(prefix): str(row.value) for row in rows}


def keep(values: Mapping[str, str], *, now: datetime) -> None:
    """Keep how far these doors have been read, and for a new one that it begins there; one transaction."""
    firsts = {f"{door}{_BEGINNING}": value for door, value in values.items()}
    with book.atomic():
        for some in _parts(firsts, now):
            Position.insert_many(some).on_conflict_ignore().execute()
        for some in _parts(values, now):
            changes = {Position.value: EXCLUDED.value, Position.at: EXCLUDED.at}
            Position.insert_many(some).on_conflict(conflict_target=[Position.door], update=changes).execute()


def _parts(values: Mapping[str, str], now: datetime) -> list[list[dict[str, object]]]:
    # In one order, so that two processes that keep the same doors never wait for each other.
    rows: list[dict[str, object]] = [{"door": door, "value": values[door], "at": now} for door in sorted(values)]
    return [rows[start : start + _TOGETHER] for start in range(0, len(rows), _TOGETHER)]


def forget(door: str) -> None:
    """The door is shut: if it is opened again, it begins anew."""
    Position.delete().where(Position.door.in_([door, f"{door}{_BEGINNING}"])).execute()
