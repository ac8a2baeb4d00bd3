"""Several processes share one database: an outage of one process does not count while another one listens."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.desk import Desk
from bot.slack.catchup.outage import SlackOutage
from casebook import notices

EVERY = 10.0


class Process:
    """One of several processes, with its record that the socket is open."""

    def __init__(self, context):
        self.context = context
        self.outage = SlackOutage(context, EVERY)

    async def comes_back(self, caught_up=0):
        self.outage.connection_opened()
        await self.context.client.auth_test()
        await self.outage.begin()
        self.outage.caught_up = caught_up
        await self.outage.end()

    async def later(self, seconds):
        self.context.clock.push(timedelta(seconds=seconds))

    async def reported(self):
        claimed = await self.context.desk.do(notices.claim, notices.LOG, now=self.context.clock.now())
        return [] if claimed is None else [item.payload["text"] for item in claimed.items]


@pytest.fixture
async def context(at, postgresql):
    """A context on PostgreSQL, where several processes may run."""
    desk = Desk(postgresql())
    yield replace(at.context, desk=desk)
    await desk.close()


async def test_a_process_that_starts_beside_another_reports_no_outage(context):
    other, ours = Process(context), Process(context)
    await other.comes_back()
    await ours.later(5)

    await ours.comes_back(caught_up=3)
    await other.later(EVERY + 1)
    await other.outage.mark_alive()
    await ours.outage.mark_alive()

    assert await ours.reported() == []


async def test_a_lone_process_reports_a_short_outage_once_it_is_sure(context):
    before, ours = Process(context), Process(context)
    await before.comes_back()
    await ours.later(5)

    await ours.comes_back(caught_up=3)
    at_once = await ours.reported()
    await ours.later(EVERY + 1)
    await ours.outage.mark_alive()

    assert at_once == []
    (line,) = await ours.reported()
    assert "and have caught up 3 messages" in line


async def test_only_the_first_process_that_is_back_reports_a_long_outage(context):
    before, first, second = Process(context), Process(context), Process(context)
    await before.comes_back()
    await first.later(600)

    await first.comes_back(caught_up=3)
    await second.comes_back(caught_up=1)
    await second.later(EVERY + 1)
    await second.outage.mark_alive()

    assert len(await first.reported()) == 1
