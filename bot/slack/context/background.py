"""What can wait until Slack has its acknowledgement: run on the side, told when it fails, finished before we stop."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

from bot.slack.api.errors import CALL_ERRORS, read_failure

log = structlog.get_logger("casebook.slack")


class BackgroundTasks:
    """Runs things on the side and keeps hold of them, since the loop alone would let them be collected."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def do(self, what: Coroutine[Any, Any, None], *, name: str) -> None:
        """Start it; a failure is logged under `name`, since nobody waits for the result."""
        task = asyncio.create_task(what, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            if isinstance(error, CALL_ERRORS):
                log.warning("slack refuses afterwards", what=task.get_name(), error=read_failure(error).error)
                return
            log.error("failed afterwards", what=task.get_name(), error=type(error).__name__, exc_info=error)

    async def finish(self, within: float) -> None:
        """Wait for what is under way, at most so many seconds, and end the rest."""
        if not self._running:
            return
        _, late = await asyncio.wait(self._running, timeout=within)
        for task in late:
            task.cancel()
