"""Concurrent callers with the same question share one call to Slack ("single flight")."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class AskedOnce:
    """The calls that are running, by name.

    Without this, a burst of fifty messages asked for the user group fifty times; Slack allows twenty calls a minute.
    """

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[Any]] = {}

    async def ask(self, name: str, call: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """Make the call, or wait for the running one of this name; raises what the call raises."""
        task = self._running.get(name)
        if task is None:
            task = self._running[name] = asyncio.create_task(call())
            task.add_done_callback(lambda _: self._running.pop(name, None))
        answer: Answer = await asyncio.shield(task)
        return answer

    def __contains__(self, name: str) -> bool:
        return name in self._running

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._running))
