"""The complete bot with both stand-ins, over the real protocols, with a fresh database."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.mail.worker.job import ReadMail, read_on_a_thread
from bot.main import Bot
from bot.runtime.tempo import Tempo
from bot.settings import read_settings
from bot.slack.delivery import lookup
from fixtures.cast import INBOX
from fixtures.stage import Stage, set_stage
from tests.stories.programs import BARE, Loaded, Program, begin

QUICK = Tempo(posts=20, look=0.05)

# Start modules may set this; posts are in the history of the stand-in at once.
lookup.LOOK_AFTER, lookup.LOOK_AGAIN = 0.2, 0.3


class Play:
    """One story: the stand-ins, the bot, and queries on the database from outside."""

    def __init__(self, stage: Stage, database_url: str, folder: Path) -> None:
        self.stage = stage
        self.slack = stage.workspace
        self.database_url = database_url
        self._folder = folder
        self._bot: Bot | None = None

    @property
    def bot(self) -> Bot:
        """The bot that is running."""
        assert self._bot is not None
        return self._bot

    @asynccontextmanager
    async def performed(
        self, *, tempo: Tempo | None = QUICK, read_mail: ReadMail | None = read_on_a_thread, **changes: str
    ) -> AsyncIterator["Play"]:
        """Run the bot until the block ends; then check that the stand-in refused none of its calls.

        By default the bot posts twenty times as fast as Slack allows, and parses mails in its own process. With None
        for one of the two it does what the program does.
        """
        settings = read_settings(self.stage.environment(self.database_url, **changes), self._folder)
        self._bot = Bot(settings, tempo=tempo, read_mail=read_mail)
        try:
            await self._bot.start()
            yield self
        finally:
            await self._bot.stop()
        assert self.slack.refused == []

    async def until(self, condition: Callable[[], Any], what: str, patience: float = 15) -> Any:
        """Wait until a condition on Slack holds."""
        return await self.slack.until(condition, patience, what)

    async def mail(self, text: str, *, sender: str, subject: str = "A question", **headers: str) -> None:
        """Deliver a mail to the inbox."""
        assert self.stage.mailbox is not None
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, headers.pop("to", INBOX), subject
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        await self.stage.mailbox.deliver(mail.as_bytes())

    def shown(self, channel: Any) -> list[str]:
        """The posts of a channel with their threads."""
        posts = []
        for post in self.slack.messages(channel):
            replies = [self.slack.shows(reply) for reply in self.slack.thread(channel, post.ts)]
            posts.append("\n  ".join([self.slack.shows(post), *replies]))
        return posts

    def read(self, query: str) -> list[tuple[Any, ...]]:
        """Query the database from outside the bot."""
        if self.database_url.startswith("sqlite"):
            with closing(sqlite3.connect(self.database_url.removeprefix("sqlite:///"))) as connection:
                return connection.execute(query).fetchall()
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(query).fetchall()  # type: ignore[call-overload]


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """Both stand-ins."""
    async with set_stage() as stage:
        yield stage


@pytest.fixture
async def slack_stage() -> AsyncIterator[Stage]:
    """A stand-in Slack without mail."""
    async with set_stage(mail=False) as stage:
        yield stage


@pytest.fixture
def play(stage: Stage, sqlite_url: str, tmp_path: Path) -> Play:
    """A story with Slack and mail, on SQLite."""
    return Play(stage, sqlite_url, tmp_path)


@pytest.fixture
def slack_play(slack_stage: Stage, sqlite_url: str, tmp_path: Path) -> Play:
    """A story with Slack only, on SQLite."""
    return Play(slack_stage, sqlite_url, tmp_path)


@pytest.fixture
def play_on_both(stage: Stage, database_url: str, tmp_path: Path) -> Play:
    """A story with Slack and mail, on SQLite and on PostgreSQL."""
    return Play(stage, database_url, tmp_path)


@pytest.fixture(scope="session")
def loaded() -> Iterator[Loaded]:
    """Starts programs quickly."""
    loaded = Loaded()
    yield loaded
    loaded.end()


@pytest.fixture
async def program(loaded: Loaded, tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Starts programs in a separate folder, with only the given environment variables.

    They are forked from a process that has loaded the bot; with `afresh` they are started as a shell starts them.
    """
    started: list[Program] = []

    async def start(
        environment: dict[str, str], *, module: str = "bot", arguments: tuple[str, ...] = (), afresh: bool = False
    ) -> Program:
        begun = begin if afresh else loaded.start
        started.append(await begun(module, arguments, BARE | environment, tmp_path))
        return started[-1]

    yield start
    for each in started:
        if each.process.returncode is None:
            each.process.kill()
        await each.process.communicate()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the measured permission matrix."""
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, value in report.user_properties:
            if name == "permissions" and report.when == "call":
                terminalreporter.section("who may do what on Slack, as measured")
                terminalreporter.write_line(str(value))
