"""The database becomes unavailable: nothing is acknowledged before it is stored, and nothing is lost."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from fixtures.cast import DORA, MAIL_CUSTOMERS, SHARED, SUPPORT
from fixtures.line import Line
from tests.stories.conftest import Play

BACK_WITHIN = 10  # seconds after the database is available again


async def health(play):
    """Status code and body of /health."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{play.bot.web.port}/health") as answer,
    ):
        return answer.status, await answer.json()


class Outage:
    """How a database becomes unavailable, and available again."""

    def __init__(self, url: str, begin: Callable[[], object], end: Callable[[], object], *, direct: str = "") -> None:
        self.url = url
        self.direct = direct or url  # for queries from outside
        self.begin = begin
        self.end = end


@asynccontextmanager
async def behind_a_line(url: str):
    """PostgreSQL that refuses connections."""
    parts = urlsplit(url)
    (folder,) = parse_qs(parts.query)["host"]
    async with Line.to(f"{folder}/.s.PGSQL.5432") as line:
        through = f"postgresql://{parts.username}@127.0.0.1:{line.port}{parts.path}?connect_timeout=2"
        yield Outage(through, line.refuse, line.mend, direct=url)


@asynccontextmanager
async def held_by_another(url: str):
    """A SQLite database that another program has locked."""
    other = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    yield Outage(url, lambda: other.execute("BEGIN IMMEDIATE"), lambda: other.execute("ROLLBACK"))
    other.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def outage(request):
    """A locked SQLite database, and a PostgreSQL server that refuses connections."""
    if request.param == "sqlite":
        opened = held_by_another(request.getfixturevalue("sqlite_url"))
    else:
        opened = behind_a_line(request.getfixturevalue("postgresql")())
    async with opened as outage:
        yield outage


async def until_health(play, wanted: int, within: float) -> str:
    """Wait until /health has this status; returns its text about the database."""
    async with asyncio.timeout(within):
        while True:
            status, body = await health(play)
            if status == wanted:
                return body["services"]["database"]


async def test_messages_from_while_the_database_was_unavailable_are_stored_afterwards(outage, stage, tmp_path):
    play = Play(stage, outage.url, tmp_path)
    async with play.performed():
        play.database_url = outage.direct
        await play.slack.write(DORA, SHARED, "Before")
        await play.until(lambda: play.slack.messages(SUPPORT), "the first card")

        outage.begin()
        await play.slack.write(DORA, SHARED, "Meanwhile")
        await play.mail("Meanwhile by mail", sender=MAIL_CUSTOMERS[0])
        red = await until_health(play, 503, 25)
        marks = set((await stage.mailbox.flags()).values())
        unacknowledged = await play.slack.redeliver()
        outage.end()
        green = await until_health(play, 200, BACK_WITHIN)
        await play.slack.redeliver()
        await play.until(lambda: len(play.slack.messages(SUPPORT)) == 2, "the card of the mail", BACK_WITHIN)
        await play.until(lambda: stored(play)[2:], "everything to be stored", BACK_WITHIN)

    assert (red, green) == ("disconnected", "connected")
    assert marks == {frozenset()}
    assert unacknowledged == 1
    assert stored(play) == ["Before", "Meanwhile", "Meanwhile by mail"]


def stored(play) -> list[str]:
    """The stored messages in alphabetical order."""
    return [text for (text,) in play.read("SELECT body FROM messages ORDER BY body")]
