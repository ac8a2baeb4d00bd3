import io
import threading

import pyte
import pytest
from rich.console import Console
from structlog.testing import capture_logs

from bot.clock import Clock
from bot.runtime.progress import PACE_SECONDS, QUIET_SECONDS, Bars, Progress
from casebook import database


class HandSet(Clock):
    """A clock that moves only when it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 100.0

    def monotonic(self) -> float:
        return self.seconds

    def pass_(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def clock() -> HandSet:
    return HandSet()


class Screen:
    """The screen of a terminal with 100 columns."""

    def __init__(self) -> None:
        self.written = io.StringIO()
        self.console = Console(file=self.written, force_terminal=True, width=100)

    @property
    def lines(self) -> list[str]:
        self._screen = pyte.Screen(100, 24)
        pyte.Stream(self._screen).feed(self.written.getvalue().replace("\n", "\r\n"))
        return [line.rstrip() for line in self._screen.display if line.strip()]

    @property
    def cursor_is_hidden(self) -> bool:
        assert self.lines is not None
        return bool(self._screen.cursor.hidden)


def said(logs) -> list[str]:
    return [entry["event"] for entry in logs]


def test_short_work_is_not_shown(clock):
    with capture_logs() as logs, Progress(clock).of("reading the inbox", "mails") as on_step:
        clock.pass_(QUIET_SECONDS / 2)
        on_step(50, 60)
        on_step(60, 60)

    assert logs == []


def test_without_a_terminal_there_is_a_line_every_few_seconds_and_one_at_the_end(clock):
    with capture_logs() as logs, Progress(clock).of("reading the inbox", "mails") as on_step:
        for done in range(0, 5300, 100):
            on_step(done, 5300)
            clock.pass_(0.5)
        on_step(5300, 5300)

    assert said(logs) == [
        "reading the inbox: 400 of 5,300 mails",
        "reading the inbox: 1,400 of 5,300 mails",
        "reading the inbox: 2,400 of 5,300 mails",
        "reading the inbox: 3,400 of 5,300 mails",
        "reading the inbox: 4,400 of 5,300 mails",
        "reading the inbox: 5,300 of 5,300 mails",
    ]
    assert (QUIET_SECONDS, PACE_SECONDS) == (2.0, 5.0)


def test_two_works_at_once_have_each_their_own_pace(clock):
    progress = Progress(clock)
    with (
        capture_logs() as logs,
        progress.of("reading the inbox", "mails") as read,
        progress.of("reading Slack", "posts") as caught_up,
    ):
        clock.pass_(3)
        read(1, 4)
        caught_up(1, 2)
        clock.pass_(1)
        read(2, 4)
        clock.pass_(4)
        read(3, 4)

    assert said(logs) == [
        "reading the inbox: 1 of 4 mails",
        "reading Slack: 1 of 2 posts",
        "reading the inbox: 3 of 4 mails",
    ]


def test_a_long_first_step_is_shown():
    shown = threading.Event()

    class Told:
        def show(self, work):
            shown.set()

        def end(self, work):
            pass

    with Progress(Clock(), Told(), quiet_seconds=0.01).of("bringing the schema up to date", "steps"):
        assert shown.wait(10)


def fail_at_the_first_step(progress, clock) -> None:
    with progress.of("reading the inbox", "mails") as on_step:
        clock.pass_(3)
        on_step(1, 2)
        raise RuntimeError("the server is gone")


def test_the_bar_of_work_that_fails_is_removed(clock):
    screen = Screen()

    with pytest.raises(RuntimeError, match="the server is gone"):
        fail_at_the_first_step(Progress(clock, Bars(screen.console)), clock)

    assert "reading the inbox" in screen.written.getvalue()
    assert screen.lines == []
    assert not screen.cursor_is_hidden


def test_bars_stand_below_one_another_and_leave_nothing_behind(clock):
    screen = Screen()
    progress = Progress(clock, Bars(screen.console))
    seen = []

    with progress.of("reading the inbox", "mails") as read, progress.of("reading Slack", "posts") as caught_up:
        clock.pass_(3)
        read(1200, 5300)
        caught_up(1, 2)
        screen.console.print("a line of the log")
        seen = screen.lines

    assert seen[0] == "a line of the log"
    assert "reading the inbox" in seen[1]
    assert "1,200 of 5,300 mails" in seen[1]
    assert "1 of 2 posts" in seen[2]
    assert screen.lines == ["a line of the log"]
    assert not screen.cursor_is_hidden


def test_a_step_that_comes_after_the_end_shows_nothing(clock):
    screen = Screen()

    with Progress(clock, Bars(screen.console)).of("bringing the schema up to date", "steps") as on_step:
        pass
    clock.pass_(60)
    on_step(1, 1)

    assert screen.written.getvalue() == ""


def test_every_migration_is_reported_before_and_after(tmp_path):
    told = []

    with database.opened(f"sqlite:///{tmp_path / 'new.db'}"):
        taken = database.work(lambda: database.migrate(lambda *step: told.append(step)))
        database.work(lambda: database.migrate(lambda *step: told.append(step)))

    assert told == [(number, len(taken)) for number in range(len(taken) + 1)]
