"""Builds the parts, starts them, waits for a signal, and stops them in order."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Sequence
from functools import partial
from typing import IO

import structlog
from aiohttp import web

from bot import logs
from bot.clock import Clock
from bot.desk import Desk
from bot.files.store import Store
from bot.jobs import Jobs
from bot.mail.service import MailSide
from bot.mail.worker.job import ReadMail
from bot.monitoring.health import HealthLook
from bot.monitoring.metrics import Metrics
from bot.runtime.leader import LeaderTask
from bot.runtime.progress import Progress
from bot.runtime.shutdown import end_by_force_later, ended
from bot.runtime.tempo import Tempo
from bot.runtime.threads import in_thread
from bot.settings import Settings, SettingsError, SlackDoor, read_settings_here
from bot.slack.service import SlackService
from bot.status import Status
from bot.web import WebPort, build_web
from casebook import database, notices, queries
from casebook.admin import advisory_locks
from casebook.errors import BookInUseError, CasebookError
from casebook.views import CaseLine

log = structlog.get_logger("casebook")

WRONG_SETTINGS = 78  # EX_CONFIG of sysexits.h
FINISH_SECONDS = 3.0  # for running jobs at shutdown
DOORS_SECONDS, LINES_SECONDS, DESK_SECONDS = 4.5, 1.5, 2.5  # time limits of the three stages of the shutdown
LOCK_SECONDS = 0.5  # `casebook check` holds the lock of a SQLite database for a moment


class Bot:
    """The whole program; `start` and `stop` are called once each.

    `tempo` and `read_mail` are for tests and the demo: without them the bot posts as fast as Slack allows, and parses
    mails in a process of its own.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        progress: Progress | None = None,
        *,
        tempo: Tempo | None = None,
        read_mail: ReadMail | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self.progress = progress or Progress(self.clock)
        self.status = Status(self.clock)
        self.metrics = Metrics()
        self.desk = Desk(settings.database_url.reveal())
        self.store = Store(settings.attachments) if settings.attachments else None
        self.mail = self._mail_side(tempo, read_mail)
        self.slack = self._slack_service(tempo)
        url = settings.database_url.reveal()
        self.jobs = LeaderTask(
            "jobs", self.build_jobs, lock=lambda: advisory_locks.lock(url, "jobs"), part=self.status.scheduler
        )
        self.health = HealthLook(
            self.status, self.metrics, desk=self.desk, clock=self.clock, limited=lambda: self.slack.limited_lanes
        )
        self.web = WebPort(self._pages(), settings.host, settings.port)
        self._lock: IO[str] | None = None
        self._running: list[asyncio.Task[None]] = []

    def _mail_side(self, tempo: Tempo | None, read: ReadMail | None) -> MailSide:
        return MailSide(
            self.settings,
            desk=self.desk,
            clock=self.clock,
            status=self.status,
            count=self.metrics.received,
            store=self.store,
            progress=self.progress,
            on_news=self._wake,
            tempo=tempo,
            read=read,
        )

    def _slack_service(self, tempo: Tempo | None) -> SlackService:
        return SlackService(
            self.settings,
            desk=self.desk,
            clock=self.clock,
            part=self.status.slack,
            count=self.metrics.received,
            store=self.store,
            on_wake=self.mail.sender.wake,
            tempo=tempo,
        )

    def _wake(self) -> None:
        self.slack.wake()

    def build_jobs(self) -> Jobs:
        """The periodic jobs, built anew each time this process becomes the leader."""
        return Jobs(
            desk=self.desk,
            clock=self.clock,
            limits=self.settings.limits,
            part=self.status.scheduler,
            check_seconds=self.settings.escalation_check_interval,
            on_due=self.slack.wake,
            store=self.store,
        )

    def _pages(self) -> web.Application:
        return build_web(
            health=self.health.report,
            cases=self._cases,
            metrics=self.health.numbers,
            answered=self.metrics.answered,
            debug=self.settings.debug,
        )

    async def start(self) -> None:
        """Start every part; raises a CasebookError with a sentence when the program cannot run."""
        for remark in self.settings.remarks:
            log.warning(remark)
        self._lock = await self._lock_book()
        if self.store is not None:
            self.store.open()
        await self.slack.open()  # first: errors there are reported before the database is changed
        # Through a pooler that loses the locks, two processes would read one inbox.
        await in_thread(partial(advisory_locks.refuse_pooler, self.settings.database_url.reveal()))
        with self.progress.of("bringing the schema up to date", "steps") as on_step:
            steps = await self.desk.do_unhurried(database.migrate, on_step)
        for step in steps:
            log.info("schema brought up to date", step=step)
        if self._lock is not None:  # no other process delivers from this database
            await self.desk.do(notices.end_leases, now=self.clock.now())
        self.status.database.up()
        if self.settings.slack_door is SlackDoor.OFF:
            self.status.slack.off()
        elif self.settings.slack_door is SlackDoor.CONFIGURED:
            self.status.slack.configured()
        self.mail.tell_what_is_off()
        await self.web.start()
        parts = [("slack", self.slack.run()), ("jobs", self.jobs.run()), ("sender", self.mail.sender.run())]
        if self.mail.leader_task is not None:
            parts.append(("inbox", self.mail.leader_task.run()))
        self._running = [asyncio.create_task(run, name=name) for name, run in parts]
        log.info("casebook is running", web=f"http://{self.settings.host}:{self.web.port}/health")

    async def _lock_book(self) -> IO[str] | None:
        """The lock on a SQLite database, tried again for a moment; raises BookInUseError."""
        url = self.settings.database_url.reveal()
        try:
            async with asyncio.timeout(LOCK_SECONDS):
                while True:
                    try:
                        return database.lock_book(url)
                    except BookInUseError:
                        await asyncio.sleep(0.05)
        except TimeoutError:
            return database.lock_book(url)

    async def wait(self, stop: asyncio.Event) -> None:
        """Wait until `stop` is set; raises the error of a part that ended."""
        stopping = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait([stopping, *self._running], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        for task in done - {stopping}:
            task.result()
            raise RuntimeError(f"the part {task.get_name()} ended by itself")

    async def stop(self) -> None:
        """Stop in order: accept nothing new, finish and acknowledge current work, leave the rest in the outbox."""
        log.info("casebook is stopping")
        await ended(
            DOORS_SECONDS,
            socket=self.slack.stop_listening(),
            courier=self.slack.stop_delivery(),
            sender=self.mail.stop_sending(),
            inbox=self.mail.stop_reading(),
            jobs=self.jobs.stop(FINISH_SECONDS),
        )
        for task in self._running:
            task.cancel()
        await ended(LINES_SECONDS, slack=self.slack.close(), web=self.web.stop())
        await asyncio.gather(*self._running, return_exceptions=True)
        await ended(DESK_SECONDS, desk=self.desk.close(DESK_SECONDS - 1.0))
        if self._lock is not None:
            self._lock.close()

    async def _cases(self) -> Sequence[CaseLine]:
        return await self.desk.do(queries.all_cases)


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hear() -> None:
        if not stop.is_set():
            stop.set()
            end_by_force_later()

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, hear)
    clock = Clock()
    bot = Bot(settings, clock, Progress.on_standard_error(clock))
    starting = asyncio.create_task(bot.start())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            await bot.wait(stop)
    finally:
        for task in (starting, stopping):
            task.cancel()
        await asyncio.gather(starting, stopping, return_exceptions=True)
        await bot.stop()


def main() -> int:
    """Run the bot until a signal; returns the exit status."""
    try:
        settings = read_settings_here()
    except SettingsError as error:
        print("\n".join(error.problems), file=sys.stderr)  # noqa: T201 - logs are not configured yet
        return WRONG_SETTINGS
    logs.configure(settings.log_level, settings.secrets)
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_run(settings))
    except CasebookError as error:
        for sentence in str(error).splitlines():
            log.error(sentence)
        return WRONG_SETTINGS if error.permanent else 1
    return 0
