"""Two bots on one PostgreSQL database share the work, and one takes over from the other."""

import asyncio
import json
import time

import aiohttp
import pytest

from fixtures.cast import ALERTS, DORA, EMIL, SHARED, SUPPORT
from fixtures.pooler import Pooler
from tests.stories.conftest import Play

MIA = "mia@customer.example.com"


@pytest.fixture
def play(stage, postgresql, tmp_path) -> Play:
    return Play(stage, postgresql(), tmp_path)


class Watched:
    """A bot in a separate process, and the URL of its /health."""

    def __init__(self, process, base):
        self.process = process
        self.base = base

    async def health(self):
        async with aiohttp.ClientSession() as session, session.get(self.base) as answer:
            return answer.status, (await answer.json())["services"]

    async def until(self, service, word, patience=15.0):
        """Seconds until a service has this state."""
        before = time.monotonic()
        async with asyncio.timeout(patience):
            while (await self.health())[1][service] != word:  # noqa: ASYNC110 (only asking tells)
                await asyncio.sleep(0.02)
        return time.monotonic() - before


async def watched(program, environment) -> Watched:
    bot = await program(environment)
    line = await bot.says("casebook is running")
    return Watched(bot.process, json.loads(line)["web"])


async def two_bots(program, play, **changes):
    """The bots, first the leader, which reads the inbox and runs the jobs, then the standby."""
    environment = play.stage.environment(play.database_url, **changes)
    first = await watched(program, environment)
    await first.until("email_listener", "running")
    await first.until("scheduler", "running")
    second = await watched(program, environment)
    await second.until("email_listener", "standby")
    await second.until("scheduler", "standby")
    return first, second


def bodies(play, sender):
    return [body for (body,) in play.read(f"SELECT body FROM messages WHERE sender = '{sender}' ORDER BY timestamp")]


async def test_two_bots_share_the_work_and_one_takes_over_from_the_other(program, play):
    first, second = await two_bots(program, play, ESCALATION_HOURS="0.0005")
    answers = await first.health(), await second.health()
    people = (DORA, EMIL)
    for number in range(4):
        for person in people:
            await play.slack.write(person, SHARED, f"{person.name} {number}")
    await play.mail("By mail, one", sender=MIA)
    await play.until(lambda: len(play.read("SELECT 1 FROM messages")) == 9, "all messages in the book")
    await play.until(lambda: not play.read("SELECT 1 FROM notices WHERE state = 'pending'"), "all of it said", 60)
    lines = play.stage.mailbox.connections

    before = time.monotonic()
    first.process.kill()
    await play.mail("By mail, two", sender=MIA)
    await play.until(lambda: len(play.read("SELECT 1 FROM messages")) == 10, "the mail, read by the other")
    took = time.monotonic() - before
    await second.until("scheduler", "running")
    await play.until(lambda: len(play.slack.messages(ALERTS)) == 3, "an alert for each customer", 60)
    await play.until(lambda: not play.read("SELECT 1 FROM notices WHERE state = 'pending'"), "everything said", 60)

    assert [status for status, _ in answers] == [200, 200]
    assert lines == 1
    assert took < 10
    for person in people:
        assert bodies(play, person.user_id) == [f"{person.name} {number}" for number in range(4)]
    assert len({sent.connection for sent in play.slack.envelopes if sent.acknowledged_at}) == 2
    assert len(play.slack.messages(SUPPORT)) == len(play.slack.messages(ALERTS)) == 3
    shown = "\n".join(play.shown(SUPPORT))
    assert [shown.count(f"{person.name} {number}") for person in people for number in range(1, 4)] == [1] * 6


async def test_behind_a_transaction_pooler_it_does_not_start_and_says_what_to_do(program, stage, postgresql):
    url = postgresql()
    async with Pooler.before(url.partition("host=")[2] + "/.s.PGSQL.5432") as pooler:
        pooled = url.replace("postgres:@/", f"postgres:@127.0.0.1:{pooler.port}/").partition("?")[0]
        bot = await program(stage.environment(pooled))

        status = await bot.ended()

    assert status == 78
    assert any("DATABASE_URL must name PostgreSQL itself" in line for line in bot.log)
