"""Whether nobody listened to Slack, from when to when, and the one line that tells of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.slack.context.context import SlackContext
from casebook.admin import outages

DOOR = "slack:alive"
LONG = timedelta(minutes=5)  # an absence that is worth a word even when nothing was missed


@dataclass(slots=True)
class _Away:
    since: datetime  # when a socket was last known to be open
    until: datetime  # when ours was
    is_restart: bool
    over: bool = False
    tell_from: float = 0.0  # by the monotonic clock


class Absence:
    """Keeps a mark in the book that the socket is open; all processes share it, so one that listens is enough."""

    def __init__(self, context: SlackContext, alive_every: float) -> None:
        self._context = context
        self._alive_every = alive_every
        self._pending = False  # the line is back, and nobody has looked yet when it was last open
        self._back_at = 0.0  # by the monotonic clock
        self._is_restart = True
        self._away: _Away | None = None
        self.caught_up = 0

    def begin(self) -> None:
        """The line is back: from now on the mark stays where it is until the absence is over."""
        if not self._pending:
            self._back_at = self._context.clock.monotonic()
        self._pending = True

    async def capture(self) -> None:
        """Keep when the line was last open, and since when it is open again."""
        now = self._context.client.slack_time() - timedelta(seconds=self._context.clock.monotonic() - self._back_at)
        since = await self._context.desk.do(outages.last_alive, DOOR)
        if since is None:
            await self._context.desk.do(outages.still_alive, DOOR, at=now, now=self._context.clock.now())
        elif self._away is None or self._away.since != since:
            self._away = _Away(since, now, self._is_restart)
        else:
            self._away.until = now
        self._is_restart = self._pending = False

    async def over(self) -> None:
        """Everything was caught up: tell, at once if nobody else can have listened meanwhile."""
        away = self._away
        if away is None:
            self.caught_up = 0
            return
        if away.over:
            return
        away.over = True
        is_fresh = away.until - away.since < 2 * timedelta(seconds=self._alive_every)
        if self._says(away) and is_fresh and await self._context.desk.do(outages.others_may_listen):
            # Another process that listened all along moves the mark by then.
            away.tell_from = self._context.clock.monotonic() + self._alive_every
            return
        await self._tell(away)

    async def note(self) -> None:
        """Note that the line is open, unless there is an absence to tell of first."""
        away = self._away
        if away is not None and away.over and self._context.clock.monotonic() >= away.tell_from:
            await self._tell(away)
        if self._away is None and not self._pending:
            await self._context.desk.do(
                outages.still_alive, DOOR, at=self._context.client.slack_time(), now=self._context.clock.now()
            )

    def _says(self, away: _Away) -> bool:
        lasted = away.until - away.since
        if lasted >= LONG:
            return True
        return self.caught_up > 0 and (away.is_restart or lasted >= 2 * timedelta(seconds=self._alive_every))

    async def _tell(self, away: _Away) -> None:
        told = await self._context.desk.do(
            outages.came_back,
            DOOR,
            since=away.since,
            until=away.until,
            caught_up=self.caught_up,
            now=self._context.clock.now(),
            silent=not self._says(away),
        )
        self._away, self.caught_up = None, 0
        if told:
            self._context.wake()
