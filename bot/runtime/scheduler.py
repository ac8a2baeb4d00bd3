"""Runs periodic jobs, each in a task of its own, so that one that hangs or fails delays no other."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import schedule
import structlog

from bot.clock import Clock
from bot.runtime.backoff import Backoff
from bot.runtime.waiting import pause
from bot.status import Part
from casebook.errors import CasebookError

log = structlog.get_logger("casebook.jobs")

LOOK_SECONDS = 1.0
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to run, how often, and how long it may take (seconds)."""

    name: str
    every: float
    within: float
    run: Callable[[], Awaitable[None]]


class _SteadyJob(schedule.Job):
    """A job measured with the monotonic clock: `schedule` reads the local time, and offers no other clock."""

    def __init__(self, seconds: float, scheduler: schedule.Scheduler, clock: Clock) -> None:
        super().__init__(seconds, scheduler)  # type: ignore[arg-type] # fractions are fine, whatever it says
        self._clock = clock

    def _moment(self) -> datetime:
        return _BEGINNING + timedelta(seconds=self._clock.monotonic())

    @property
    def should_run(self) -> bool:
        return self.next_run is not None and self._moment() >= self.next_run

    def _schedule_next_run(self) -> None:
        self.next_run = self._moment() + timedelta(seconds=self.interval)


class Scheduler:
    """Runs each job at its interval, and reports in the status which jobs fail, and why.

    `schedule` only says what is due, since it does not run an `async def`. What it runs itself cannot raise.
    """

    def __init__(self, jobs: Sequence[Job], *, clock: Clock, part: Part) -> None:
        self._jobs = jobs
        self._clock = clock
        self._part = part
        self._due = {job.name for job in jobs}  # at the start every job is due
        self._failures: dict[str, str] = {}
        self._backoffs = {job.name: Backoff(LOOK_SECONDS, 60 * LOOK_SECONDS) for job in jobs}
        self._scheduler = schedule.Scheduler()
        for job in jobs:
            steady: Any = _SteadyJob(job.every, self._scheduler, clock)
            steady.seconds.do(self._due.add, job.name)
        self._stopping = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Run the jobs until `stop`, each in a loop of its own."""
        self._running = asyncio.current_task()
        async with asyncio.TaskGroup() as tasks:
            for job in self._jobs:
                tasks.create_task(self._repeat(job), name=f"job {job.name}")

    async def stop(self, within: float) -> None:
        """Finish the running jobs within so many seconds, else cancel them; every job is due at the next start."""
        self._stopping.set()
        if self._running is None:
            return
        _, late = await asyncio.wait({self._running}, timeout=within)
        for task in late:
            task.cancel()
        await asyncio.wait({self._running})

    async def step(self) -> None:
        """Run every job that is due, once."""
        await asyncio.gather(*(self._look(job) for job in self._jobs))

    async def _repeat(self, job: Job) -> None:
        usual = min(LOOK_SECONDS, job.every)
        while not self._stopping.is_set():
            done = await self._look(job)
            await pause(usual if done else self._backoffs[job.name].next(), self._stopping)

    async def _look(self, job: Job) -> bool:
        """Run one job if it is due; return false where its last run failed, and it is to be tried again."""
        self._scheduler.run_pending()
        if job.name in self._due:
            failure = await self._failure_of(job)
            if failure:
                self._failures[job.name] = failure
                log.warning("job failed", job=job.name, reason=failure)
            else:
                self._failures.pop(job.name, None)
                self._due.discard(job.name)
                self._backoffs[job.name].reset()
        self._report()
        return job.name not in self._failures

    async def _failure_of(self, job: Job) -> str:
        """Run a job; return why it failed, or an empty string."""
        try:
            async with asyncio.timeout(job.within):
                await job.run()
        except TimeoutError:
            return f"no end within {job.within:g} s"
        except CasebookError as error:
            return str(error)
        except Exception as error:
            log.exception("job broken", job=job.name)
            return f"unexpectedly, the log says more ({type(error).__name__})"
        return ""

    def _report(self) -> None:
        if self._failures:
            self._part.down(" ".join(f"The job {name} failed: {why}" for name, why in sorted(self._failures.items())))
        else:
            self._part.up()
