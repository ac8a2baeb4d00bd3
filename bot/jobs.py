"""The periodic jobs: the silence check, pruning, sweeping; the database says what is due."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice

import structlog

from bot.clock import Clock
from bot.desk import Desk
from bot.files.store import Store
from bot.runtime.scheduler import Job, Scheduler
from bot.status import Part
from casebook import escalation, notices
from casebook.admin import clock_skew
from casebook.conversation import attachments
from casebook.intake import pending
from casebook.rules import Limits

log = structlog.get_logger("casebook.jobs")

PRUNING_SECONDS = 3600.0
QUICK_SECONDS, SLOW_SECONDS = 60.0, 1800.0  # how long a job may take; listing a large folder takes long
CLOCK_SECONDS = 30.0
UNNEEDED_AFTER = timedelta(hours=1)  # a file is on disk before its message is in the database
_TOGETHER = 500


class Jobs:
    """The jobs and their scheduler."""

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
        self._on_due = on_due
        self._store = store
        jobs = (
            Job(name="silence", every=check_seconds, within=QUICK_SECONDS, run=self.check_silence),
            Job(name="pruning", every=PRUNING_SECONDS, within=QUICK_SECONDS, run=self.prune),
            Job(name="sweeping", every=PRUNING_SECONDS, within=SLOW_SECONDS, run=self.sweep),
            Job(name="clock", every=CLOCK_SECONDS, within=QUICK_SECONDS, run=self.bring_forward),
        )
        self._scheduler = Scheduler(jobs, clock=clock, part=part)

    async def run(self) -> None:
        """Run the jobs until `stop`."""
        await self._scheduler.run()

    async def step(self) -> None:
        """Run every job that is due, once."""
        await self._scheduler.step()

    async def stop(self, within: float) -> None:
        """Finish the running jobs within so many seconds."""
        await self._scheduler.stop(within)

    async def check_silence(self) -> None:
        """Assign the replies that waited for their thread, then escalate every case that is silent for too long."""
        placed = await self._desk.do(pending.settle_early, now=self._clock.now(), limits=self._limits)
        if placed:
            log.info("replies assigned to their threads", count=placed)
            self._on_due()
        while True:
            done = await self._desk.do(escalation.escalate_due, now=self._clock.now(), limits=self._limits)
            if done.case_ids:
                log.info("silent cases escalated", cases=list(done.case_ids))
                self._on_due()
            if not done.more:
                return

    async def bring_forward(self) -> None:
        """Make notices due that would wait too long because the clock was set back."""
        moved = await self._desk.do(clock_skew.bring_forward, now=self._clock.now())
        if moved:
            log.warning("clock was set back, notices made due", count=moved)
            self._on_due()

    async def prune(self) -> None:
        """Delete notices that were delivered long ago."""
        removed = await self._desk.do(notices.prune, now=self._clock.now())
        if removed:
            log.info("old notices removed", count=removed)

    async def sweep(self) -> None:
        """Delete attachments to which no message refers: those of deleted messages, and those that a crash left."""
        if self._store is None:
            return
        moment = self._clock.now() - UNNEEDED_AFTER
        try:
            removed = await self._sweep(self._store, moment)
        except OSError as error:
            log.warning("attachments not readable", error=type(error).__name__)
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
