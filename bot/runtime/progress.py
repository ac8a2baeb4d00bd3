"""Progress of long work: a bar on a terminal, a log line every few seconds elsewhere, nothing for short work."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import structlog
from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from bot.clock import Clock
from bot.logs import held_back

_log = structlog.get_logger("casebook.progress")

QUIET_SECONDS = 2.0  # shorter work is not shown
PACE_SECONDS = 5.0  # between two log lines of the same work

OnStep = Callable[[int, int], None]  # called with done and total; may be called from any thread


class Work:
    """Work that may take long, and its progress."""

    def __init__(self, what: str, unit: str) -> None:
        self.what = what
        self.unit = unit
        self.done = 0
        self.total: int | None = None  # not known yet

    @property
    def count(self) -> str:
        """Such as `1,200 of 5,300 mails`; empty while the total is not known."""
        return "" if self.total is None else f"{self.done:,} of {self.total:,} {self.unit}"


class Display(Protocol):
    """Where progress is shown."""

    def show(self, work: Work) -> None:
        """Show the progress; called at every step."""

    def end(self, work: Work) -> None:
        """Remove the work, finished or not; called only for work that was shown."""


class Progress:
    """Reports progress, so that the parts need not know whether there is a terminal."""

    def __init__(self, clock: Clock, display: Display | None = None, *, quiet_seconds: float = QUIET_SECONDS) -> None:
        self._clock = clock
        self._quiet_seconds = quiet_seconds
        self._display = display or Lines(clock)

    @classmethod
    def on_standard_error(cls, clock: Clock) -> "Progress":
        """Bars if standard error is a terminal that supports cursor movement, else log lines."""
        console = Console(stderr=True)
        return cls(clock, Bars(console) if sys.stderr.isatty() and not console.is_dumb_terminal else None)

    @contextmanager
    def of(self, what: str, unit: str) -> Iterator[OnStep]:
        """Show the work of the block if it takes long; the block calls the function it is given at every step."""
        watch = _Watch(Work(what, unit), self._clock, self._display, self._quiet_seconds)
        # The timer shows a long first step too. It waits in real time, and then reads the given clock.
        timer = threading.Timer(self._quiet_seconds, watch.look)
        timer.daemon = True
        timer.start()
        try:
            yield watch.step
        finally:
            timer.cancel()
            watch.end()


class _Watch:
    """Work in progress; called from the desk's thread, the event loop and the timer."""

    def __init__(self, work: Work, clock: Clock, display: Display, quiet_seconds: float) -> None:
        self._work = work
        self._clock = clock
        self._display = display
        self._shows_from = clock.monotonic() + quiet_seconds
        self._shown = False
        self._ended = False
        self._lock = threading.Lock()

    def step(self, done: int, total: int) -> None:
        with self._lock:
            self._work.done, self._work.total = done, total
        self.look()

    def look(self) -> None:
        with self._lock:
            if not self._ended and self._clock.monotonic() >= self._shows_from:
                self._shown = True
                self._display.show(self._work)

    def end(self) -> None:
        with self._lock:
            self._ended = True
            if self._shown:
                self._display.end(self._work)


class Lines:
    """Progress in the log: at most one line in `PACE_SECONDS` for each work, and one at its end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._logged: dict[Work, tuple[float, int]] = {}  # when it was last logged, and with how many done

    def show(self, work: Work) -> None:
        now = self._clock.monotonic()
        if work not in self._logged or now - self._logged[work][0] >= PACE_SECONDS:
            self._log(work, now)

    def end(self, work: Work) -> None:
        if self._logged[work][1] != work.done:
            self._log(work, self._clock.monotonic())
        del self._logged[work]

    def _log(self, work: Work, now: float) -> None:
        self._logged[work] = now, work.done
        _log.info(f"{work.what}: {work.count}" if work.count else work.what)


class Bars:
    """Progress as bars at the bottom of a terminal, removed when the work is over.

    While there is a bar, rich replaces `sys.stderr` and prints what is written to it, such as logs, above the bars.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = threading.Lock()
        self._tasks: dict[Work, TaskID] = {}
        self._bar: Bar | None = None

    def show(self, work: Work) -> None:
        with self._lock:
            if self._bar is None:
                self._bar = self._new_bar()
                with held_back():  # a half-written log line would end up in the bar
                    self._bar.start()
            if work in self._tasks:
                self._bar.update(self._tasks[work], completed=work.done, total=work.total, count=work.count)
            else:
                self._tasks[work] = self._bar.add_task(
                    work.what, completed=work.done, total=work.total, count=work.count
                )

    def end(self, work: Work) -> None:
        with self._lock:
            if self._bar is None:
                return
            self._bar.remove_task(self._tasks.pop(work))
            if not self._tasks:
                with held_back():
                    self._bar.stop()
                self._bar = None

    def _new_bar(self) -> Bar:
        return Bar(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[count]}", markup=False),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            redirect_stdout=False,  # the output of a command stays on standard output
        )
