"""Outages of the connection to Slack: detects from when to when no process listened, and reports that once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.slack.context.context import SlackContext
from casebook.admin import outages

DOOR = "slack:alive"


@dataclass(slots=True)
class _Outage:
    since: datetime  # when a process last recorded an open socket
    until: datetime  # when this process opened its socket
    is_restart: bool
    has_ended: bool = False
    report_at: float = 0.0  # by the monotonic clock


class SlackOutage:
    """Records in the database that the socket is open. All processes share this mark: one that listens is enough."""

    def __init__(self, context: SlackContext, mark_every: float) -> None:
        self._context = context
        self._mark_every = mark_every
        self._is_pending = False  # the socket was opened, and the outage before it is not known yet
        self._opened_at = 0.0  # by the monotonic clock
        self._is_restart = True
        self._current: _Outage | None = None
        self.caught_up = 0

    def connection_opened(self) -> None:
        """Leave the mark as it is until the outage has ended."""
        if not self._is_pending:
            self._opened_at = self._context.clock.monotonic()
        self._is_pending = True

    async def begin(self) -> None:
        """Remember when a socket was last open, and since when ours is."""
        now = self._context.client.slack_time() - timedelta(seconds=self._context.clock.monotonic() - self._opened_at)
        since = await self._context.desk.do(outages.last_alive, DOOR)
        if since is None:
            await self._context.desk.do(outages.mark_alive, DOOR, at=now, now=self._context.clock.now())
        elif self._current is None or self._current.since != since:
            self._current = _Outage(since, now, self._is_restart)
        else:
            self._current.until = now
        self._is_restart = self._is_pending = False

    async def end(self) -> None:
        """Everything was caught up: report the outage, at once unless another process may have listened meanwhile."""
        outage = self._current
        if outage is None:
            self.caught_up = 0
            return
        if outage.has_ended:
            return
        outage.has_ended = True
        is_recent = outage.until - outage.since < 2 * timedelta(seconds=self._mark_every)
        if self._is_reported(outage) and is_recent and await self._context.desk.do(outages.others_may_listen):
            # A process that listened all the time moves the mark before then.
            outage.report_at = self._context.clock.monotonic() + self._mark_every
            return
        await self._report(outage)

    async def mark_alive(self) -> None:
        """Report an outage that is due; record that the socket is open, unless there still is an outage to report."""
        outage = self._current
        if outage is not None and outage.has_ended and self._context.clock.monotonic() >= outage.report_at:
            await self._report(outage)
        if self._current is None and not self._is_pending:
            await self._context.desk.do(
                outages.mark_alive, DOOR, at=self._context.client.slack_time(), now=self._context.clock.now()
            )

    def _is_reported(self, outage: _Outage) -> bool:
        lasted = outage.until - outage.since
        if lasted >= outages.LONG:
            return True
        return self.caught_up > 0 and (outage.is_restart or lasted >= 2 * timedelta(seconds=self._mark_every))

    async def _report(self, outage: _Outage) -> None:
        was_ours = await self._context.desk.do(
            outages.end,
            DOOR,
            since=outage.since,
            until=outage.until,
            caught_up=self.caught_up,
            now=self._context.clock.now(),
            silent=not self._is_reported(outage),
        )
        self._current, self.caught_up = None, 0
        if was_ours:
            self._context.wake()
