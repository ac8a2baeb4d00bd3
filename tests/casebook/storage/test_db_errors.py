"""Classification of errors of real databases."""

import sqlite3
import threading
from contextlib import closing

import pytest
from peewee import OperationalError

from casebook import cases, database, models
from casebook.errors import DatabaseUnavailableError
from casebook.models import Case, Counter


def test_two_that_change_the_same_rows_in_different_order_both_get_through(postgresql_book):
    for name in ("left", "right"):
        Counter.create(name=name, value=0)
    both_hold_one = threading.Barrier(2)
    tries = []

    def change(*names):
        def operation():
            tries.append(names)
            with models.book.atomic():
                for name in names:
                    Counter.update(value=Counter.value + 1).where(Counter.name == name).execute()
                    if len(tries) <= 2 and name == names[0]:
                        both_hold_one.wait(10)

        return operation

    postgresql_book.at_once(change("left", "right"), change("right", "left"))

    assert [row.value for row in Counter.select().where(Counter.name.in_(("left", "right")))] == [2, 2]
    assert len(tries) == 3


def test_a_server_that_takes_no_writes_is_away(postgresql_book):
    def write():
        with models.book.atomic():
            models.book.execute_sql("SET TRANSACTION READ ONLY")
            Counter.create(name="ours", value=1)

    with pytest.raises(DatabaseUnavailableError, match="read-only"):
        database.work(write)


def test_a_row_that_is_too_large_for_its_index_is_no_outage(postgresql_book):
    received = postgresql_book.customer()
    enormous = "".join(chr(0x4E00 + (number * 7919) % 20000) for number in range(9000))

    with pytest.raises(OperationalError, match="index row"):
        database.work(
            lambda: Case.update(customer_identifier=enormous).where(Case.case_id == received.case_id).execute()
        )


def test_a_statement_that_takes_too_long_is_cancelled_and_counts_as_an_outage(postgresql_book):
    def wait():
        with models.book.atomic():
            models.book.execute_sql("SET LOCAL statement_timeout = '50ms'")
            models.book.execute_sql("SELECT pg_sleep(10)")

    with pytest.raises(DatabaseUnavailableError, match="statement timeout"):
        database.work(wait)


def test_a_book_whose_disk_is_full_is_away_until_there_is_room(sqlite_book):
    message = sqlite_book.message("word " * 50_000)

    def receive(*, room):
        if not room:  # the limit belongs to the connection, and a failure makes a new one
            models.book.execute_sql("PRAGMA max_page_count = 1")  # as many as there are
        return cases.receive(message, now=message.timestamp, limits=sqlite_book.limits)

    with pytest.raises(DatabaseUnavailableError, match="disk is full"):
        database.work(lambda: receive(room=False))
    received = database.work(lambda: receive(room=True))

    assert not received.known
    assert models.Message.select().count() == 1


def test_a_book_that_somebody_else_holds_is_away_and_comes_back(sqlite_url):
    with database.opened(sqlite_url), closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(DatabaseUnavailableError, match="database is locked"):
            database.work(impatiently)
        other.rollback()

        assert database.work(impatiently) == 1


def impatiently():
    models.book.execute_sql("PRAGMA busy_timeout = 50")
    with models.book.atomic():
        return Counter.update(value=1).execute()


def test_a_file_that_is_damaged_is_away_and_does_not_end_the_program(tmp_path):
    (tmp_path / "casebook.db").write_bytes(b"This is no database. " * 500)
    database.open(f"sqlite:///{tmp_path}/casebook.db")

    with pytest.raises(DatabaseUnavailableError, match="not a database"):
        database.work(database.ping)

    database.close()
