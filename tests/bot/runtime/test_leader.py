"""Two candidates on a real PostgreSQL: one works at a time."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from bot.clock import Clock
from bot.runtime.leader import LeaderTask
from bot.status import State, Status
from casebook.admin import advisory_locks


class Work:
    """Works until it is stopped."""

    def __init__(self, at):
        self._at = at
        self._stopping = asyncio.Event()

    async def run(self):
        self._at.working += 1
        self._at.part.up()
        try:
            await self._stopping.wait()
        finally:
            self._at.working -= 1

    async def stop(self, within):
        self._stopping.set()


class Process:
    """One process that takes part in the election."""

    def __init__(self, url):
        self.part = Status(Clock()).email_listener
        self.working = 0
        self.leader_task = LeaderTask(
            "inbox", lambda: Work(self), lock=lambda: advisory_locks.lock(url, "inbox"), part=self.part, look=0.02
        )

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator["Process"]:
        task = asyncio.create_task(self.leader_task.run())
        try:
            yield self
        finally:
            await self.leader_task.stop(1)
            await asyncio.wait({task})

    async def until(self, state):
        async with asyncio.timeout(10):
            while self.part.state is not state:  # noqa: ASYNC110 (a part has no event for changes)
                await asyncio.sleep(0.002)


def end_holder(url):
    """The server ends the connection that holds the lock."""
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")


async def test_one_works_the_other_stands_by_and_takes_over_when_it_stops(postgresql):
    url = postgresql()
    first, second = Process(url), Process(url)

    async with second.at_work():
        await second.until(State.UP)
        async with first.at_work():
            await first.until(State.STANDBY)
            await second.leader_task.stop(1)
            await first.until(State.UP)

            assert (first.working, second.working) == (1, 0)


async def test_a_leader_whose_connection_breaks_stops_and_waits_for_the_lock_again(postgresql):
    url = postgresql()
    async with Process(url).at_work() as holder:
        await holder.until(State.UP)

        end_holder(url)
        await holder.until(State.DOWN)
        stopped = holder.working
        await holder.until(State.UP)

    assert stopped == 0
    assert "It is not known which process is the leader" in holder.part.last_error


async def test_work_that_fails_ends_the_leader_task_with_its_error(postgresql):
    class Dying(Work):
        async def run(self):
            raise ZeroDivisionError

    process = Process(postgresql())
    process.leader_task._build = lambda: Dying(process)

    with pytest.raises(ZeroDivisionError):
        await process.leader_task.run()


async def test_on_a_file_the_work_begins_at_once_and_stops_in_order(sqlite_url):
    async with Process(sqlite_url).at_work() as alone:
        await alone.until(State.UP)

        await alone.leader_task.stop(1)

        assert alone.working == 0


async def test_while_the_database_is_away_nobody_works_and_the_part_says_why():
    async with Process("postgresql://casebook@127.0.0.1:1/book").at_work() as process:
        await process.until(State.DOWN)

    assert process.working == 0
    assert "does not answer" in process.part.last_error


async def test_a_database_that_falls_silent_ends_the_leadership_and_blocks_nothing():
    class Silent:
        """A lock that is taken and whose server then does not answer."""

        def __init__(self):
            self.asked, self.mended, self.released = threading.Event(), threading.Event(), threading.Event()

        def take(self):
            return True

        def check(self):
            self.asked.set()
            self.mended.wait(10)

        def release(self):
            self.released.set()

    process, lock = Process(""), Silent()
    process.leader_task = LeaderTask(
        "inbox", lambda: Work(process), lock=lambda: lock, part=process.part, look=0.02, answer=0.05
    )
    async with process.at_work():
        await process.until(State.DOWN)
        working, touched = process.working, lock.released.is_set()

        lock.mended.set()
        await asyncio.to_thread(lock.released.wait, 5)

    assert "did not answer within 0.05 s" in process.part.last_error
    assert (working, touched) == (0, False)
    assert lock.released.is_set()
