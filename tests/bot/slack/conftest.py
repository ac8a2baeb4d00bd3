"""A SlackContext for the stand-in Slack and a new database, with a courier that a test starts."""

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
from bot.runtime.tempo import Tempo
from bot.settings import read_settings
from bot.slack.context.context import SlackContext
from bot.slack.courier import Courier
from bot.slack.delivery.lookup import Lookup
from bot.slack.startup import open_context, web_client
from casebook import cases
from casebook.incoming import Incoming, Source, Standing
from casebook.outcomes import Received
from fixtures.cast import DORA, HOME_TEAM, SHARED, Person
from fixtures.stage import Stage
from fixtures.workspace import Workspace


class Harness:
    """A SlackContext with its courier, and direct access to the database."""

    def __init__(self, context: SlackContext, slack: Workspace, path: Path) -> None:
        self.context = context
        self.slack = slack
        self.courier = Courier(context, Lookup(context, after=0.1, again=0.6), tempo=Tempo(posts=20, look=0.05))
        self._path = path
        self._numbers = itertools.count(1)
        self._running: asyncio.Task[None] | None = None
        self.woken: list[Callable[[], None]] = []  # called whenever there is something to post

    async def do(self, operation: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Run one database operation, with the current time."""
        return await self.context.desk.do(operation, *arguments, **{"now": self.context.clock.now()} | named)

    async def asked(self, text: str = "The export is broken", person: Person = DORA, ts: str = "") -> Received:
        """Store a customer's message; with `ts`, one that is in the stand-in as well."""
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
        """Start the courier."""
        self._running = asyncio.create_task(self.courier.run())

    async def stop(self, within: float = 3) -> None:
        """Stop the courier; it may finish running deliveries within so many seconds."""
        await self.courier.stop(within)
        if self._running is not None:
            await self._running

    def calls(self, method: str) -> list[Any]:
        """The calls of one method that the stand-in received."""
        return [call for call in self.slack.calls if call.method == method]

    def outbox(self, columns: str = "kind, state") -> list[tuple[Any, ...]]:
        """The notices, the oldest first."""
        return self.read(f"SELECT {columns} FROM notices ORDER BY id")

    def read(self, query: str) -> list[tuple[Any, ...]]:
        """Query the database over a separate connection."""
        with closing(sqlite3.connect(self._path)) as connection:
            return connection.execute(query).fetchall()

    def write(self, statement: str) -> None:
        """Change the database behind the bot's back."""
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute(statement)

    async def until(self, condition: Callable[[], Any], within: float = 10) -> Any:
        """Wait until a condition is true, and return its value; raises TimeoutError."""
        async with asyncio.timeout(within):
            while not (result := condition()):  # noqa: ASYNC110 (the outbox has no notifications)
                await asyncio.sleep(0.005)
        return result


@pytest.fixture
async def slack() -> AsyncIterator[Workspace]:
    """A stand-in Slack."""
    async with Workspace.running() as slack:
        yield slack


@pytest.fixture
async def at(slack: Workspace, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Harness]:
    """`at.asked()` fills the outbox, `at.start()` starts the courier that empties it."""
    settings = read_settings(Stage(slack, None).environment(sqlite_url), tmp_path)
    desk, clock = Desk(sqlite_url), Clock()
    woken: list[Callable[[], None]] = []
    async with aiohttp.ClientSession() as session:
        context = await open_context(
            settings,
            web_client(settings, session, clock),
            desk=desk,
            clock=clock,
            wake=lambda: [call() for call in woken] and None,
            count=lambda _source, _outcome: None,
        )
        at = Harness(context, slack, tmp_path / "casebook.db")
        at.woken = woken
        yield at
        await at.stop(within=0.05)
    await desk.close()
