"""Jobs that fail, hang and recur, with a clock that is advanced and one that is set."""

import asyncio
import subprocess
import sys
from datetime import timedelta

import pytest

from bot.clock import Clock
from bot.runtime.scheduler import Job, Scheduler
from bot.status import State, Status
from casebook.errors import DatabaseUnavailableError


class Place:
    """A scheduler whose jobs record their runs, and fail or hang when a test wants it."""

    def __init__(self):
        self.clock = Clock()
        self.part = Status(self.clock).scheduler
        self.done = []
        self.trouble = {}

    def scheduler(self, *names, every=300.0, within=60.0):
        return Scheduler(
            [Job(name=name, every=every, within=within, run=lambda name=name: self.do(name)) for name in names],
            clock=self.clock,
            part=self.part,
        )

    async def do(self, name):
        trouble = self.trouble.get(name)
        if isinstance(trouble, asyncio.Event):
            await trouble.wait()
        elif trouble is not None:
            raise trouble
        self.done.append(name)


@pytest.mark.parametrize("trouble", [DatabaseUnavailableError(), ZeroDivisionError(), asyncio.Event()])
async def test_a_job_that_fails_or_hangs_is_named_delays_no_other_and_recovers(trouble):
    place = Place()
    place.trouble["broken"] = trouble
    scheduler = place.scheduler("a good one", "broken", "last", within=0.02)

    await scheduler.step()
    red, error, done = place.part.state, place.part.last_error, sorted(place.done)
    place.trouble.clear()
    await scheduler.step()

    assert (red, done) == (State.DOWN, ["a good one", "last"])
    assert "The job broken failed: " in error
    assert place.part.state is State.UP
    assert place.done[2:] == ["broken"]


async def test_while_one_job_hangs_the_others_run_repeatedly():
    place = Place()
    place.trouble["hanging"] = asyncio.Event()
    scheduler = place.scheduler("hanging", "steady", every=0.001)
    running = asyncio.create_task(scheduler.run())

    async with asyncio.timeout(5):
        while place.done.count("steady") < 5:  # noqa: ASYNC110 (a job has no event for its end)
            await asyncio.sleep(0.001)
    await scheduler.stop(0.01)

    assert "hanging" not in place.done
    assert running.done()


async def test_a_job_is_done_once_in_each_interval():
    place = Place()
    scheduler = place.scheduler("job")
    await scheduler.step()

    counts = []
    for seconds in (299, 2, 298, 2, 3600):
        place.clock.push(timedelta(seconds=seconds))
        await scheduler.step()
        await scheduler.step()
        counts.append(len(place.done))

    assert counts == [1, 2, 2, 3, 4]


@pytest.mark.parametrize("hours", [1, -1, 24 * 365])
async def test_a_clock_that_is_set_moves_no_job(hours):
    place = Place()
    scheduler = place.scheduler("job")
    await scheduler.step()

    place.clock.jump(timedelta(hours=hours))
    await scheduler.step()
    just_set = len(place.done)
    place.clock.push(timedelta(seconds=301))
    await scheduler.step()

    assert (just_set, len(place.done)) == (1, 2)


ZONES = """
import asyncio, os, time
from datetime import timedelta
from tests.bot.runtime.test_scheduler import Place

async def main():
    place = Place()
    scheduler = place.scheduler("job")
    await scheduler.step()
    for zone in ("UTC-1", "UTC", "UTC-2"):  # what a night of daylight saving does to local time
        os.environ["TZ"] = zone
        time.tzset()
        await scheduler.step()
    place.clock.push(timedelta(seconds=301))
    await scheduler.step()
    print(len(place.done))

asyncio.run(main())
"""


def test_a_night_of_daylight_saving_moves_no_job():
    done = subprocess.run([sys.executable, "-c", ZONES], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "2"
