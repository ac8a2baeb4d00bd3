"""Outages of a door: when it was last open, and the one line in the log channel after an outage (design 3.6)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from casebook import ledger, notices
from casebook.database import is_postgresql, locked
from casebook.models import Position, book

LONG = timedelta(minutes=5)  # an outage that is reported even if nothing was missed


@dataclass(frozen=True, slots=True)
class Wording:
    """What we could not do during the outage, and what was missed, in the singular."""

    deed: str = "was away"
    noun: str = "message"


def last_alive(door: str) -> datetime | None:
    """When a process last recorded that the door is open; None if none ever did."""
    value = ledger.position(door)
    return None if value is None else datetime.fromisoformat(value)


def mark_alive(door: str, *, at: datetime, now: datetime) -> None:
    """Record that the door is open at `at`, by the clock of the server behind the door."""
    ledger.keep_position(door, at.isoformat(), now=now)


def others_may_listen() -> bool:
    """Whether another process may have kept the door open meanwhile. A SQLite database has only one bot."""
    return is_postgresql()


def end(
    door: str,
    *,
    since: datetime,
    until: datetime,
    caught_up: int,
    now: datetime,
    silent: bool = False,
    wording: Wording = Wording(),
) -> bool:
    """End an outage that began after `since`, and report it unless `silent`; one transaction.

    Records that the door is open from `until` on, so that only one process ends each outage. Returns False, and does
    nothing, if another process has recorded since then that the door is open.
    """
    with book.atomic():
        row = locked(Position.select().where(Position.door == door)).first()
        if row is None or datetime.fromisoformat(row.value) != since:
            return False
        mark_alive(door, at=max(until, since), now=now)
        if not silent:
            notices.log(describe(since, until, caught_up, wording), now=now)
        return True


def describe(since: datetime, until: datetime, caught_up: int, wording: Wording = Wording()) -> str:
    """Such as `I was away from 02:10 to 02:31 and have caught up 14 messages`; times are UTC."""
    since, until = since.astimezone(UTC), max(since, until).astimezone(UTC)
    shape = "%H:%M"
    if since.date() != until.date():
        shape = "%Y-%m-%d %H:%M"
    elif since.strftime(shape) == until.strftime(shape):
        shape = "%H:%M:%S"
    count = f"1 {wording.noun}" if caught_up == 1 else f"{caught_up:,} {wording.noun}s"
    done = f"have caught up {count}" if caught_up else "missed nothing"
    return f"I {wording.deed} from {since.strftime(shape)} to {until.strftime(shape)} and {done}"
