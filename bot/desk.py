"""Runs casebook operations from asyncio code, one after the other, in one thread with its own connection."""

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

PATIENCE = 8.0  # seconds that one operation may take before its connection is shut down
CLOSED_WITHIN = 2.5
_LOOKS = 8  # checks within that time whether the operation has ended


class Desk:
    """Runs casebook operations one after the other, in a thread of its own.

    peewee keeps a connection per thread, and in the event loop's thread all tasks would share one transaction. An
    operation on a server that does not answer delays all others: after `patience` seconds its connection is shut down.
    """

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        database.open(url)
        self._look_seconds = patience / _LOOKS
        self._waiting: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="casebook", daemon=True)
        self._socket: socket.socket | None = None
        self._asked = self._done = 0
        self._given_up = 0  # operations up to this number fail: they waited while the database was unavailable
        self._why = ""
        self._unhurried = False
        self._looking: asyncio.Task[None] | None = None

    async def do(self, operation: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one operation and return its result; it runs to its end even if the caller is cancelled.

        Raises what the operation raises, and DatabaseUnavailableError while the database does not answer. All
        operations that are queued then fail with it, since each would wait as long.
        """
        return await self._ask(functools.partial(operation, *args, **kwargs))

    async def do_unhurried(self, operation: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The same without a time limit, for operations such as the migration of a large database."""
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

    # In the thread

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
        except BaseException as error:  # noqa: BLE001 - raised again in the caller
            _settle(future, error)
        else:
            with suppress(RuntimeError):  # the loop is closed
                future.set_result(outcome)
        finally:
            self._done += 1

    def _carry_out(self, number: int, call: Callable[[], T]) -> T:
        if number <= self._given_up:
            raise DatabaseUnavailableError(self._why)
        return database.work(call, on_connect=self._hold)

    def _hold(self, descriptor: int | None) -> None:
        """Duplicate the connection's socket: its descriptor may belong to another file by the time we shut it down."""
        before, self._socket = self._socket, None if descriptor is None else socket.socket(fileno=os.dup(descriptor))
        if before is not None:
            before.close()

    # In the event loop

    async def _look(self) -> None:
        """While there are operations, shut down the connection of one that takes too long."""
        seen, looks = -1, 0
        while self._done < self._asked:
            looks = looks + 1 if seen == self._done and not self._unhurried else 0
            seen = self._done
            if looks >= _LOOKS:
                self._cut()
                looks = 0
            await asyncio.sleep(self._look_seconds)

    def _cut(self) -> None:
        connection = self._socket
        if connection is not None:
            log.warning("database does not answer, connection shut down")
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    async def close(self, within: float = CLOSED_WITHIN) -> None:
        """Finish the queued operations and close the connection; after `within` seconds give up."""
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
    with suppress(RuntimeError):  # the loop is closed
        future.set_exception(error)
