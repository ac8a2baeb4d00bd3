"""What `/health` and `/metrics` answer: how every part says it is, and what the book says at this moment."""

import asyncio
from collections.abc import Callable

from bot.clock import Clock
from bot.desk import Desk
from bot.monitoring.metrics import Metrics
from bot.status import OutboxStatus, Report, Status
from casebook import ledger
from casebook.errors import DatabaseUnavailableError
from casebook.reports import statistics

LOOK_SECONDS = 4.0  # what looking at the book may take


class HealthLook:
    """Looks at the book and at every part; `limited` names the lanes in which Slack asked us to wait."""

    def __init__(
        self, status: Status, metrics: Metrics, *, desk: Desk, clock: Clock, limited: Callable[[], frozenset[str]]
    ) -> None:
        self._status = status
        self._metrics = metrics
        self._desk = desk
        self._clock = clock
        self._limited = limited

    async def report(self) -> Report:
        """How every part is at this moment; asks the database."""
        part, limited = self._status.database, self._limited()
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                # A book that can only be read, since its disk is full or somebody else holds it, is as good as away.
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
