"""The asynchronous way into the casebook: every operation runs on one thread, on that thread's connection."""

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from casebook import database

P = ParamSpec("P")
T = TypeVar("T")


class Desk:
    """Runs casebook operations one after the other, off the event loop.

    peewee's connections belong to threads, and on the loop's own thread all tasks would share one transaction.
    """

    def __init__(self, url: str) -> None:
        database.open(url)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="casebook")

    async def do(self, operation: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """The outcome of one operation; it is finished even if the caller is cancelled while it runs.

        Raises what the operation raises, and DatabaseUnavailableError while the database does not answer.
        """
        call = functools.partial(operation, *args, **kwargs)
        running = asyncio.get_running_loop().run_in_executor(self._thread, database.work, call)
        return await asyncio.shield(running)

    async def close(self) -> None:
        """Finish what is in hand and close the connection."""
        await asyncio.get_running_loop().run_in_executor(self._thread, database.close)
        self._thread.shutdown(wait=True)
