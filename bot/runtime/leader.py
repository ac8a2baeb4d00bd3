"""Leader election: runs work that only one of several processes may do at a time, while this process is the leader."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import structlog

from bot.runtime.backoff import Backoff
from bot.runtime.threads import in_thread
from bot.runtime.waiting import pause
from bot.status import Part
from casebook.admin.advisory_locks import AdvisoryLock
from casebook.errors import CasebookError, DatabaseUnavailableError

log = structlog.get_logger("casebook.leader")
T = TypeVar("T")

# A leader that loses the database has stopped 1 + 2 + 2 seconds after its last query; the server frees the lock after
# casebook.admin.advisory_locks.SILENCE_SECONDS, which is later, so that two leaders never work at once.
LOOK_SECONDS = 1.0  # how often the leader queries over the lock's connection, and the others try to take the lock
ANSWER_SECONDS = 2.0  # how long the database may take to answer the leader
FINISH_SECONDS = 2.0  # for current work when the lock is lost
_CONNECT_SECONDS = 5.0
_LONGEST_WAIT = 2.0  # between two attempts while the database does not answer


class Work(Protocol):
    """What the leader does."""

    async def run(self) -> None:
        """Work until `stop`."""

    async def stop(self, within: float) -> None:
        """Finish current work within so many seconds, and end `run`."""


class LeaderTask:
    """Waits until this process holds the lock, works until the lock is lost, and waits again.

    `lock` returns a new lock for each attempt, or None where no other process can do the work. `work` builds the work
    anew each time this process becomes the leader.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], Work],
        *,
        lock: Callable[[], AdvisoryLock | None],
        part: Part,
        look: float = LOOK_SECONDS,
        answer: float = ANSWER_SECONDS,
    ) -> None:
        self._name = name
        self._build = work
        self._new_lock = lock
        self._part = part
        self._look = look
        self._answer = answer
        self._backoff = Backoff(look, max(look, _LONGEST_WAIT))
        self._stopping = asyncio.Event()
        self._working: Work | None = None
        self._running: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Work whenever this process is the leader, until `stop`; raises the error that ends the work."""
        self._running = asyncio.current_task()
        while not self._stopping.is_set():
            try:
                await self.step()
            except CasebookError as error:
                if error.permanent:
                    raise
                self._part.down(f"It is not known which process is the leader. {error}")
                log.warning("leader not known", work=self._name, reason=str(error))
                await pause(self._backoff.next(), self._stopping)

    async def stop(self, within: float) -> None:
        """Finish current work within so many seconds, and release the lock."""
        self._stopping.set()
        if self._working is not None:
            await self._working.stop(within)
        if self._running is not None:
            _, late = await asyncio.wait({self._running}, timeout=1.0)
            for task in late:
                task.cancel()

    async def step(self) -> None:
        """Wait for the lock, and work while it is held; raises the error that ended it."""
        lock = self._new_lock()
        if lock is None:
            await self._work(None)
            return
        holding = _Holding(lock)
        try:
            while not await holding.call(lock.take, _CONNECT_SECONDS):
                self._backoff.reset()
                self._part.standby()
                await pause(self._look, self._stopping)
                if self._stopping.is_set():
                    return
            self._backoff.reset()
            self._part.starting()
            log.info("became leader", work=self._name)
            await self._work(holding)
        finally:
            holding.end()

    async def _work(self, holding: "_Holding | None") -> None:
        if self._stopping.is_set():
            return
        work = self._working = self._build()
        doing = asyncio.create_task(work.run(), name=self._name)
        others: list[asyncio.Task[Any]] = [asyncio.create_task(self._stopping.wait())]
        if holding is not None:
            others.append(asyncio.create_task(self._keep(holding), name=f"lock of {self._name}"))
        try:
            await asyncio.wait([doing, *others], return_when=asyncio.FIRST_COMPLETED)
            lost = next((error for each in others if each.done() and (error := each.exception())), None)
            if lost is not None:
                log.warning("leadership lost", work=self._name, reason=str(lost))
                await work.stop(FINISH_SECONDS)
            await asyncio.wait({doing})
            if lost is not None:
                raise lost
            if not doing.cancelled():  # work that does not end in time is cancelled by `Work.stop`
                doing.result()
        finally:
            self._working = None
            for task in (doing, *others):
                task.cancel()
            await asyncio.gather(doing, *others, return_exceptions=True)

    async def _keep(self, holding: "_Holding") -> None:
        """Query over the lock's connection for ever; raises when the lock is lost."""
        while True:
            await asyncio.sleep(self._look)
            await holding.call(holding.lock.check, self._answer)


class _Holding:
    """A lock, called in background threads, so that a database which does not answer does not block the program."""

    def __init__(self, lock: AdvisoryLock) -> None:
        self.lock = lock
        self._call: asyncio.Future[Any] | None = None

    async def call(self, function: Callable[[], T], within: float) -> T:
        """What `function` returns or raises; raises DatabaseUnavailableError after `within` seconds."""
        call = asyncio.ensure_future(in_thread(function))
        self._call = call
        done, _ = await asyncio.wait({call}, timeout=within)
        if not done:
            raise DatabaseUnavailableError(f"The database did not answer within {within:g} s.")
        return call.result()

    def end(self) -> None:
        """Release the lock: now, or when a call that is still running has returned."""
        if self._call is None or self._call.done():
            self.lock.release()
        else:
            self._call.add_done_callback(self._returned)

    def _returned(self, call: "asyncio.Future[Any]") -> None:
        if not call.cancelled():  # a cancelled call means that the program ends, and the connection with it
            call.exception()
            self.lock.release()
