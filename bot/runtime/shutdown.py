"""Shuts parts down concurrently within a time limit, and logs each one that fails or is late."""

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger("casebook")

# The promise is ten seconds from the signal; it may arrive late.
BY_FORCE_SECONDS = 9.0
_CANCELLED_WITHIN = 0.5


async def ended(within: float, **ends: Coroutine[Any, Any, None]) -> None:
    """Run these shutdowns concurrently for at most `within` seconds; failures and late parts are logged."""
    tasks = {asyncio.create_task(end, name=name) for name, end in ends.items()}
    _, late = await asyncio.wait(tasks, timeout=within)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=_CANCELLED_WITHIN)
    for task in tasks:
        name = task.get_name()
        if task in late:
            log.warning("part not stopped in time", part=name)
        elif not task.cancelled() and (error := task.exception()) is not None:
            log.error("part failed to stop", part=name, error=type(error).__name__, exc_info=error)


def end_by_force_later(seconds: float = BY_FORCE_SECONDS) -> None:
    """End the program with status 0 after so many seconds, unless it has ended before.

    No data is lost: unfinished work was not acknowledged, or is still in the outbox.
    """
    timer = threading.Timer(seconds, _end_by_force)
    timer.daemon = True
    timer.start()


def _end_by_force() -> None:
    log.error("shutdown timed out, exiting")
    os._exit(0)
