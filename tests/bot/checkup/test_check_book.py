"""The check of the database, and of a pooler before it."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from bot.checkup.book import Book, check_book, schema_finding
from bot.clock import Clock
from bot.reports.findings import Verdict
from casebook import database
from casebook.admin.inspection import BookFacts
from fixtures.pooler import Pooler


async def tried(url, clock=None):
    """The findings by name."""
    return {finding.what: finding async for finding in check_book(Book(url, clock or Clock()))}


def states(found):
    """The verdicts except that of the free space, which depends on the machine."""
    return {finding.state for finding in found.values() if finding.what != "free space"}


async def test_a_good_database_file_has_only_good_findings(sqlite_url):
    found = await tried(sqlite_url)

    assert list(found) == ["folder", "file", "free space", "lock", "version", "schema"]
    assert states(found) == {Verdict.OK}
    assert "write-ahead log" in found["file"].found
    assert found["lock"].found == "no bot is running on this book"


async def test_a_missing_database_file_is_no_fault_and_is_not_created(tmp_path):
    found = await tried(f"sqlite:///{tmp_path / 'new.db'}")

    assert states(found) == {Verdict.OK}
    assert "the first start makes it" in found["schema"].found
    assert list(tmp_path.iterdir()) == []


async def test_a_bot_that_uses_the_database_is_no_fault(sqlite_url):
    with database.lock_book(sqlite_url):
        found = await tried(sqlite_url)

    assert found["lock"].state is Verdict.OK
    assert "a bot is running" in found["lock"].found


async def test_a_missing_folder_is_reported(tmp_path):
    found = await tried(f"sqlite:///{tmp_path / 'no' / 'book.db'}")

    assert [(finding.what, finding.state) for finding in found.values()] == [("folder", Verdict.FAILED)]


async def test_a_file_that_is_no_database_is_reported(tmp_path):
    (tmp_path / "letter.db").write_text("Dear reader, " * 100, encoding="utf-8")

    found = await tried(f"sqlite:///{tmp_path / 'letter.db'}")

    assert found["file"].state is Verdict.FAILED
    assert "no SQLite database" in found["file"].found


async def test_a_damaged_database_is_reported(sqlite_url, tmp_path):
    path = tmp_path / "casebook.db"
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 8000)

    assert (await tried(sqlite_url))["book"].state is Verdict.FAILED


async def test_an_empty_file_is_a_new_database(tmp_path):
    (tmp_path / "book.db").touch()

    assert states(await tried(f"sqlite:///{tmp_path / 'book.db'}")) == {Verdict.OK}


async def test_a_folder_in_the_place_of_the_file_is_reported(tmp_path):
    (tmp_path / "book.db").mkdir()

    assert (await tried(f"sqlite:///{tmp_path / 'book.db'}"))["file"].state is Verdict.FAILED


async def test_a_database_of_a_newer_casebook_is_reported(sqlite_url, tmp_path):
    with sqlite3.connect(tmp_path / "casebook.db") as other:
        other.execute("INSERT INTO schema_migration (name, applied) VALUES ('9999_flying_cars', '2030-01-01 00:00:00')")
    other.close()

    found = await tried(sqlite_url)

    assert found["schema"].state is Verdict.FAILED
    assert "9999_flying_cars" in found["schema"].found


def test_a_database_that_lacks_steps_is_no_fault():
    facts = BookFacts(version="SQLite 3", taken=("0001_first_book",), lacking=("0002_more",), unknown=())

    finding = schema_finding(facts)

    assert finding.state is Verdict.OK
    assert finding.found.startswith("1 step behind")


async def test_a_good_postgresql_has_only_good_findings(postgresql):
    found = await tried(postgresql())

    assert list(found) == ["version", "connection", "rights", "clock", "schema"]
    assert states(found) == {Verdict.OK}


async def test_a_new_postgresql_database_is_good(postgresql):
    found = await tried(postgresql("template1"))

    assert states(found) == {Verdict.OK}
    assert "the first start makes them" in found["schema"].found


async def test_a_role_without_rights_and_a_different_clock_are_reported(postgresql):
    url = postgresql()
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS onlooker")
        owner.execute("CREATE ROLE onlooker LOGIN IN ROLE pg_read_all_data")
    clock = Clock()
    clock.push(timedelta(seconds=40))

    found = await tried(url.replace("postgres:@", "onlooker:@", 1), clock)

    assert found["rights"].state is Verdict.FAILED
    assert found["clock"].state is Verdict.WARNING


@pytest.mark.parametrize(("sessions", "state"), [(False, Verdict.FAILED), (True, Verdict.OK)])
async def test_only_a_transaction_pooler_is_a_fault(postgresql, sessions, state):
    url = postgresql()
    folder = Path(url.partition("host=")[2])
    async with Pooler.before(str(folder / ".s.PGSQL.5432"), sessions=sessions) as pooler:
        found = await tried(url.replace("postgres:@/", f"postgres:@127.0.0.1:{pooler.port}/").partition("?")[0])

    assert found["connection"].state is state
    assert "pooler" in found["connection"].found


async def test_an_unreachable_server_is_reported():
    found = await tried("postgresql://casebook:swordfish@127.0.0.1:1/book")

    assert list(found) == ["connection"]
    assert "Connection refused" in found["connection"].found
