"""What Slack is being asked at this moment: whoever wants to know the same waits for the same answer."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

Found = TypeVar("Found")


class AskedOnce:
    """Questions by name, as long as they are under way.

    A burst of fifty messages asked fifty times for the user group, of which Slack answers twenty a minute.
    """

    def __init__(self) -> None:
        self._asked: dict[str, asyncio.Task[Any]] = {}

    async def ask(self, name: str, question: Callable[[], Coroutine[Any, Any, Found]]) -> Found:
        """Ask, or wait for the answer to the same question; raises what the question raises."""
        task = self._asked.get(name)
        if task is None:
            task = self._asked[name] = asyncio.create_task(question())
            task.add_done_callback(lambda _: self._asked.pop(name, None))
        found: Found = await asyncio.shield(task)
        return found

    def __contains__(self, name: str) -> bool:
        return name in self._asked

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._asked))
