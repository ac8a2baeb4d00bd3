"""What ends side by side, and a program in which something hangs."""

import asyncio
import subprocess
import sys
import time

from structlog.testing import capture_logs

from bot.runtime.shutdown import ended


async def test_one_that_hangs_and_one_that_breaks_are_named_and_keep_no_other():
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
        ("not ended in order", "broken"),
        ("not ended in time", "hanging"),
    ]


HANGS = """
import threading
from concurrent.futures import ThreadPoolExecutor
from bot.runtime.shutdown import end_by_force_later
ThreadPoolExecutor().submit(threading.Event().wait)
end_by_force_later(0.1)
"""


def test_a_program_whose_thread_hangs_ends_all_the_same_with_status_0():
    before = time.monotonic()

    done = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, check=False, timeout=30)

    assert done.returncode == 0
    assert "something hangs" in done.stdout + done.stderr
    assert time.monotonic() - before < 10
