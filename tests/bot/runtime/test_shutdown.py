"""Parts that stop concurrently, and a program in which something hangs."""

import asyncio
import subprocess
import sys
import time

from structlog.testing import capture_logs

from bot.runtime.shutdown import ended


async def test_parts_that_hang_or_fail_are_logged_and_delay_no_other():
    done = []

    async def good():
        done.append("good")

    async def broken():
        raise ZeroDivisionError

    async def hanging():
        await asyncio.Event().wait()

    with capture_logs() as logs:
        await ended(0.02, good=good(), broken=broken(), hanging=hanging())

    assert done == ["good"]
    assert sorted((line["event"], line["part"]) for line in logs) == [
        ("part failed to stop", "broken"),
        ("part not stopped in time", "hanging"),
    ]


HANGS = """
import threading
from concurrent.futures import ThreadPoolExecutor
from bot.runtime.shutdown import end_by_force_later
ThreadPoolExecutor().submit(threading.Event().wait)
end_by_force_later(0.1)
"""


def test_a_program_whose_thread_hangs_still_ends_with_status_0():
    before = time.monotonic()

    done = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, check=False, timeout=30)

    assert done.returncode == 0
    assert "shutdown timed out" in done.stdout + done.stderr
    assert time.monotonic() - before < 10
