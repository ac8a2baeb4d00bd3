"""Outages of the inbox: detects that it was not read for a while, and reports that once (design 3.6)."""

from bot.clock import Clock
from bot.desk import Desk
from casebook.admin import outages

MARK_EVERY = 30.0  # seconds
_WORDING = outages.Wording(deed="could not read the inbox", noun="mail")


class InboxOutage:
    """Records in the database that the inbox is read; after an outage, reports since when it was not.

    Only one process at a time reads an inbox.
    """

    def __init__(self, door: str, *, desk: Desk, clock: Clock) -> None:
        self._door = f"{door}:alive"
        self._desk = desk
        self._clock = clock
        self._marked_at: float | None = None  # by the monotonic clock
        self._caught_up = 0

    def count_missed(self) -> None:
        """An email was stored that the database did not have."""
        self._caught_up += 1

    async def end(self) -> None:
        """A new session has read the inbox to its end: report the outage if it was long."""
        now = self._clock.now()
        since = await self._desk.do(outages.last_alive, self._door)
        if since is not None and now - since >= outages.LONG:
            caught_up = self._caught_up
            await self._desk.do(
                outages.end, self._door, since=since, until=now, caught_up=caught_up, now=now, wording=_WORDING
            )
        self._marked_at = None
        await self.mark_alive()

    async def mark_alive(self) -> None:
        """Record, at most every MARK_EVERY seconds, that the inbox was read to its end just now."""
        self._caught_up = 0
        moment = self._clock.monotonic()
        if self._marked_at is None or moment - self._marked_at >= MARK_EVERY:
            self._marked_at = moment
            await self._desk.do(outages.mark_alive, self._door, at=self._clock.now(), now=self._clock.now())
