"""Work that can wait until Slack has its acknowledgement: background tasks, whose failures are logged."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from bot.slack.api.errors import CALL_ERRORS, read_failure

log = structlog.get_logger("casebook.slack")


class BackgroundTasks:
    """Runs background tasks, and keeps references to them so that they are not garbage-collected."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def do(self, work: Coroutine[Any, Any, None], *, name: str) -> None:
        """Start a task; a failure is logged with `name`, because nobody awaits the result."""
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            if isinstance(error, CALL_ERRORS):
                log.warning("call in background task failed", task=task.get_name(), error=read_failure(error).error)
                return
            log.error("background task failed", task=task.get_name(), error=type(error).__name__, exc_info=error)

    async def finish(self, within: float) -> None:
        """Wait up to `within` seconds for the running tasks, then cancel the rest."""
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=within)
        for task in late:
            task.cancel()
