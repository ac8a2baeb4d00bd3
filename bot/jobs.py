"""What happens by the clock, with `schedule`: the silence check, pruning, sweeping; what is due the database knows."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import islice

import schedule
import structlog

from bot.attachments import Store
from bot.clock import Clock
from bot.desk import Desk
from bot.status import Part
from casebook import attachments, escalation, notices, setback, waiting
from casebook.errors import CasebookError
from casebook.rules import Limits

log = structlog.get_logger("casebook.jobs")

PRUNING_SECONDS = 3600.0
CLOCK_SECONDS = 30.0
LOOK_SECONDS = 1.0
UNNEEDED_AFTER = timedelta(hours=1)  # a file is on disk a moment before its message is in the book
_TOGETHER = 500


class Jobs:
    """Runs the jobs one after the other on the event loop.

    `schedule` only says what is due: a job of its own that raised would not be scheduled again, and an `async def`
    would never run.
    """

    def __init__(
        self,
        *,
        desk: Desk,
        clock: Clock,
        limits: Limits,
        part: Part,
        check_seconds: float,
        on_due: Callable[[], None],
        store: Store | None = None,
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._limits = limits
        self._part = part
        self._on_due = on_due
        self._store = store
        self._work: dict[str, Callable[[], Awaitable[None]]] = {
            "silence": self.check_silence,
            "pruning": self.prune,
            "sweeping": self.sweep,
            "clock": self.bring_forward,
        }
        self._intervals = {
            "silence": check_seconds,
            "pruning": PRUNING_SECONDS,
            "sweeping": PRUNING_SECONDS,
            "clock": CLOCK_SECONDS,
        }
        self._due = set(self._work)  # everything once at the start: time has passed while we were away
        self._scheduler = schedule.Scheduler()
        self._plan()

    def _plan(self) -> None:
        self._scheduler.clear()
        for name, seconds in self._intervals.items():
            # Fractions of a second are fine for it, whatever its signature says.
            self._scheduler.every(seconds).seconds.do(self._due.add, name)  # type: ignore[arg-type]

    async def run(self) -> None:
        """Look what is due for ever; each look is a `step`."""
        pause = min(LOOK_SECONDS, *self._intervals.values())
        while True:
            await self.step()
            await asyncio.sleep(pause)

    async def step(self) -> None:
        """Do every job that is due; one that fails is told, and done again at the next step."""
        self._scheduler.run_pending()
        if (self._scheduler.idle_seconds or 0) > min(self._intervals.values()):
            self._plan()  # `schedule` goes by the wall clock, which was set back
        for name in sorted(self._due):
            try:
                await self._work[name]()
            except CasebookError as error:
                self._part.down(f"the job {name} failed: {error}")
                log.warning("job failed", job=name, error=type(error).__name__)
                return
            self._due.discard(name)
        self._part.up()

    async def check_silence(self) -> None:
        """Escalate every case that has been silent for too long, after what still waited for its thread is placed."""
        placed = await self._desk.do(waiting.settle_early, now=self._clock.now(), limits=self._limits)
        if placed:
            log.info("messages that came before their thread placed", count=placed)
            self._on_due()
        while True:
            done = await self._desk.do(escalation.escalate_due, now=self._clock.now(), limits=self._limits)
            if done.case_ids:
                log.info("silent cases escalated", cases=list(done.case_ids))
                self._on_due()
            if not done.more:
                return

    async def bring_forward(self) -> None:
        """Let nothing in the outbox wait because our clock was set back."""
        moved = await self._desk.do(setback.bring_forward, now=self._clock.now())
        if moved:
            log.warning("the clock was set back, and notices that waited for it are due", count=moved)
            self._on_due()

    async def prune(self) -> None:
        """Remove notices that were said long ago."""
        removed = await self._desk.do(notices.prune, now=self._clock.now())
        if removed:
            log.info("old notices removed", count=removed)

    async def sweep(self) -> None:
        """Remove attachments to which no message refers any more: of deleted messages, and what a crash left."""
        if self._store is None:
            return
        moment = self._clock.now() - UNNEEDED_AFTER
        try:
            removed = await self._sweep(self._store, moment)
        except OSError as error:
            log.warning("attachments not swept", error=type(error).__name__)
            return
        if removed:
            log.info("attachments without a message removed", count=removed)

    async def _sweep(self, store: Store, moment: datetime) -> int:
        found = iter(await asyncio.to_thread(lambda: list(store.older_than(moment))))
        removed = 0
        while some := list(islice(found, _TOGETHER)):
            for sha256 in await self._desk.do(attachments.unneeded, some):
                removed += await asyncio.to_thread(store.remove, sha256, older_than=moment)
        return removed
