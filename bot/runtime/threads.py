"""A call that blocks, done aside: on a thread of its own that nobody waits for when the program ends."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

T = TypeVar("T")


async def in_thread(call: Callable[[], T]) -> T:
    """What `call` returns or raises; whoever is cancelled here leaves it behind.

    asyncio.to_thread would keep the program from ending until a server that is silent has been waited for.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def work() -> None:
        try:
            settle = partial(future.set_result, call())
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is waited for
            settle = partial(future.set_exception, error)
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(lambda: None if future.done() else settle())

    threading.Thread(target=work, name="aside", daemon=True).start()
    return await future
