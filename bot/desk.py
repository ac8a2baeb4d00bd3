"""The asynchronous way into the casebook: every operation runs on one thread, on that thread's connection."""

import asyncio
import functools
import os
import queue
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

import structlog

from casebook import database
from casebook.errors import DatabaseUnavailableError

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger("casebook.desk")

PATIENCE = 8.0  # seconds that one operation may take before the line to the server is cut
CLOSED_WITHIN = 2.5
_LOOKS = 8  # in that time, whether the thread still does the same


class Desk:
    """Runs casebook operations one after the other, off the event loop.

    peewee's connections belong to threads, and on the loop's own thread all tasks would share one transaction. One
    operation that a silent server keeps waiting keeps all others waiting: after `patience` seconds its line is cut.
    """

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        database.open(url)
        self._look_seconds = patience / _LOOKS
        self._waiting: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="casebook", daemon=True)
        self._line: socket.socket | None = None
        self._asked = self._done = 0
        self._given_up = 0  # what was asked up to here has waited for a database that was away
        self._why = ""
        self._unhurried = False
        self._looking: asyncio.Task[None] | None = None

    async def do(self, operation: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The outcome of one operation; it is finished even if the caller is cancelled while it runs.

        Raises what the operation raises, and DatabaseUnavailableError while the database does not answer. When that
        happens, what waited behind it fails with it: each would only wait for the same.
        """
        return await self._ask(functools.partial(operation, *args, **kwargs))

    async def do_unhurried(self, operation: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for an operation that may take its time, such as bringing a large book up to date."""
        return await self._ask(functools.partial(operation, *args, **kwargs), unhurried=True)

    async def _ask(self, call: Callable[[], T], *, unhurried: bool = False) -> T:
        future: Future[T] = Future()
        self._asked += 1
        number = self._asked
        self._waiting.put(lambda: self._run(number, call, future, unhurried=unhurried))
        if not self._thread.is_alive():
            self._thread.start()
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(asyncio.wrap_future(future))

    # On the thread

    def _work(self) -> None:
        while (job := self._waiting.get()) is not None:
            job()
        database.close()
        self._hold(None)

    def _run(self, number: int, call: Callable[[], T], future: "Future[T]", *, unhurried: bool) -> None:
        self._unhurried = unhurried
        try:
            outcome = self._carry_out(number, call)
        except DatabaseUnavailableError as error:
            if number > self._given_up:
                self._given_up, self._why = self._asked, str(error)
            _settle(future, error)
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is waited for
            _settle(future, error)
        else:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                future.set_result(outcome)
        finally:
            self._done += 1

    def _carry_out(self, number: int, call: Callable[[], T]) -> T:
        if number <= self._given_up:
            raise DatabaseUnavailableError(self._why)
        return database.work(call, on_line=self._hold)

    def _hold(self, descriptor: int | None) -> None:
        """Keep a handle of our own on the line: the connection's may be another's by the time it is cut."""
        before, self._line = self._line, None if descriptor is None else socket.socket(fileno=os.dup(descriptor))
        if before is not None:
            before.close()

    # On the loop

    async def _look(self) -> None:
        """While there is anything to do, cut the line of an operation that takes too long."""
        seen, looks = -1, 0
        while self._done < self._asked:
            looks = looks + 1 if seen == self._done and not self._unhurried else 0
            seen = self._done
            if looks >= _LOOKS:
                self._cut()
                looks = 0
            await asyncio.sleep(self._look_seconds)

    def _cut(self) -> None:
        line = self._line
        if line is not None:
            log.warning("database silent, line cut")
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    async def close(self, within: float = CLOSED_WITHIN) -> None:
        """Finish what is in hand and close the connection; a database that hangs is left after `within` seconds."""
        if not self._thread.is_alive():
            return
        self._waiting.put(None)
        for ended in (functools.partial(self._thread.join, within), functools.partial(self._thread.join, 0.5)):
            await asyncio.to_thread(ended)
            if not self._thread.is_alive():
                break
            self._cut()
        if self._looking is not None:
            self._looking.cancel()


def _settle(future: "Future[Any]", error: BaseException) -> None:
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        future.set_exception(error)
