"""The courier: delivers the outbox to Slack, one post per second and channel, and drops nothing."""

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta

import structlog
from aiolimiter import AsyncLimiter

from bot.runtime.tempo import Tempo
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


class Courier:
    """Delivers notices with one task for each lane that has any due; a lane is the queue of one channel."""

    def __init__(self, context: SlackContext, lookup: Lookup | None = None, *, tempo: Tempo | None = None) -> None:
        tempo = tempo or Tempo()
        seconds = 1 / tempo.posts
        self._look_seconds = tempo.look
        self._context = context
        self._lookup = lookup or Lookup(context)
        self._woken = asyncio.Event()
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._limiters: defaultdict[str, AsyncLimiter] = defaultdict(lambda: AsyncLimiter(1, seconds))
        self._limited: dict[str, datetime] = {}  # when the rate limit of a lane ends
        self._refusing: set[str] = set()  # the lanes whose channel has refused a post
        self._is_fresh = True
        self._stopping = asyncio.Event()

    def wake(self) -> None:
        """Read the outbox now."""
        self._woken.set()

    def limited_lanes(self) -> frozenset[str]:
        """The lanes that Slack limits at present; /health accepts that as a reason for waiting notices."""
        now = self._context.clock.now()
        return frozenset(lane for lane, until in self._limited.items() if until > now)

    async def run(self) -> None:
        """Deliver until stopped; each `step` reads the outbox once."""
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
        """Read the outbox once, and start a task for each lane that has notices due and no task yet."""
        now = self._context.clock.now()
        if self._is_fresh:  # the operator may have removed the cause of a refusal before this start
            await self._context.desk.do(outbox_admin.retry_lane, None, now=now)
            self._is_fresh = False
        # Every incoming message wakes the courier; a lane that has a task need not be read again.
        for lane in await self._context.desk.do(notices.lanes_due, now=now, excluding=frozenset(self._lanes)):
            if lane not in self._lanes:
                task = asyncio.create_task(self._deliver_lane(lane), name=lane)
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

    async def _deliver_lane(self, lane: str) -> None:
        """Deliver what is due in one lane, one notice after the other."""
        limiter = self._limiters[self._context.channels.of_lane(lane)]
        failures = 0  # of the connection, in a row
        while not self._stopping.is_set():
            await limiter.acquire()
            if self._stopping.is_set():
                return
            # Claimed only now: until then other processes may take it, and messages can still be joined to it.
            now, there = self._context.clock.now(), self._context.client.slack_time()
            claimed = await self._context.desk.do(notices.claim, lane, now=now, remote_now=there)
            if claimed is None:
                return
            attempt = DeliveryAttempt(self._context, claimed, self._lookup)
            await attempt.run()
            if attempt.creates_notices:
                self.wake()
            if attempt.failure is None:
                await self._delivered(lane)
            elif attempt.failure.error == "channel_not_found":
                await channel_ids.load_changes(self._context)  # another process may have received the new ID
            failures = failures + 1 if _is_connection_failure(attempt.failure) else 0
            if seconds := self._delay(lane, attempt.failure, failures):
                await pause(seconds, self._stopping)

    def _delay(self, lane: str, failure: Failure | None, failures: int) -> float:
        """Seconds until the next delivery in the lane, after this result and so many connection failures in a row."""
        match failure:
            case Failure(kind=FailureKind.RATE_LIMITED):
                # The whole lane waits, and no other lane: Slack limits chat.postMessage by channel. Under a limit for
                # the workspace or for a method, each lane is refused once at its next call, and then waits as long.
                self._limited[lane] = self._context.clock.now() + timedelta(seconds=failure.retry_after)
                return failure.retry_after
            case Failure(kind=FailureKind.REFUSED):
                if failure.error in CHANNEL_ERRORS:
                    self._refusing.add(lane)
                return 0
            case None:
                return 0
            case _:
                # Slack fails or is unreachable: other posts would fail too, and each would have to be looked up later.
                return retry_delay(failures)

    async def _delivered(self, lane: str) -> None:
        """After a success, retry at once what the channel refused before."""
        self._limited.pop(lane, None)
        if lane in self._refusing:
            self._refusing.discard(lane)
            now = self._context.clock.now()
            await self._context.desk.do(outbox_admin.retry_lane, lane, errors=sorted(CHANNEL_ERRORS), now=now)

    async def stop(self, within: float) -> None:
        """Finish the deliveries in progress within so many seconds; the rest stays in the outbox."""
        self._stopping.set()
        self._woken.set()
        lanes = list(self._lanes.values())
        if lanes:
            _, late = await asyncio.wait(lanes, timeout=within)
            for task in late:
                task.cancel()


def _is_connection_failure(failure: Failure | None) -> bool:
    return failure is not None and failure.kind in (FailureKind.UNCERTAIN, FailureKind.UNREACHABLE)
