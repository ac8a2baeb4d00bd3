"""Operations of the casebook from asyncio code."""

import asyncio
import threading

import pytest

from bot.desk import Desk
from casebook import database, ledger
from casebook.errors import DatabaseUnavailableError, NoSuchCaseError


async def test_operations_run_one_after_the_other_on_one_thread_that_is_not_the_loops(sqlite_url):
    desk = Desk(sqlite_url)

    threads = await asyncio.gather(*(desk.do(threading.current_thread) for _ in range(5)))
    await desk.close()

    assert len(set(threads)) == 1
    assert threads[0] is not threading.current_thread()


async def test_what_an_operation_raises_reaches_the_caller(sqlite_url):
    desk = Desk(sqlite_url)

    def fail():
        raise NoSuchCaseError

    with pytest.raises(NoSuchCaseError):
        await desk.do(fail)
    await desk.close()


async def test_an_unavailable_database_raises_database_unavailable(tmp_path):
    desk = Desk(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder' / 'casebook.db'}")

    with pytest.raises(DatabaseUnavailableError, match="does not answer"):
        await desk.do(database.ping)
    await desk.close()


async def test_an_operation_is_finished_when_its_caller_is_cancelled(sqlite_url):
    desk = Desk(sqlite_url)
    begun, go_on = threading.Event(), threading.Event()

    def slow():
        begun.set()
        assert go_on.wait(10)
        return ledger.position("nowhere")

    caller = asyncio.create_task(desk.do(slow))
    await asyncio.to_thread(begun.wait, 10)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    go_on.set()

    assert await desk.do(ledger.position, "nowhere") is None
    await desk.close()
