"""Catching up on Slack: whatever was written, changed or deleted while nobody listened is taken in, and told of."""

import asyncio
import random
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.runtime.waiting import pause
from bot.slack.api.backoff import retry_delay
from bot.slack.api.errors import CALL_ERRORS, read_failure
from bot.slack.catchup.absence import Absence
from bot.slack.catchup.history import Pace
from bot.slack.catchup.reading_back import HELD_AT_MOST, LAG
from bot.slack.catchup.survey import Survey, Surveyor
from bot.slack.catchup.taking_back import TakingIn
from bot.slack.context.context import SlackContext
from bot.slack.payloads.events import as_ts
from bot.status import Part, State
from casebook import ledger
from casebook.errors import CasebookError
from casebook.records import cursors

log = structlog.get_logger("casebook.slack")

EVERY = 180.0  # seconds between two looks while all is well
ALIVE_EVERY = 15.0  # seconds between two notes that the socket is open
HANDFUL = 5  # so many missing messages are nothing to speak of
DEAF_AFTER = timedelta(seconds=30)  # an event that has not come by then does not come any more
DEEP_EVERY = 3600.0  # where following every thread takes many calls
CHEAP_CALLS = 30
LONGEST_WAIT = 8.0  # seconds until the next try, so that all is well within ten when the cause is mended
_CHANCE = random.SystemRandom()


class Catchup:
    """Reads back what Slack holds: after every connection, after a failure to store, and every few minutes.

    A position per channel says up to where everything is known to be in the book; what is older than the first one is
    never taken in. Times are Slack's own, since our clock may be wrong.
    """

    def __init__(
        self,
        context: SlackContext,
        *,
        part: Part,
        on_deaf: Callable[[], None],
        every: float = EVERY,
        alive_every: float = ALIVE_EVERY,
        deaf_after: timedelta = DEAF_AFTER,
        pace: Pace = asyncio.sleep,
        held: int = HELD_AT_MOST,
    ) -> None:
        self._context = context
        self._part = part
        self._on_deaf = on_deaf
        self._every = every
        self._alive_every = alive_every
        self._deaf_after = deaf_after
        self._pace = pace
        self._absence = Absence(context, alive_every)
        self._door = f"slack:{context.home_team}"
        self._wanted = asyncio.Event()
        self._is_back = False
        self._has_missed = False
        self._once_more = False  # what Slack's history showed too late is found by a second thorough look
        self._listening_since: datetime | None = None
        self._tops: dict[str, str] = {}  # how far the channels themselves were read by looks that left out threads
        self._looked = ""
        self._deep_at: float | None = None
        self._deep_calls = 0
        self._surveyor = Surveyor(context, self._door, pace=pace, held=held, on_missing=self._are_missing)

    def line_is_back(self) -> None:
        """A socket was opened: what was written before must be looked for."""
        self._is_back = True
        self._absence.begin()
        self._wanted.set()

    def not_stored(self) -> None:
        """Something that arrived could not be stored."""
        self._has_missed = True
        self._wanted.set()

    async def run(self) -> None:
        """Look, and note that the socket is open, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._look_for_ever(), name="catching up")
            tasks.create_task(self._note_for_ever(), name="signs of life")

    async def _note_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._alive_every)
            try:
                await self.note()
            except CasebookError as error:
                log.warning("not noted that the socket is open", error=type(error).__name__)

    async def note(self) -> None:
        """Note that the socket is open, if it is; tell of an absence that is over."""
        if self._part.believed() is State.UP:
            await self._absence.note()

    async def _look_for_ever(self) -> None:
        failures = 0
        while True:
            if failures:
                await self._pace(min(retry_delay(failures), LONGEST_WAIT))
            else:
                await self._due()
            self._wanted.clear()
            try:
                failures = 0 if await self.step() else failures + 1
            except CALL_ERRORS as error:
                failures += 1
                log.warning("not caught up", error=read_failure(error).error, attempt=failures)
            except CasebookError as error:
                failures += 1
                log.warning("not caught up", error=type(error).__name__, attempt=failures)
            except Exception as error:  # noqa: BLE001 - what Slack's history holds must not end the listening
                failures += 1
                place = traceback.extract_tb(error.__traceback__)[-1]
                where = f"{place.name}:{place.lineno}"
                log.error("not caught up", error=type(error).__name__, at=where, attempt=failures)

    async def _due(self) -> None:
        # Several processes do not look at the same moment: whoever is first spares the others.
        await pause(self._every * _CHANCE.uniform(0.8, 1.0), self._wanted)

    async def step(self) -> bool:
        """One look; whether everything could be read and stored. Raises what is no channel's own failure.

        What asked for it is asked again where it could not be done.
        """
        await self._context.client.auth_test()  # its answer tells what time it is there
        now = self._context.client.slack_time()
        is_back, has_missed, once_more = self._is_back, self._has_missed, self._once_more
        self._is_back = self._has_missed = self._once_more = False
        done = False
        try:
            if is_back:
                self._listening_since = now
                await self._absence.capture()
            asked = is_back or has_missed or once_more
            done = await self._look(now, thorough=asked, is_own_affair=is_back or has_missed)
        finally:
            if done:
                self._once_more = is_back or has_missed
            else:
                self._is_back, self._has_missed = self._is_back or is_back, self._has_missed or has_missed
                self._once_more = once_more
        if done and not self._is_back:
            await self._absence.over()
        return done

    async def _look(self, now: datetime, *, thorough: bool, is_own_affair: bool) -> bool:
        before = await self._context.desk.do(ledger.position, self._door)
        if not thorough and before and before != self._looked and before > as_ts(now - LAG - self._half()):
            return True  # another process has just looked
        deep = thorough or self._is_deep_due()
        # What is missing comes first: looking for edits and deletions further back takes as many calls again.
        for is_thorough in (False, True) if is_own_affair else (thorough,):
            if not await self._rounds(now, before, deep=deep, thorough=is_thorough, is_own_affair=is_own_affair):
                return False
            self._part.catching_up(False)
        self._looked = as_ts(now - LAG)
        await self._context.desk.do(ledger.keep_position, self._door, self._looked, now=self._context.clock.now())
        return True

    async def _rounds(
        self, now: datetime, before: str | None, *, deep: bool, thorough: bool, is_own_affair: bool
    ) -> bool:
        """Read and take in, until nothing is left that was too much at once; whether all could be read and stored."""
        while True:
            survey = Survey(now, before or as_ts(now), deep=deep, thorough=thorough, tops=self._tops)
            found, failed = await self._surveyor.read(survey)
            taking = TakingIn(self._context)
            await taking.all(found, on_progress=self._keep if deep else self._keep_tops)
            self._absence.caught_up += taking.count
            if not is_own_affair and self._is_deaf(taking.youngest_late(as_ts(now - self._deaf_after))):
                log.warning("messages came by no event", doing="asking for a new socket")
                self._on_deaf()
            if taking.stuck or not any(each.bound for each in found.values()):
                break
        if deep:
            self._deep_at = self._context.clock.monotonic()
            self._deep_calls = sum(each.calls for each in found.values())
        return not (failed or taking.stuck)

    def _half(self) -> timedelta:
        return timedelta(seconds=self._every / 2)

    def _is_deep_due(self) -> bool:
        """Following every thread may cost a call each; where it does, it is done only every hour."""
        if self._deep_at is None or self._deep_calls <= CHEAP_CALLS:
            return True
        return self._context.clock.monotonic() - self._deep_at >= DEEP_EVERY

    def _are_missing(self, count: int) -> None:
        if count > HANDFUL:
            self._part.catching_up(True)

    async def _keep(self, upto: dict[str, str]) -> None:
        values = {f"{self._door}:{channel}": ts for channel, ts in upto.items()}
        await self._context.desk.do(cursors.keep, values, now=self._context.clock.now())

    async def _keep_tops(self, upto: dict[str, str]) -> None:
        self._tops |= upto

    def _is_deaf(self, late: str) -> bool:
        """Whether something was written while the socket was open, long enough ago, and did not come."""
        if not late or self._listening_since is None or self._part.believed() is not State.UP:
            return False
        return late > as_ts(self._listening_since + timedelta(seconds=5))
