"""Catches up on Slack: stores what was written, edited or deleted while no process listened, and reports the outage."""

import asyncio
import random
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.runtime.waiting import pause
from bot.slack.api.backoff import retry_delay
from bot.slack.api.errors import CALL_ERRORS, read_failure
from bot.slack.catchup.history import Pace
from bot.slack.catchup.outage import SlackOutage
from bot.slack.catchup.reading_back import HELD_AT_MOST, LAG, Round
from bot.slack.catchup.survey import RoundReader
from bot.slack.catchup.taking_back import Replay
from bot.slack.context.context import SlackContext
from bot.slack.payloads.events import as_ts
from bot.status import Part, State
from casebook import ledger
from casebook.errors import CasebookError
from casebook.records import cursors

log = structlog.get_logger("casebook.slack")

EVERY = 180.0  # seconds between two rounds while all is well
ALIVE_EVERY = 15.0  # seconds between two records that the socket is open
HANDFUL = 5  # missing messages that do not count as catching up
DEAF_AFTER = timedelta(seconds=30)  # an event that has not arrived by then will not arrive
DEEP_EVERY = 3600.0  # seconds between two rounds with threads, if these take more than CHEAP_CALLS
CHEAP_CALLS = 30
LONGEST_WAIT = 8.0  # seconds until the next try, so that it works within ten seconds of the cause being fixed
_CHANCE = random.SystemRandom()


class Catchup:
    """Reads Slack's history after every connection, after a failure to store, and every few minutes.

    For each channel a position says up to where everything is in the database; what is older than the first position
    is never stored. Times are from Slack's clock, since ours may be wrong.
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
        self._outage = SlackOutage(context, alive_every)
        self._door = f"slack:{context.home_team}"
        self._wanted = asyncio.Event()
        self._is_back = False
        self._has_missed = False
        self._once_more = False  # history may lag, so a thorough round is followed by a second one
        self._listening_since: datetime | None = None
        self._tops: dict[str, str] = {}  # the ts up to which rounds without threads have read each channel
        self._own_position = ""  # the position that this process stored last
        self._deep_at: float | None = None
        self._deep_calls = 0
        self._reader = RoundReader(context, self._door, pace=pace, held=held, on_missing=self._are_missing)

    def connection_opened(self) -> None:
        """A socket was opened: read what was written before."""
        self._is_back = True
        self._outage.connection_opened()
        self._wanted.set()

    def not_stored(self) -> None:
        """An event that arrived could not be stored: read it from history."""
        self._has_missed = True
        self._wanted.set()

    async def run(self) -> None:
        """Run rounds, and record that the socket is open, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._run_rounds(), name="catching up")
            tasks.create_task(self._mark_alive(), name="recording that the socket is open")

    async def _mark_alive(self) -> None:
        while True:
            await asyncio.sleep(self._alive_every)
            try:
                await self.mark_alive()
            except CasebookError as error:
                log.warning("open socket not recorded", error=type(error).__name__)

    async def mark_alive(self) -> None:
        """Record that the socket is open, if it is; report an outage that has ended."""
        if self._part.believed() is State.UP:
            await self._outage.mark_alive()

    async def _run_rounds(self) -> None:
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
                log.warning("catching up failed", error=read_failure(error).error, attempt=failures)
            except CasebookError as error:
                failures += 1
                log.warning("catching up failed", error=type(error).__name__, attempt=failures)
            except Exception as error:  # noqa: BLE001 - nothing in Slack's history may stop the bot from listening
                failures += 1
                place = traceback.extract_tb(error.__traceback__)[-1]
                where = f"{place.name}:{place.lineno}"
                log.error("catching up failed", error=type(error).__name__, at=where, attempt=failures)

    async def _due(self) -> None:
        # Several processes do not start a round at the same moment: the first one saves the others the work.
        await pause(self._every * _CHANCE.uniform(0.8, 1.0), self._wanted)

    async def step(self) -> bool:
        """Run one round; whether everything could be read and stored.

        Raises CALL_ERRORS or CasebookError for a failure that is not one channel's own. A round that could not be
        completed is tried again with the same scope.
        """
        await self._context.client.auth_test()  # its answer has the time of Slack's clock
        now = self._context.client.slack_time()
        is_back, has_missed, once_more = self._is_back, self._has_missed, self._once_more
        self._is_back = self._has_missed = self._once_more = False
        done = False
        try:
            if is_back:
                self._listening_since = now
                await self._outage.begin()
            thorough = is_back or has_missed or once_more
            done = await self._catch_up(now, thorough=thorough, is_expected=is_back or has_missed)
        finally:
            if done:
                self._once_more = is_back or has_missed
            else:
                self._is_back, self._has_missed = self._is_back or is_back, self._has_missed or has_missed
                self._once_more = once_more
        if done and not self._is_back:
            await self._outage.end()
        return done

    async def _catch_up(self, now: datetime, *, thorough: bool, is_expected: bool) -> bool:
        before = await self._context.desk.do(ledger.position, self._door)
        recent = as_ts(now - LAG - timedelta(seconds=self._every / 2))
        if not thorough and before and before != self._own_position and before > recent:
            return True  # another process has just done it
        deep = thorough or self._is_deep_due()
        # Missing messages come first: checking further back for edits and deletions takes as many calls again.
        for is_thorough in (False, True) if is_expected else (thorough,):
            if not await self._read_and_store(now, before, deep=deep, thorough=is_thorough, is_expected=is_expected):
                return False
            self._part.catching_up(False)
        self._own_position = as_ts(now - LAG)
        await self._context.desk.do(ledger.keep_position, self._door, self._own_position, now=self._context.clock.now())
        return True

    async def _read_and_store(
        self, now: datetime, before: str | None, *, deep: bool, thorough: bool, is_expected: bool
    ) -> bool:
        """Read and store, repeatedly if there is too much for one round; whether all could be read and stored."""
        while True:
            current = Round(now, before or as_ts(now), deep=deep, thorough=thorough, tops=self._tops)
            found, failed = await self._reader.read(current)
            replay = Replay(self._context)
            await replay.run(found, on_progress=self._keep if deep else self._keep_tops)
            self._outage.caught_up += replay.count
            if not is_expected and self._is_deaf(replay.newest_late(as_ts(now - self._deaf_after))):
                log.warning("messages arrived without an event", action="opening a new socket")
                self._on_deaf()
            if replay.stuck or not any(each.bound for each in found.values()):
                break
        if deep:
            self._deep_at = self._context.clock.monotonic()
            self._deep_calls = sum(each.calls for each in found.values())
        return not (failed or replay.stuck)

    def _is_deep_due(self) -> bool:
        """Whether to follow every thread, which may cost a call for each; if it is expensive, only every hour."""
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
        """Whether a message was written while the socket was open, long enough ago, and its event did not arrive."""
        if not late or self._listening_since is None or self._part.believed() is not State.UP:
            return False
        return late > as_ts(self._listening_since + timedelta(seconds=5))
