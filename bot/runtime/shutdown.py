"""Ending in time: parts end side by side, one that fails or is late is named and keeps no other from ending."""

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger("casebook")

# Ten seconds are promised, and whoever stops us counts from before we hear of it.
BY_FORCE_SECONDS = 9.0
_CANCELLED_WITHIN = 0.5


async def ended(within: float, **ends: Coroutine[Any, Any, None]) -> None:
    """Let these end, at most so many seconds; what comes in their way goes into the log."""
    tasks = {asyncio.create_task(end, name=name) for name, end in ends.items()}
    _, late = await asyncio.wait(tasks, timeout=within)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=_CANCELLED_WITHIN)
    for task in tasks:
        name = task.get_name()
        if task in late:
            log.warning("not ended in time", part=name)
        elif not task.cancelled() and (error := task.exception()) is not None:
            log.error("not ended in order", part=name, error=type(error).__name__, exc_info=error)


def end_by_force_later(seconds: float = BY_FORCE_SECONDS) -> None:
    """End the program after so many seconds with status 0, whatever still hangs then, unless it has ended before.

    Nothing is lost by it: what is unfinished was not acknowledged, or waits in the outbox.
    """
    timer = threading.Timer(seconds, _end_by_force)
    timer.daemon = True
    timer.start()


def _end_by_force() -> None:
    log.error("something hangs: ending all the same")
    os._exit(0)
