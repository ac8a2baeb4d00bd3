"""A database to write to, messages to store in it, and methods to inspect the results."""

import itertools
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any, TypeVar

import pytest
from peewee import SqliteDatabase

from casebook import cases, database, escalation, notices
from casebook import models as tables
from casebook.incoming import Incoming, Source, Standing
from casebook.outbound import corrections, replies
from casebook.outcomes import CaseChange, Claimed, Received
from casebook.rules import Limits
from fixtures.cast import ANNA, DORA, HOME_TEAM, MAIL_CUSTOMERS, SHARED, SUPPORT

T = TypeVar("T")

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CHANNELS = {notices.SUPPORT: SUPPORT.channel_id, notices.ALERTS: "C0ALERTS1", notices.LOG: "C0LOG0001"}


class Book:
    """Calls casebook as the doors would; each message is a minute later than the one before, unless a time is given."""

    noon = NOON

    def __init__(self) -> None:
        self.limits = Limits()
        self._ticks = itertools.count(1)
        self._posts = itertools.count(1)
        self.numbers = itertools.count(1)  # for anything that must be unique

    @staticmethod
    def minutes(count: float) -> datetime:
        """The moment that many minutes after noon."""
        return NOON + timedelta(minutes=count)

    @staticmethod
    def hours(count: float) -> datetime:
        """The moment that many hours after noon."""
        return NOON + timedelta(hours=count)

    @staticmethod
    def empty() -> None:
        """Delete all rows; on PostgreSQL ten times faster than TRUNCATE, which creates new files."""
        names = [table._meta.table_name for table in reversed(tables.TABLES)]
        with tables.book.atomic():
            deletions = [f'DELETE FROM "{name}"' for name in names]
            # PostgreSQL takes them all at once, SQLite one by one.
            is_sqlite = isinstance(tables.book.obj, SqliteDatabase)
            for statement in deletions if is_sqlite else [";".join(deletions)]:
                tables.book.execute_sql(statement)
            tables.Counter.create(name="cases", value=0)

    # Incoming messages

    def customer(self, text: str = "It does not work", sender: str = DORA.user_id, **changes: Any) -> Received:
        """A customer writes in the shared channel."""
        return self.receive(self.message(text, sender, **changes))

    def admin(self, text: str = "We are on it", sender: str = ANNA.user_id, **changes: Any) -> Received:
        """An admin writes in the shared channel."""
        return self.receive(self.message(text, sender, standing=Standing.ADMIN, **changes))

    def note(self, text: str = "Looks like last week", sender: str = ANNA.user_id, **changes: Any) -> Received:
        """An admin writes in the support channel, where no customer reads it."""
        changes = {"standing": Standing.NOTE, "place": SUPPORT.channel_id} | changes
        return self.receive(self.message(text, sender, **changes))

    def mail(self, text: str = "It does not work", sender: str = MAIL_CUSTOMERS[0], **changes: Any) -> Received:
        """A customer writes an email."""
        return self.receive(self.mail_message(text, sender, **changes))

    def message(
        self,
        text: str = "It does not work",
        sender: str = DORA.user_id,
        *,
        standing: Standing = Standing.CUSTOMER,
        under: Received | None = None,
        at: datetime | None = None,
        **changes: Any,
    ) -> Incoming:
        """One Slack message, as the door hands it over; `under` puts it into the thread of another."""
        tick = next(self._ticks)
        at = at or self.minutes(tick)
        ts = f"{int(at.timestamp())}.{tick:06d}"
        place = changes.get("place", SHARED.channel_id)
        message = Incoming(
            source=Source.SLACK,
            external_id=f"{HOME_TEAM}:{place}:{ts}",
            sender=sender,
            standing=standing,
            timestamp=at,
            body=text,
            new_text=text,
            place=place,
            thread=ts,
        )
        if under is not None:
            root = self.stored(under)
            message = replace(message, place=root.place, thread=root.thread, conversation=(root.external_id,))
        return replace(message, **changes)

    def mail_message(
        self,
        text: str = "It does not work",
        sender: str = MAIL_CUSTOMERS[0],
        *,
        standing: Standing = Standing.CUSTOMER,
        under: Received | None = None,
        at: datetime | None = None,
        **changes: Any,
    ) -> Incoming:
        """One email, as the door hands it over; `under` makes it a reply to another."""
        tick = next(self._ticks)
        mail = Incoming(
            source=Source.EMAIL,
            external_id=f"{tick}.mail@customer.example.com",
            sender=sender,
            standing=standing,
            timestamp=at or self.minutes(tick),
            body=text,
            new_text=text,
            place="INBOX",
            conversation=() if under is None else (self.stored(under).external_id,),
        )
        return replace(mail, **changes)

    def receive(self, incoming: Incoming, now: datetime | None = None) -> Received:
        """Receive a message at the moment it was written, or later."""
        when = now or incoming.timestamp
        return database.work(lambda: cases.receive(incoming, now=when, limits=self.limits))

    def edit(self, incoming: Incoming, text: str, now: datetime | None = None) -> Received:
        """Edit a message."""
        edited = replace(incoming, body=text, new_text=text)
        when = now or incoming.timestamp
        return database.work(lambda: corrections.edit(edited, now=when, limits=self.limits))

    def delete(self, incoming: Incoming, now: datetime | None = None) -> Received:
        """Delete a message."""
        when = now or incoming.timestamp
        return database.work(lambda: corrections.delete(incoming.source, incoming.external_id, now=when))

    # Actions of the team

    def place(self, ledger_id: int, case_id: str, now: datetime | None = None) -> Received | None:
        """Anna presses the button of a case to place a waiting message."""
        when = now or self.hours(1)
        return database.work(
            lambda: cases.place_waiting(ledger_id, case_id, by=ANNA.user_id, now=when, limits=self.limits)
        )

    def close(self, case_id: str | None, now: datetime | None = None, **changes: Any) -> CaseChange:
        """Anna closes a case by command."""
        given = {"by": ANNA.user_id, "now": now or self.hours(1), "limits": self.limits} | changes
        return database.work(lambda: cases.close_case(str(case_id), **given))

    def reopen(self, case_id: str | None, now: datetime | None = None) -> CaseChange:
        """Anna reopens a case."""
        return database.work(lambda: cases.reopen_case(str(case_id), by=ANNA.user_id, now=now or self.hours(2)))

    def escalate(self, case_id: str | None, now: datetime | None = None, reason: str = "") -> CaseChange:
        """Anna escalates a case by hand."""
        given = {"by": ANNA.user_id, "now": now or self.hours(1), "reason": reason}
        return database.work(lambda: cases.escalate_case(str(case_id), **given))

    def check_silence(self, now: datetime) -> tuple[str, ...]:
        """Run one silence check, and return the cases that it escalates."""
        return database.work(lambda: escalation.escalate_due(now=now, limits=self.limits)).case_ids

    def answer(self, case_id: str | None, text: str = "Try again now", **changes: Any) -> Received:
        """Anna writes an answer under the card; it is sent ten seconds later."""
        given = {"standing": Standing.NOTE, "place": SUPPORT.channel_id, "thread": self.card_of(case_id)} | changes
        drafted = self.message(text, ANNA.user_id, **given)
        undo = timedelta(seconds=10)
        return database.work(lambda: replies.draft(drafted, now=drafted.timestamp, undo=undo, limits=self.limits))

    def answer_sent(self, claimed: Claimed, now: datetime) -> None:
        """The courier has posted an answer."""
        ts = f"1800000000.{next(self._posts):06d}"
        database.work(lambda: replies.sent(claimed, channel=claimed.lane, ts=ts, now=now, limits=self.limits))

    # Actions of the courier

    def claim(self, lane: str = notices.SUPPORT, now: datetime | None = None) -> Claimed | None:
        """Claim the next notice."""
        return database.work(lambda: notices.claim(lane, now=now or self.hours(1)))

    def sent(self, claimed: Claimed, now: datetime | None = None) -> str:
        """Mark a claim as sent; returns the ts of the post."""
        ts = f"1800000000.{next(self._posts):06d}"
        channel = CHANNELS.get(claimed.lane, claimed.lane)
        when = now or self.hours(1)
        database.work(lambda: notices.mark_sent(claimed, channel=channel, ts=ts, now=when))
        return ts

    def say_all(self, now: datetime | None = None) -> list[Claimed]:
        """Claim and send everything that is due now, lane by lane, and return the claims."""
        when = now or self.hours(1)
        said = []
        for lane in (notices.SUPPORT, notices.ALERTS, notices.LOG):
            while (claimed := self.claim(lane, when)) is not None:
                self.sent(claimed, when)
                said.append(claimed)
        return said

    def card_of(self, case_id: str | None) -> str:
        """The ts of a case's card."""
        return str(tables.Post.get(tables.Post.key == f"card:{case_id}").ts)

    # What is stored

    @staticmethod
    def case(case_id: str | None) -> tables.Case:
        """The row of a case, as it is now."""
        return tables.Case.get(tables.Case.case_id == case_id)

    @staticmethod
    def stored(received: Received) -> tables.Message:
        """The message that was stored."""
        row = tables.LedgerRow.get_by_id(received.ledger_id)
        return tables.Message.get(
            (tables.Message.source == row.source) & (tables.Message.external_id == row.external_id)
        )

    @staticmethod
    def ledger_row(received: Received) -> tables.LedgerRow:
        """The row of the ledger."""
        return tables.LedgerRow.get_by_id(received.ledger_id)

    @staticmethod
    def episodes(case_id: str | None) -> list[tables.Episode]:
        """The episodes of a case, the oldest first."""
        return list(tables.Episode.select().where(tables.Episode.case == case_id).order_by(tables.Episode.id))

    @staticmethod
    def reasons(case_id: str | None) -> list[tuple[str, str]]:
        """Kind and evidence of every reason for which a case has been escalated."""
        rows = (
            tables.ReasonRow.select()
            .join(tables.Episode)
            .where(tables.Episode.case == case_id)
            .order_by(tables.ReasonRow.id)
        )
        return [(row.kind, row.evidence) for row in rows]

    @staticmethod
    def notices(kind: str | None = None, case_id: str | None = None) -> list[tables.Notice]:
        """The notices, the oldest first."""
        query = tables.Notice.select().order_by(tables.Notice.id)
        if kind is not None:
            query = query.where(tables.Notice.kind == kind)
        if case_id is not None:
            query = query.where(tables.Notice.case == case_id)
        return list(query)

    @staticmethod
    def history(case_id: str | None) -> list[str]:
        """The kinds of events in a case's history."""
        rows = tables.Event.select().where(tables.Event.case == case_id).order_by(tables.Event.id)
        return [row.kind for row in rows]

    @staticmethod
    def snapshot() -> dict[str, list[dict[str, Any]]]:
        """Every row of every table."""
        return {
            table.__name__: list(table.select().order_by(table._meta.primary_key).dicts()) for table in tables.TABLES
        }

    # Concurrency

    @staticmethod
    def at_once(*operations: Callable[[], T]) -> list[T]:
        """Run each operation in its own thread with its own connection, all started together; returns their results."""
        start = Barrier(len(operations))

        def run(operation: Callable[[], T]) -> T:
            try:
                start.wait(timeout=30)
                return database.work(operation)
            finally:
                database.close()

        with ThreadPoolExecutor(len(operations)) as pool:
            return [running.result() for running in [pool.submit(run, operation) for operation in operations]]


@pytest.fixture(scope="session")
def worn_url(postgresql: Callable[[], str]) -> str:
    """A PostgreSQL database shared by the tests: creating one for each would take longer than the tests."""
    return postgresql()


@pytest.fixture(params=["sqlite", "postgresql"])
def book(request: pytest.FixtureRequest) -> Book:
    """An open, empty database; the test runs on SQLite and on PostgreSQL."""
    return request.getfixturevalue(f"{request.param}_book")


@pytest.fixture
def sqlite_book(sqlite_url: str) -> Iterator[Book]:
    """An open SQLite database; request it directly for what is specific to SQLite."""
    database.open(sqlite_url)
    database.work(database.ping)
    yield Book()
    database.close()


@pytest.fixture
def postgresql_book(worn_url: str) -> Iterator[Book]:
    """An open PostgreSQL database; request it directly for what is specific to PostgreSQL."""
    database.open(worn_url)
    database.work(Book.empty)
    yield Book()
    database.close()


@pytest.fixture
def book_tools() -> type[Book]:
    """The helper class, for databases without a schema yet."""
    return Book


@pytest.fixture
def plans(sqlite_book: Book, caplog: pytest.LogCaptureFixture) -> Callable[[Callable[[], object]], dict[str, str]]:
    """Run an operation on SQLite, and return its statements, each with its query plan."""

    def explain(operation: Callable[[], object]) -> dict[str, str]:
        caplog.clear()
        with caplog.at_level(logging.DEBUG, logger="peewee"):
            database.work(operation)
        statements = [record.msg for record in caplog.records if record.name == "peewee"]
        return {
            sql: "\n".join(row[3] for row in tables.book.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values))
            for sql, values in statements
            if sql.startswith(("SELECT", "UPDATE", "DELETE"))
        }

    return explain
