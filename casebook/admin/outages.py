"""When a door was last open, and the one line in the log channel after an absence (design 3.6)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from casebook import ledger, notices
from casebook.database import is_postgresql, locked
from casebook.models import Position, book


@dataclass(frozen=True, slots=True)
class Words:
    """What could not be done meanwhile, and what came of it, in the singular."""

    deed: str = "was away"
    noun: str = "message"


def last_alive(door: str) -> datetime | None:
    """When somebody last noted that the door is open; None when nobody ever did."""
    value = ledger.position(door)
    return None if value is None else datetime.fromisoformat(value)


def still_alive(door: str, *, at: datetime, now: datetime) -> None:
    """Note that the door is open at `at`, by the clock of the door's other side."""
    ledger.keep_position(door, at.isoformat(), now=now)


def others_may_listen() -> bool:
    """Whether another process may have held the door open meanwhile: a SQLite book has one bot alone."""
    return is_postgresql()


def came_back(
    door: str,
    *,
    since: datetime,
    until: datetime,
    caught_up: int,
    now: datetime,
    silent: bool = False,
    words: Words = Words(),
) -> bool:
    """Tell of an absence that began after `since`, unless somebody has noted meanwhile that the door was open.

    Notes that it is open from `until` on, so that each absence is told once, by one process. Returns whether it was
    ours to tell; `silent` tells nothing. One transaction.
    """
    with book.atomic():
        row = locked(Position.select().where(Position.door == door)).first()
        if row is None or datetime.fromisoformat(row.value) != since:
            return False
        still_alive(door, at=max(until, since), now=now)
        if not silent:
            notices.log(in_words(since, until, caught_up, words), now=now)
        return True


def in_words(since: datetime, until: datetime, caught_up: int, words: Words = Words()) -> str:
    """Such as `I was away from 02:10 to 02:31 and have caught up 14 messages`; times are UTC."""
    since, until = since.astimezone(UTC), max(since, until).astimezone(UTC)
    shape = "%H:%M"
    if since.date() != until.date():
        shape = "%Y-%m-%d %H:%M"
    elif since.strftime(shape) == until.strftime(shape):
        shape = "%H:%M:%S"
    count = f"1 {words.noun}" if caught_up == 1 else f"{caught_up:,} {words.noun}s"
    done = f"have caught up {count}" if caught_up else "missed nothing"
    return f"I {words.deed} from {since.strftime(shape)} to {until.strftime(shape)} and {done}"
