"""The courier: says on Slack what waits in the outbox, one post a second and channel, and drops nothing."""

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta

import structlog
from aiolimiter import AsyncLimiter

from bot.runtime.waiting import pause
from bot.slack.api.backoff import retry_delay
from bot.slack.api.errors import CHANNEL_ERRORS, Failure, FailureKind
from bot.slack.context import channel_ids
from bot.slack.context.context import SlackContext
from bot.slack.delivery.attempt import DeliveryAttempt
from bot.slack.delivery.lookup import Lookup
from casebook import notices
from casebook.admin import outbox_admin
from casebook.errors import CasebookError

log = structlog.get_logger("casebook.courier")

# In each channel; Slack takes about one: https://docs.slack.dev/apis/web-api/rate-limits
POSTS_PER_SECOND = 1.0
LOOK_SECONDS = 1.0  # how often the outbox is looked at when nobody wakes the courier


class Courier:
    """Delivers; one task for each lane, which is a channel, that has something to be said."""

    def __init__(
        self,
        context: SlackContext,
        lookup: Lookup | None = None,
        *,
        pace: float | None = None,
        look: float | None = None,
    ) -> None:
        seconds = 1 / (pace or POSTS_PER_SECOND)
        self._look_seconds = look or LOOK_SECONDS
        self._context = context
        self._lookup = lookup or Lookup(context)
        self._woken = asyncio.Event()
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._limiters: defaultdict[str, AsyncLimiter] = defaultdict(lambda: AsyncLimiter(1, seconds))
        self._limited: dict[str, datetime] = {}  # until when Slack asked a lane to wait
        self._closed: set[str] = set()  # the lanes whose channel has refused something
        self._is_fresh = True
        self._stopping = asyncio.Event()

    def wake(self) -> None:
        """There is something to say."""
        self._woken.set()

    def limited_lanes(self) -> frozenset[str]:
        """The lanes in which Slack asked us to wait; /health takes it for a reason."""
        now = self._context.clock.now()
        return frozenset(lane for lane, until in self._limited.items() if until > now)

    async def run(self) -> None:
        """Deliver for ever; each look at the outbox is a `step`."""
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                await self.step()
            except CasebookError as error:
                if error.permanent:
                    raise
                log.warning("outbox not read", reason=str(error))
            await pause(self._look_seconds, self._woken)

    async def step(self) -> None:
        """One look at the outbox: a task for each lane in which something is due and nobody is at work."""
        now = self._context.clock.now()
        if self._is_fresh:  # whoever started us may have mended what made Slack refuse
            await self._context.desk.do(outbox_admin.retry_lane, None, now=now)
            self._is_fresh = False
        # Each message that comes in wakes us: while a lane waits for its turn it need not be looked at again.
        for lane in await self._context.desk.do(notices.lanes_due, now=now, besides=frozenset(self._lanes)):
            if lane not in self._lanes:
                task = asyncio.create_task(self._empty(lane), name=lane)
                self._lanes[lane] = task
                task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        lane = task.get_name()
        del self._lanes[lane]
        if task.cancelled() or (error := task.exception()) is None:
            return
        if isinstance(error, CasebookError) and not error.permanent:
            log.warning("outbox not read", lane=lane, reason=str(error))
        else:
            log.error("lane failed", lane=lane, error=type(error).__name__, exc_info=error)

    async def _empty(self, lane: str) -> None:
        """Say what is due in one lane, one after the other."""
        limiter = self._limiters[self._context.channels.of_lane(lane)]
        broken = 0
        while not self._stopping.is_set():
            await limiter.acquire()
            if self._stopping.is_set():
                return
            # Claimed only now: what waits for its turn stays free for others, and can still be joined.
            now, there = self._context.clock.now(), self._context.client.slack_time()
            claimed = await self._context.desk.do(notices.claim, lane, now=now, there=there)
            if claimed is None:
                return
            saying = DeliveryAttempt(self._context, claimed, self._lookup)
            await saying.run()
            if saying.creates_notices:
                self.wake()
            if saying.failure is None:
                await self._went_well(lane)
            elif saying.failure.error == "channel_not_found":
                await channel_ids.load_changes(self._context)  # another process may have heard of another ID
            broken = broken + 1 if _is_line(saying.failure) else 0
            if seconds := self._rest(lane, saying.failure, broken):
                await pause(seconds, self._stopping)

    def _rest(self, lane: str, failure: Failure | None, broken: int) -> float:
        """Seconds for which the lane is left alone after this."""
        match failure:
            case Failure(kind=FailureKind.RATE_LIMITED):
                # The whole lane waits, not this notice alone, and no other lane does: chat.postMessage is limited by
                # channel. Where a limit is one of the workspace or of a method that all lanes use, each of them is told
                # so at its next call, once, and waits as long.
                self._limited[lane] = self._context.clock.now() + timedelta(seconds=failure.retry_after)
                return failure.retry_after
            case Failure(kind=FailureKind.REFUSED):
                if failure.error in CHANNEL_ERRORS:
                    self._closed.add(lane)
                return 0
            case None:
                return 0
            case _:
                # Slack stumbles or is away: its other posts would meet the same, and each would have to be looked for.
                return retry_delay(broken)

    async def _went_well(self, lane: str) -> None:
        """A channel that takes a post again is offered at once what it has refused."""
        self._limited.pop(lane, None)
        if lane in self._closed:
            self._closed.discard(lane)
            now = self._context.clock.now()
            await self._context.desk.do(outbox_admin.retry_lane, lane, errors=sorted(CHANNEL_ERRORS), now=now)

    async def stop(self, within: float) -> None:
        """Finish what is being said, at most so many seconds; the rest stays in the outbox."""
        self._stopping.set()
        self._woken.set()
        lanes = list(self._lanes.values())
        if lanes:
            _, late = await asyncio.wait(lanes, timeout=within)
            for task in late:
                task.cancel()


def _is_line(failure: Failure | None) -> bool:
    return failure is not None and failure.kind in (FailureKind.UNCERTAIN, FailureKind.UNREACHABLE)
