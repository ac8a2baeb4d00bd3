"""A test that hangs ends by itself and names itself, and the tests after it run."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = """
import asyncio, signal, threading
import pytest

@pytest.fixture
async def never_cleared_away():
    yield
    await asyncio.Event().wait()

async def test_that_waits(): await asyncio.Event().wait()
async def test_that_is_not_cleared_away(never_cleared_away): pass
async def test_that_fails_and_is_not_cleared_away(never_cleared_away): raise ValueError
def test_that_hears_no_signal():
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    threading.Event().wait()
def test_after_them(): pass
"""
ROOT = Path(__file__).parents[1]


@pytest.mark.timeout(180)  # pytest starts in it, and starts workers, three times over
def test_every_test_that_hangs_fails_and_the_run_goes_on(tmp_path):
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "test_hanging.py"
    path.write_text(TESTS, encoding="utf-8")
    limits = ["-o", "timeout=1", "-o", "faulthandler_timeout=3"]
    inner = [sys.executable, "-m", "pytest", "-n", "1", f"--basetemp={tmp_path / 'inner'}"]

    done = subprocess.run([*inner, *limits, path], check=False, cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 1
    ended = [line.split(" - ")[0] for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    assert sorted(ended) == [
        "ERROR test_hanging.py::test_that_fails_and_is_not_cleared_away",
        "ERROR test_hanging.py::test_that_is_not_cleared_away",
        "FAILED test_hanging.py::test_that_fails_and_is_not_cleared_away",
        "FAILED test_hanging.py::test_that_hears_no_signal",
        "FAILED test_hanging.py::test_that_waits",
    ]
    assert "3 failed, 2 passed, 2 errors" in done.stdout
