"""Collects what `/health` and `/metrics` report from the status of the parts and from the database."""

import asyncio
from collections.abc import Callable

from bot.clock import Clock
from bot.desk import Desk
from bot.monitoring.metrics import Metrics
from bot.status import OutboxStatus, Report, Status
from casebook import ledger
from casebook.errors import DatabaseUnavailableError
from casebook.reports import statistics

LOOK_SECONDS = 4.0  # time limit for the queries


class HealthLook:
    """Builds the reports; `limited` returns the lanes (queues) in which Slack asked us to wait."""

    def __init__(
        self, status: Status, metrics: Metrics, *, desk: Desk, clock: Clock, limited: Callable[[], frozenset[str]]
    ) -> None:
        self._status = status
        self._metrics = metrics
        self._desk = desk
        self._clock = clock
        self._limited = limited

    async def report(self) -> Report:
        """The current state of every part; queries the database."""
        part, limited = self._status.database, self._limited()
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                # The write detects a database that is read-only, locked, or has a full disk.
                await self._desk.do(ledger.keep_position, "health", "written", now=self._clock.now())
                facts = await self._desk.do(statistics.outbox, limited)
        except DatabaseUnavailableError as error:
            part.down(str(error))
        except TimeoutError:
            part.down(f"The database did not answer within {LOOK_SECONDS:g} s.")
        else:
            part.up()
            self._status.outbox = OutboxStatus(
                oldest_unsent=facts.oldest_pending_at,
                oldest_unexplained=facts.oldest_unexplained_at,
                refused=facts.failed,
                last_error=facts.last_error or None,
                limited=bool(limited),
            )
        return self._status.report(self._clock.now())

    async def numbers(self) -> bytes:
        """The metrics as Prometheus text; raises DatabaseUnavailableError."""
        self._metrics.parts(await self.report())
        shown = await self._desk.do(statistics.overview)
        facts = await self._desk.do(statistics.outbox)
        self._metrics.book(
            open_cases=shown.open,
            escalated=shown.escalated,
            notices={"pending": facts.pending, "failed": facts.failed},
        )
        return self._metrics.render()
