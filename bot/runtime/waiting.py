"""Waits for an event with a time limit."""

import asyncio
from contextlib import suppress


async def pause(seconds: float, event: asyncio.Event) -> None:
    """Wait until the event is set, for at most so many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
