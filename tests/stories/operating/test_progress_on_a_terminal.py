"""The progress of long work, on a pseudo-terminal and in a log."""

import asyncio
import fcntl
import json
import os
import pty
import re
import sqlite3
import struct
import sys
import termios
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pyte
import pytest

from casebook import database
from casebook.models import Case
from fixtures.cast import INBOX

ROOT = Path(__file__).parents[3]
COLUMNS, LINES = 240, 400
MAILS = 150


class Terminal:
    """A pseudo-terminal with a program; `screen` is the visible text."""

    def __init__(self) -> None:
        self._ours, self._theirs = pty.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self._screen = pyte.Screen(COLUMNS, LINES)
        self._stream = pyte.ByteStream(self._screen)
        self.before = termios.tcgetattr(self._theirs)
        self.process: asyncio.subprocess.Process | None = None

    async def run(self, environment: dict[str, str], folder: Path, *arguments: str) -> None:
        """Start Python on it like a shell does, so that Ctrl-C on the terminal sends a signal."""
        # The first terminal that a session leader opens becomes its controlling terminal.
        self.process = await asyncio.create_subprocess_exec(
            "sh",
            "-c",
            'exec "$@" <"$0" >"$0" 2>&1',
            os.ttyname(self._theirs),
            sys.executable,
            *arguments,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"} | environment,
            cwd=folder,
            start_new_session=True,
        )
        asyncio.get_running_loop().add_reader(self._ours, self._read)

    def _read(self) -> None:
        self._stream.feed(os.read(self._ours, 65536))
        self.__dict__.pop("lines", None)

    @cached_property
    def lines(self) -> list[str]:
        """What stands on the screen; until it changes it is looked at once."""
        return [line.rstrip() for line in self._screen.display if line.strip()]

    async def until(self, condition: Callable[[], Any], what: str = "", patience: float = 30) -> None:
        """Wait until a condition on the screen holds."""
        try:
            async with asyncio.timeout(patience):
                while not condition():  # noqa: ASYNC110 (a screen tells nobody that it has changed)
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError("\n".join(("waited for", what, *self.lines))) from None

    def press_ctrl_c(self) -> None:
        """Type on the terminal."""
        os.write(self._ours, b"\x03")

    async def ended(self) -> int:
        """The program's exit status, after all its output is on the screen."""
        assert self.process is not None
        async with asyncio.timeout(30):
            status = await self.process.wait()
        os.write(self._theirs, b"THE END")
        await self.until(lambda: "THE END" in self.lines[-1])
        return status

    @property
    def is_clean(self) -> bool:
        """Whether the cursor is visible at the beginning of a line, and the terminal settings are restored."""
        settings = termios.tcgetattr(self._theirs)
        return not self._screen.cursor.hidden and self.lines[-1] == "THE END" and settings == self.before

    async def close(self) -> None:
        """Close it, and kill the program."""
        if self.process is not None:
            asyncio.get_running_loop().remove_reader(self._ours)
            if self.process.returncode is None:
                self.process.kill()
                await self.process.wait()
        os.close(self._ours)
        os.close(self._theirs)


@pytest.fixture
async def terminal() -> AsyncIterator[Terminal]:
    """A terminal for one program."""
    terminal = Terminal()
    yield terminal
    await terminal.close()


async def fill_inbox(mailbox: Any) -> None:
    """Many people have written once."""
    for number in range(MAILS):
        await mailbox.deliver(
            f"From: customer{number}@customer.example.com\r\nTo: {INBOX}\r\nSubject: Question {number}\r\n"
            f"Message-ID: <question-{number}@customer.example.com>\r\n\r\nWhen?\r\n".encode()
        )


def fill_book(url: str, count: int) -> None:
    """A database with many cases that have been silent for a year."""
    then = datetime.now(UTC) - timedelta(days=365)
    rows = [
        {
            "case_id": f"CASE-{number:04d}", "number": number, "customer_identifier": f"U{number}", "source": "slack",
            "created_at": then, "last_message_at": then, "silent_since": then, "message_count": 1,
        }
        for number in range(1, count + 1)
    ]  # fmt: skip
    with database.opened(url):
        for start in range(0, count, 500):
            database.work(lambda some=rows[start : start + 500]: Case.insert_many(some).execute())


def stored(url: str) -> int:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        return int(connection.execute("SELECT COUNT(*) FROM messages").fetchone()[0])


def told(terminal: Terminal) -> list[int]:
    """The ledger rows in the log on the screen."""
    return [int(number) for line in terminal.lines for number in re.findall(r"ledger=(\d+)", line)]


async def stall(mailbox: Any, url: str) -> None:
    """Let the mail server stop sending after some mails, so that reading the rest takes long."""
    async with asyncio.timeout(20):
        while not stored(url):  # noqa: ASYNC110 (the book tells nobody that it has changed)
            await asyncio.sleep(0.005)
    mailbox.blackhole()


async def test_the_first_reading_of_a_big_inbox_shows_a_bar_below_the_log(terminal, stage, sqlite_url, tmp_path):
    await fill_inbox(stage.mailbox)
    await terminal.run(stage.environment(sqlite_url), tmp_path, "-m", "bot")
    await stall(stage.mailbox, sqlite_url)

    await terminal.until(lambda: any("of 150 mails" in line for line in terminal.lines))
    *log, last = terminal.lines
    stage.mailbox.mend()
    await terminal.until(lambda: told(terminal) == list(range(1, MAILS + 1)), "the bar costs no line of the log")
    await terminal.until(lambda: not any("of 150 mails" in line for line in terminal.lines), "the bar to go")
    terminal.press_ctrl_c()
    status = await terminal.ended()

    assert re.search(r"reading the inbox ━.* \d+ of 150 mails", last)
    assert "outcome" not in last, "the bar and a line of the log do not share a line"
    assert not any("of 150 mails" in line for line in log)
    assert status == 0
    assert terminal.is_clean


async def test_ctrl_c_while_the_inbox_is_read_ends_the_bot_cleanly(terminal, stage, sqlite_url, tmp_path):
    await fill_inbox(stage.mailbox)
    await terminal.run(stage.environment(sqlite_url), tmp_path, "-m", "bot")
    await stall(stage.mailbox, sqlite_url)
    await terminal.until(lambda: any("of 150 mails" in line for line in terminal.lines))

    terminal.press_ctrl_c()
    stage.mailbox.mend()
    status = await terminal.ended()

    assert status == 0
    assert terminal.is_clean
    assert 0 < stored(sqlite_url) < MAILS
    assert not any("of 150 mails" in line or "Traceback" in line for line in terminal.lines)


async def test_without_a_terminal_the_log_says_how_far_the_reading_is(program, stage, sqlite_url):
    await fill_inbox(stage.mailbox)
    bot = await program(stage.environment(sqlite_url))
    await stall(stage.mailbox, sqlite_url)

    first = json.loads(await bot.says("reading the inbox: "))
    stage.mailbox.mend()
    await bot.says("reading the inbox: 150 of 150 mails")

    assert re.fullmatch(r"reading the inbox: \d+ of 150 mails", first["event"])
    assert first["level"] == "info"
    assert sum("reading the inbox" in line for line in bot.log) <= 3


async def test_due_cases_are_escalated_with_a_bar_and_ctrl_c_ends_it(terminal, slack_stage, sqlite_url, tmp_path):
    fill_book(sqlite_url, 1200)
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # another process holds the write lock, so it takes long
        await terminal.run(slack_stage.environment(sqlite_url), tmp_path, "-m", "bot.cli", "escalate-due")
        await terminal.until(lambda: any("0 of 1,200 cases" in line for line in terminal.lines))

        terminal.press_ctrl_c()
        other.execute("ROLLBACK")
    status = await terminal.ended()

    assert status == 130
    assert terminal.is_clean
    assert terminal.lines[-2] == "Interrupted. What was finished is kept; the same command goes on from there."
    assert not any("Traceback" in line for line in terminal.lines)


async def test_short_work_shows_no_bar(terminal, slack_stage, sqlite_url, tmp_path):
    fill_book(sqlite_url, 3)
    await terminal.run(slack_stage.environment(sqlite_url), tmp_path, "-m", "bot.cli", "escalate-due")

    status = await terminal.ended()

    assert status == 0
    assert [line.split()[1:] for line in terminal.lines[:-1]] == [["is", "escalated."]] * 3
    assert terminal.is_clean
