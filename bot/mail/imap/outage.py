"""Whether the inbox was not read for long, and the one line in the log channel that tells of it (design 3.6)."""

from datetime import timedelta

from bot.clock import Clock
from bot.desk import Desk
from casebook.admin import outages

LONG = timedelta(minutes=5)  # what is shorter than this nobody needs to hear of
NOTED_EVERY = 30.0  # seconds


class InboxAbsence:
    """Keeps a mark in the book that the inbox is read; whoever reads it next sees since when it was not."""

    def __init__(self, door: str, *, desk: Desk, clock: Clock) -> None:
        self._door = f"{door}:alive"
        self._desk = desk
        self._clock = clock
        self._noted_at: float | None = None  # by the monotonic clock
        self._caught_up = 0

    def took_in(self) -> None:
        """A mail was taken in that was not in the book."""
        self._caught_up += 1

    async def over(self) -> None:
        """A session has read the inbox to its end for the first time."""
        now = self._clock.now()
        since = await self._desk.do(outages.last_alive, self._door)
        if since is not None and now - since >= LONG:
            said = outages.Words(deed="could not read the inbox", noun="mail")
            await self._desk.do(
                outages.came_back, self._door, since=since, until=now, caught_up=self._caught_up, now=now, words=said
            )
        self._noted_at = None
        await self.note()

    async def note(self) -> None:
        """The inbox was read to its end just now."""
        self._caught_up = 0
        moment = self._clock.monotonic()
        if self._noted_at is None or moment - self._noted_at >= NOTED_EVERY:
            self._noted_at = moment
            await self._desk.do(outages.still_alive, self._door, at=self._clock.now(), now=self._clock.now())
