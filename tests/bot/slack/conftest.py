"""The Slack side's office against the stand-in Slack, on a fresh book, with a courier that is started when told."""

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.clock import Clock
from bot.desk import Desk
from bot.settings import read_settings
from bot.slack.context.context import SlackContext
from bot.slack.courier import Courier
from bot.slack.delivery.lookup import Lookup
from bot.slack.startup import open_office, web_client
from casebook import cases
from casebook.incoming import Incoming, Source, Standing
from casebook.outcomes import Received
from fixtures.cast import DORA, HOME_TEAM, SHARED, Person
from fixtures.stage import Stage
from fixtures.workspace import Workspace


class Delivering:
    """An office with its courier, and a look into the outbox from outside."""

    def __init__(self, context: SlackContext, slack: Workspace, path: Path) -> None:
        self.context = context
        self.slack = slack
        self.courier = Courier(context, Lookup(context, after=0.1, again=0.6), pace=20, look=0.05)
        self._path = path
        self._numbers = itertools.count(1)
        self._running: asyncio.Task[None] | None = None
        self.woken: list[Callable[[], None]] = []  # called whenever there is something to say

    async def do(self, operation: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """One operation on the book, now."""
        return await self.context.desk.do(operation, *arguments, **{"now": self.context.clock.now()} | named)

    async def asked(self, text: str = "The export is broken", person: Person = DORA, ts: str = "") -> Received:
        """A customer's message is in the book, and with its `ts` also in the stand-in."""
        now = self.context.clock.now()
        ts = ts or f"{int(now.timestamp())}.{next(self._numbers):06d}"
        message = Incoming(
            source=Source.SLACK,
            external_id=f"{HOME_TEAM}:{SHARED.channel_id}:{ts}",
            sender=person.user_id,
            sender_name=person.name,
            standing=Standing.CUSTOMER,
            timestamp=now,
            body=text,
            new_text=text,
            place=SHARED.channel_id,
            thread=ts,
        )
        received: Received = await self.do(cases.receive, message, limits=self.context.limits)
        return received

    def start(self) -> None:
        """Let the courier deliver from now on."""
        self._running = asyncio.create_task(self.courier.run())

    async def stop(self, within: float = 3) -> None:
        """Let it finish what it has in hand, at most so many seconds."""
        await self.courier.stop(within)
        if self._running is not None:
            await self._running

    def calls(self, method: str) -> list[Any]:
        """The calls of one method that reached Slack."""
        return [call for call in self.slack.calls if call.method == method]

    def outbox(self, columns: str = "kind, state") -> list[tuple[Any, ...]]:
        """The notices, the oldest first."""
        return self.read(f"SELECT {columns} FROM notices ORDER BY id")

    def read(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the book as another program would."""
        with closing(sqlite3.connect(self._path)) as connection:
            return connection.execute(query).fetchall()

    def write(self, statement: str) -> None:
        """Change the book as only a mistake would."""
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute(statement)

    async def until(self, condition: Callable[[], Any], within: float = 10) -> Any:
        """Wait until something is so."""
        async with asyncio.timeout(within):
            while not (result := condition()):  # noqa: ASYNC110 (the outbox tells nobody that it has changed)
                await asyncio.sleep(0.005)
        return result


@pytest.fixture
async def slack() -> AsyncIterator[Workspace]:
    """A stand-in Slack."""
    async with Workspace.running() as slack:
        yield slack


@pytest.fixture
async def at(slack: Workspace, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Delivering]:
    """`at.asked()` fills the outbox, `at.start()` lets the courier empty it."""
    settings = read_settings(Stage(slack, None).environment(sqlite_url), tmp_path)
    desk, clock = Desk(sqlite_url), Clock()
    woken: list[Callable[[], None]] = []
    async with aiohttp.ClientSession() as session:
        context = await open_office(
            settings,
            web_client(settings, session, clock),
            desk=desk,
            clock=clock,
            wake=lambda: [call() for call in woken] and None,
            count=lambda _source, _outcome: None,
        )
        at = Delivering(context, slack, tmp_path / "casebook.db")
        at.woken = woken
        yield at
        await at.stop(within=0.05)
    await desk.close()
