"""Blocking calls in daemon threads."""

import asyncio
import threading

import pytest

from bot.runtime.threads import in_thread


async def test_what_the_call_returns_and_raises_comes_back():
    assert await in_thread(lambda: 42) == 42
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 // 0)


async def test_a_call_that_does_not_end_does_not_block_the_end_of_the_program():
    silent, ended = threading.Event(), threading.Event()

    def call():
        silent.wait(10)
        ended.set()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await in_thread(call)

    assert not ended.is_set()
    silent.set()
    assert await in_thread(lambda: ended.wait(10))
