"""The courier: says on Slack what waits in the outbox, one post a second and channel, and drops nothing."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import structlog
from aiolimiter import AsyncLimiter
from slack_sdk.errors import SlackObjectFormationError

from bot.slack.delivery import deliver
from bot.slack.downloads import fetch
from bot.slack.failures import CALL_ERRORS, Failure, FailureKind, read_failure
from bot.slack.file_notices import FileTroubleError
from bot.slack.lookup import find_post
from bot.slack.office import Office
from bot.slack.rendering import render
from bot.slack.screens.blocks import Gone
from bot.slack.screens.limits import Unsayable
from bot.slack.uploads import take_back, upload
from casebook import answers, attachments, notices
from casebook.errors import CasebookError
from casebook.outcomes import Claimed, NoticeKind

log = structlog.get_logger("casebook.courier")

LOOK_SECONDS = 1.0  # how often the outbox is looked at when nobody wakes the courier
LONGEST_WAIT = 60.0  # seconds between two tries of what is refused


# Done with files rather than said; each notes in the book what came of it.
_CARRYING: Mapping[NoticeKind, Callable[[Office, Claimed], Awaitable[None]]] = {
    NoticeKind.FETCH: fetch,
    NoticeKind.FILES: upload,
    NoticeKind.ANSWER_FILES: upload,
    NoticeKind.FILES_GONE: take_back,
}


def retry_delay(attempts: int) -> float:
    """Seconds until the next try: one, then twice as long each time, at most a minute, with jitter."""
    exact = min(LONGEST_WAIT, 2.0 ** min(attempts - 1, 10))
    return min(LONGEST_WAIT, exact * random.uniform(0.8, 1.2))  # noqa: S311 - jitter is no secret


class Courier:
    """Delivers; one task for each channel that has something to be said."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._woken = asyncio.Event()
        self._lanes: dict[str, asyncio.Task[None]] = {}
        # Slack takes about one post per second and channel: https://docs.slack.dev/apis/web-api/rate-limits
        self._limiters: defaultdict[str, AsyncLimiter] = defaultdict(lambda: AsyncLimiter(1, 1.0))
        self._stopping = asyncio.Event()
        self.limited_until = office.clock.now()  # Slack asked to wait so long; /health takes it for a reason

    def wake(self) -> None:
        """There is something to say."""
        self._woken.set()

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
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._woken.wait()
            except TimeoutError:
                continue

    async def step(self) -> None:
        """One look at the outbox: a task for each lane in which something is due and nobody is at work."""
        for lane in await self._office.desk.do(notices.lanes_due, now=self._office.clock.now()):
            if lane not in self._lanes:
                task = asyncio.create_task(self._empty(lane), name=lane)
                self._lanes[lane] = task
                task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        lane = task.get_name()
        del self._lanes[lane]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("lane failed", lane=lane, error=type(error).__name__, exc_info=error)

    async def _empty(self, lane: str) -> None:
        """Say what is due in one lane, one after the other."""
        limiter = self._limiters[self._office.channels.of_lane(lane)]
        while not self._stopping.is_set():
            await limiter.acquire()
            if self._stopping.is_set():
                return
            # Claimed only now: what waits for its turn stays free for others, and can still be joined.
            claimed = await self._office.desk.do(notices.claim, lane, now=self._office.clock.now())
            if claimed is None:
                return
            if not await self._say(claimed):
                return

    async def _say(self, claimed: Claimed) -> bool:
        """Say one claimed post; false when this lane should pause."""
        carry = _CARRYING.get(claimed.items[0].kind)
        try:
            if carry is not None:
                await carry(self._office, claimed)
                self.wake()
            else:
                channel, ts = await self._post(claimed)
        except (Unsayable, SlackObjectFormationError, FileTroubleError) as error:
            await self._refused(claimed, Failure(FailureKind.REFUSED, str(error)))
            return True
        except CALL_ERRORS as error:
            return await self._failed(claimed, read_failure(error))
        if carry is None:
            await self._said(claimed, channel, ts)
        log.info("said", lane=claimed.lane, notices=claimed.ids, kind=claimed.items[0].kind.value)
        return True

    async def _said(self, claimed: Claimed, channel: str, ts: str) -> None:
        now, desk = self._office.clock.now(), self._office.desk
        if claimed.items[0].kind is NoticeKind.ANSWER:
            await desk.do(answers.sent, claimed, channel=channel, ts=ts, now=now, limits=self._office.limits)
            self.wake()
        else:
            await desk.do(notices.mark_sent, claimed, channel=channel, ts=ts, now=now)

    async def _post(self, claimed: Claimed) -> tuple[str, str]:
        said = await render(self._office, claimed)
        if isinstance(said, Gone):
            log.info("nothing left to say", notices=claimed.ids, reason=said.reason)
            return "", ""
        if claimed.uncertain and claimed.items[0].post is None:
            found = await find_post(self._office, claimed)
            if found is not None:
                return found
        return await deliver(self._office, claimed, said)

    async def _failed(self, claimed: Claimed, failure: Failure) -> bool:
        now = self._office.clock.now()
        desk = self._office.desk
        match failure.kind:
            case FailureKind.LIMITED:
                until = now + timedelta(seconds=failure.retry_after)
                self.limited_until = max(self.limited_until, until)
                await desk.do(notices.give_back, claimed, due_at=until)
                log.warning("asked to wait", lane=claimed.lane, seconds=failure.retry_after)
                # The whole channel waits, not this notice alone.
                await asyncio.sleep(failure.retry_after)
                return not self._stopping.is_set()
            case FailureKind.BROKEN:
                later = now + timedelta(seconds=retry_delay(claimed.items[0].attempts))
                await desk.do(notices.mark_uncertain, claimed, error=failure.error, retry_at=later)
                log.warning("line broke", lane=claimed.lane, notices=claimed.ids, error=failure.error)
                return False
            case _:
                await self._refused(claimed, failure)
                return True

    async def _refused(self, claimed: Claimed, failure: Failure) -> None:
        now = self._office.clock.now()
        if failure.error == "message_not_found" and claimed.items[0].post is not None:
            # Somebody deleted our post: the next try posts it anew.
            await self._office.desk.do(notices.forget_post, claimed.items[0].target)
        later = now + timedelta(seconds=retry_delay(claimed.items[0].attempts))
        if claimed.items[0].kind is NoticeKind.ANSWER:
            await self._office.desk.do(answers.failed, claimed, error=failure.error, retry_at=later, now=now)
        elif claimed.items[0].kind is NoticeKind.FILES:
            await self._office.desk.do(attachments.refused, claimed, error=failure.error, retry_at=later, now=now)
        else:
            await self._office.desk.do(notices.mark_failed, claimed, error=failure.error, retry_at=later)
        log.warning("refused", lane=claimed.lane, notices=claimed.ids, error=failure.error)

    async def stop(self, within: float) -> None:
        """Finish what is being said, at most so many seconds; the rest stays in the outbox."""
        self._stopping.set()
        self._woken.set()
        lanes = list(self._lanes.values())
        if lanes:
            _, late = await asyncio.wait(lanes, timeout=within)
            for task in late:
                task.cancel()
