"""Inspecting a database: what is found, and that nothing is left behind."""

import asyncio
import re
import sqlite3
from pathlib import Path

import psycopg
import pytest

from casebook import database
from casebook.admin import inspection
from casebook.admin.inspection import Between
from casebook.errors import DatabaseUnavailableError, DatabaseUrlError
from fixtures.pooler import Pooler


def everything(folder):
    """Every file with its bytes and the time of its last change."""
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}


def test_a_missing_file_is_not_created(tmp_path):
    facts = inspection.look(f"sqlite:///{tmp_path / 'none.db'}")

    assert facts is None
    assert everything(tmp_path) == {}


def test_inspection_shows_the_schema_and_leaves_the_folder_unchanged(sqlite_url, tmp_path):
    before = everything(tmp_path)

    facts = inspection.look(sqlite_url)

    assert facts.taken[0] == "0001_first_book"
    assert (facts.lacking, facts.unknown, facts.server) == ((), (), None)
    assert facts.version.startswith("SQLite 3.")
    assert everything(tmp_path) == before


def test_the_newest_rows_of_a_database_in_use_are_seen(sqlite_url, tmp_path):
    with sqlite3.connect(tmp_path / "casebook.db") as bot:
        bot.execute("INSERT INTO positions VALUES ('mail:us/INBOX', '7 42 2026-01-02', '2026-01-02')")
        bot.commit()

        facts = inspection.look(sqlite_url)

    bot.close()
    assert facts.positions == {"mail:us/INBOX": "7 42 2026-01-02"}


def test_a_database_of_a_newer_program_shows_the_unknown_step(sqlite_url, tmp_path):
    with sqlite3.connect(tmp_path / "casebook.db") as other:
        other.execute("INSERT INTO schema_migration (name, applied) VALUES ('9999_flying_cars', '2030-01-01 00:00:00')")
    other.close()

    assert inspection.look(sqlite_url).unknown == ("9999_flying_cars",)


def test_a_file_that_is_not_a_database_raises_an_error(tmp_path):
    path = tmp_path / "letter.db"
    path.write_text("Dear reader, " * 100, encoding="utf-8")

    with pytest.raises(DatabaseUnavailableError, match="not a database"):
        inspection.look(f"sqlite:///{path}")
    assert inspection.journal_mode(path) == ""


def test_the_journal_mode_is_read_without_opening_the_database(sqlite_url, tmp_path):
    old = tmp_path / "old.db"
    with sqlite3.connect(old) as other:
        other.execute("CREATE TABLE t (a)")
    other.close()

    assert inspection.journal_mode(tmp_path / "casebook.db") == "wal"
    assert inspection.journal_mode(old) == "rollback"


def test_a_lock_is_seen_while_a_bot_holds_it_and_no_file_is_created(sqlite_url, tmp_path):
    free = inspection.is_locked(sqlite_url)
    files = set(everything(tmp_path))
    with database.lock_book(sqlite_url):
        held = inspection.is_locked(sqlite_url)
    given_back = inspection.is_locked(sqlite_url)

    assert (free, held, given_back) == (False, True, False)
    assert files == {"casebook.db"}


def test_a_url_of_another_database_is_refused():
    with pytest.raises(DatabaseUrlError):
        inspection.look("mysql://localhost/book")


def test_an_empty_postgresql_database_lacks_every_step_and_stays_empty(postgresql):
    url = postgresql("template1")

    facts = inspection.look(url)

    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert facts.taken == ()
    assert "0001_first_book" in facts.lacking
    assert facts.server.may_create
    assert not facts.server.read_only
    assert tables == (0,)


def test_postgresql_without_a_pooler_shows_its_version(postgresql):
    facts = inspection.look(postgresql())

    assert re.fullmatch(r"PostgreSQL \d+(\.\d+)?", facts.version)
    assert facts.lacking == ()
    assert facts.server.between is Between.NOTHING


def test_a_role_without_write_privileges_is_seen(postgresql):
    url = postgresql()
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS reader")
        owner.execute("CREATE ROLE reader LOGIN IN ROLE pg_read_all_data")

    facts = inspection.look(url.replace("postgres:@", "reader:@", 1))

    assert not facts.server.may_create
    assert {"cases", "messages", "ledger"} <= set(facts.server.not_ours)


def test_a_read_only_database_is_seen(postgresql):
    url = postgresql()
    with psycopg.connect(url, autocommit=True) as owner:
        name = owner.info.dbname
        owner.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')

    assert inspection.look(url).server.read_only


@pytest.mark.parametrize(("sessions", "between"), [(False, Between.TRANSACTION_POOLER), (True, Between.SESSION_POOLER)])
async def test_a_pooler_and_its_kind_are_recognised(postgresql, sessions, between):
    url = postgresql()
    folder = Path(url.partition("host=")[2])
    async with Pooler.before(str(folder / ".s.PGSQL.5432"), sessions=sessions) as pooler:
        pooled = url.replace("postgres:@/", f"postgres:@127.0.0.1:{pooler.port}/").partition("?")[0]

        facts = await asyncio.to_thread(inspection.look, pooled)

    assert facts.server.between is between


def test_the_error_of_an_unreachable_server_hides_the_password():
    with pytest.raises(DatabaseUnavailableError) as caught:
        inspection.look("postgresql://casebook:swordfish@127.0.0.1:1/book")

    assert "Connection refused" in str(caught.value)
    assert "swordfish" not in str(caught.value)


def test_a_connection_limit_of_one_is_recognised(postgresql):
    url = postgresql()
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("DROP ROLE IF EXISTS lonely")
        owner.execute("CREATE ROLE lonely LOGIN CONNECTION LIMIT 1 IN ROLE pg_read_all_data")

    facts = inspection.look(url.replace("postgres:@", "lonely:@", 1))

    assert facts.server.between is Between.NO_ROOM
