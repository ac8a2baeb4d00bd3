"""A duty: work that one process of several does at a time, done here for as long as it is our turn."""

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

log = structlog.get_logger("casebook.turn")
T = TypeVar("T")

# Whoever has lost the database has stopped 1 + 2 + 2 seconds after its last sign of life; the server gives the turn to
# somebody else after casebook.admin.advisory_locks.SILENCE_SECONDS, which is later.
LOOK_SECONDS = 1.0  # how often the holder shows that it is there, and those who stand by ask whether it still is
ANSWER_SECONDS = 2.0  # how long the database may take to hear it
FINISH_SECONDS = 2.0  # for what is in hand when the turn is lost
_CONNECT_SECONDS = 5.0
_LONGEST_WAIT = 2.0  # between two tries while the database does not answer


class Work(Protocol):
    """What is done in a turn."""

    async def run(self) -> None:
        """Work until `stop`."""

    async def stop(self, within: float) -> None:
        """Finish what is in hand, at most so many seconds, and end `run`."""


class LeaderTask:
    """Stands by until it is our turn, works until the turn is lost, and stands by again.

    `turn` gives a new try each time, or None where nobody else could do the work; `work` is built anew for each turn.
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
        """Do the work whenever it is our turn, until `stop`; raises what the work dies of."""
        self._running = asyncio.current_task()
        while not self._stopping.is_set():
            try:
                await self.step()
            except CasebookError as error:
                if error.permanent:
                    raise
                self._part.down(f"It is not known whose turn it is. {error}")
                log.warning("turn not known", work=self._name, reason=str(error))
                await pause(self._backoff.next(), self._stopping)

    async def stop(self, within: float) -> None:
        """Finish what is in hand, at most so many seconds, and let somebody else have the turn."""
        self._stopping.set()
        if self._working is not None:
            await self._working.stop(within)
        if self._running is not None:
            _, late = await asyncio.wait({self._running}, timeout=1.0)
            for task in late:
                task.cancel()

    async def step(self) -> None:
        """Wait for one turn and work for as long as it lasts; raises what ended it."""
        lock = self._new_lock()
        if lock is None:
            await self._work(None)
            return
        holding = _Holding(lock)
        try:
            while not await holding.ask(lock.take, _CONNECT_SECONDS):
                self._backoff.reset()
                self._part.standby()
                await pause(self._look, self._stopping)
                if self._stopping.is_set():
                    return
            self._backoff.reset()
            self._part.starting()
            log.info("our turn", work=self._name)
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
            others.append(asyncio.create_task(self._keep(holding), name=f"turn of {self._name}"))
        try:
            await asyncio.wait([doing, *others], return_when=asyncio.FIRST_COMPLETED)
            lost = next((error for each in others if each.done() and (error := each.exception())), None)
            if lost is not None:
                log.warning("turn lost", work=self._name, reason=str(lost))
                await work.stop(FINISH_SECONDS)
            await asyncio.wait({doing})
            if lost is not None:
                raise lost
            if not doing.cancelled():  # whoever does not end in time is cancelled by `Work.stop`
                doing.result()
        finally:
            self._working = None
            for task in (doing, *others):
                task.cancel()
            await asyncio.gather(doing, *others, return_exceptions=True)

    async def _keep(self, holding: "_Holding") -> None:
        """Show for ever that we are there; raises when the turn is lost."""
        while True:
            await asyncio.sleep(self._look)
            await holding.ask(holding.lock.keep, self._answer)


class _Holding:
    """One turn's connection, asked aside: a database that is silent may not hold up the program."""

    def __init__(self, lock: AdvisoryLock) -> None:
        self.lock = lock
        self._asking: asyncio.Future[Any] | None = None

    async def ask(self, question: Callable[[], T], within: float) -> T:
        """The answer; raises DatabaseUnavailableError when it comes too late, and what the question raises."""
        asking = asyncio.ensure_future(in_thread(question))
        self._asking = asking
        done, _ = await asyncio.wait({asking}, timeout=within)
        if not done:
            raise DatabaseUnavailableError(f"The database did not answer within {within:g} s.")
        return asking.result()

    def end(self) -> None:
        """Give the turn back; while an answer is still awaited, as soon as it has come."""
        if self._asking is None or self._asking.done():
            self.lock.give_back()
        else:
            self._asking.add_done_callback(self._ended)

    def _ended(self, asking: "asyncio.Future[Any]") -> None:
        if not asking.cancelled():  # else the program ends, and the connection with it
            asking.exception()
            self.lock.give_back()
