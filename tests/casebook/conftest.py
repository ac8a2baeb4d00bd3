"""A book to write in, and messages to write into it."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from casebook import cases, database
from casebook.incoming import Incoming, Source, Standing
from casebook.models import Case
from casebook.outcomes import Received
from casebook.rules import Limits
from fixtures.cast import ANNA, DORA, HOME_TEAM, SHARED

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def minutes(count: float) -> datetime:
    """The moment that many minutes after noon."""
    return NOON + timedelta(minutes=count)


def hours(count: float) -> datetime:
    """The moment that many hours after noon."""
    return NOON + timedelta(hours=count)


class Book:
    """Writes into a book as the doors would; each message one minute after the one before, unless a time is given."""

    def __init__(self) -> None:
        self.limits = Limits()
        self._ticks = itertools.count(1)

    def customer(self, text: str = "It does not work", sender: str = DORA.user_id, **changes: object) -> Received:
        """A customer writes in the shared channel."""
        return self.receive(self.message(text, sender, Standing.CUSTOMER, **changes))

    def admin(self, text: str = "We are on it", sender: str = ANNA.user_id, **changes: object) -> Received:
        """An admin writes in the shared channel."""
        return self.receive(self.message(text, sender, Standing.ADMIN, **changes))

    def mail(
        self, text: str = "It does not work", sender: str = "mia@customer.example.com", **changes: object
    ) -> Received:
        """A customer's mail."""
        return self.receive(self.message(text, sender, Standing.CUSTOMER, source=Source.EMAIL, **changes))

    def message(self, text: str, sender: str, standing: Standing, **changes: object) -> Incoming:
        """One message, as a door would hand it over."""
        at = changes.pop("at", None) or minutes(next(self._ticks))
        slack = changes.get("source", Source.SLACK) is Source.SLACK
        ts = f"{at.timestamp():.6f}"
        message = Incoming(
            source=Source.SLACK,
            external_id=f"{HOME_TEAM}:{SHARED.channel_id}:{ts}" if slack else f"{ts}@customer.example.com",
            sender=sender,
            standing=standing,
            timestamp=at,
            body=text,
            new_text=text,
            place=SHARED.channel_id if slack else "INBOX",
            thread=ts if slack else "",
        )
        return replace(message, **changes)

    def receive(self, incoming: Incoming, now: datetime | None = None) -> Received:
        """Take a message in at the moment it was written, or later."""
        when = now or incoming.timestamp
        return database.work(lambda: cases.receive(incoming, now=when, limits=self.limits))

    def case(self, case_id: str | None) -> Case:
        """The row of a case, as it is now."""
        return Case.get(Case.case_id == case_id)


@pytest.fixture
def book(database_url: str) -> Iterator[Book]:
    """An open book; the test runs on SQLite and on PostgreSQL."""
    database.open(database_url)
    database.work(database.ping)
    yield Book()
    database.close()


@pytest.fixture
def at_noon() -> Callable[[float], datetime]:
    """Minutes after noon."""
    return minutes
