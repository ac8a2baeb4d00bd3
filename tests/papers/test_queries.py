"""The lines of the page about the database run, and answer what they promise."""

import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from casebook import cases, database, ledger, notices
from casebook.incoming import Incoming, Source, Standing
from casebook.rules import Limits
from fixtures.cast import DORA, FAYE, HOME_TEAM, SHARED
from tests.papers import page

SECTION = page.database().section("Queries")
LINES = [line for block in SECTION.blocks() for line in block.splitlines()]
ON_BOTH = {found[1]: line for line in LINES if (found := re.fullmatch(r'sqlite3 -box casebook\.db "(.+)"', line))}
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def message(text: str, sender: str, minute: int) -> Incoming:
    at = NOON + timedelta(minutes=minute)
    return Incoming(
        source=Source.SLACK,
        external_id=f"{HOME_TEAM}:{SHARED.channel_id}:{at.timestamp():.6f}",
        sender=sender,
        standing=Standing.CUSTOMER,
        timestamp=at,
        body=text,
        new_text=text,
        place=SHARED.channel_id,
        thread=f"{at.timestamp():.6f}",
    )


def write_a_day() -> None:
    """Two open cases, one of them escalated, something left out, something unreadable, something refused."""
    cases.receive(message("URGENT: nobody can log in", FAYE.user_id, 1), now=NOON, limits=Limits())
    cases.receive(message("The export stops", DORA.user_id, -5), now=NOON, limits=Limits())
    ledger.ignore(Source.SLACK, "T:C:1.0", reason="a bot wrote it", now=NOON)
    for number in range(10):
        ledger.quarantine(
            source=Source.EMAIL, external_id=f"sha256:{number}", raw=b"not a mail", reason="No sender.", now=NOON
        )
    claimed = notices.claim(notices.ALERTS, now=NOON + timedelta(minutes=2))
    assert claimed is not None
    notices.mark_failed(claimed, error="not_in_channel", retry_at=NOON)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A book after a day's work; what only looks into it changes nothing, so one is enough for all."""
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("a-day") / "casebook.db"
        url = f"sqlite:///{shutil.copy(request.getfixturevalue('migrated_file'), file)}"
    else:
        url = request.getfixturevalue("postgresql")()
    with database.opened(url):
        database.work(write_a_day)
    return str(url)


def ask(url: str, query: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The names of the columns and the rows, as sqlite3 and psql would show them."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            answer = connection.execute(query)
            return [column[0] for column in answer.description], answer.fetchall()
    with psycopg.connect(url) as connection:
        shown = connection.execute(query)  # type: ignore[call-overload]
        return [column.name for column in shown.description], shown.fetchall()


def about(*words: str) -> str:
    """The query of the page that holds these words."""
    (found,) = [query for query in ON_BOTH if all(word in query for word in words)]
    return found


@pytest.mark.parametrize("query", ON_BOTH)
def test_every_line_of_the_page_runs_on_both_databases_and_finds_something(book, query):
    names, rows = ask(book, query)

    assert names
    assert rows


def test_what_is_open_is_told_with_the_longest_waiting_first(book):
    _, rows = ask(book, about("status = 'open'"))

    assert [row[1] for row in rows] == [DORA.user_id, FAYE.user_id]


def test_why_cases_are_escalated_is_told_with_the_evidence(book):
    _, rows = ask(book, about("reasons"))

    assert [(row[0], row[2], row[3]) for row in rows] == [("CASE-0001", "keywords", 'says "urgent"')]


def test_what_was_left_out_is_counted_by_its_reason(book):
    assert ask(book, about("ignored", "COUNT")) == (["reason", "items"], [("a bot wrote it", 1)])


def test_what_could_not_be_sent_is_told_with_slacks_word(book):
    names, rows = ask(book, about("failed"))

    assert [row[names.index("error")] for row in rows] == ["not_in_channel"]


def test_what_could_not_be_read_can_be_written_to_a_file(book):
    written = {}
    (line,) = (
        [line for line in LINES if "writefile" in line]
        if book.startswith("sqlite")
        else [line for line in LINES if line.startswith("psql")]
    )
    query = re.search(r'"(SELECT .+?)"', line)[1]

    if book.startswith("sqlite"):
        with closing(sqlite3.connect(book.removeprefix("sqlite:///"))) as connection:
            connection.create_function("writefile", 2, written.__setitem__)
            connection.execute(query).fetchall()
        assert written == {"mail-12.eml": b"not a mail"}
    else:
        assert ask(book, query)[1] == [("bm90IGEgbWFpbA==",)]


def test_every_line_looks_and_none_changes_anything():
    assert len(ON_BOTH) > 5
    assert all(query.startswith("SELECT ") for query in ON_BOTH)
