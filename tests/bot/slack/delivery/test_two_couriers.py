"""Two bots deliver from one PostgreSQL database: each notice is posted once, and those of one case in order."""

import asyncio
from contextlib import AsyncExitStack

import aiohttp
import pytest

from bot.clock import Clock
from bot.desk import Desk
from bot.runtime.tempo import Tempo
from bot.settings import read_settings
from bot.slack.courier import Courier
from bot.slack.delivery.lookup import Lookup
from bot.slack.startup import open_context, web_client
from casebook import cases, notices
from casebook.incoming import Incoming, Source, Standing
from casebook.models import Notice
from casebook.outcomes import NoticeKind
from fixtures.cast import DORA, EMIL, FAYE, HOME_TEAM, SECOND, SHARED, SUPPORT
from fixtures.stage import Stage

PEOPLE = (DORA, EMIL, FAYE)
NOTICES = 8


@pytest.fixture
async def couriers(slack, postgresql, tmp_path):
    """Two couriers with a desk each, not started yet; a third desk; and the limits."""
    url = postgresql()
    settings = read_settings(Stage(slack, None).environment(url), tmp_path)
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        found = []
        for _ in range(2):
            desk = Desk(url)
            stack.push_async_callback(desk.close)
            clock = Clock()
            context = await open_context(
                settings,
                web_client(settings, session, clock),
                desk=desk,
                clock=clock,
                wake=lambda: None,
                count=lambda _source, _outcome: None,
            )
            found.append(Courier(context, Lookup(context, after=0.1, again=0.2), tempo=Tempo(posts=20, look=0.02)))
            stack.push_async_callback(found[-1].stop, 3)
        desk = Desk(url)
        stack.push_async_callback(desk.close)
        yield found, desk, settings.limits


def asked(person, number):
    """A customer's message; each customer has a case of their own."""
    now, ts = Clock().now(), f"1800000000.{PEOPLE.index(person)}{number:05d}"
    return Incoming(
        source=Source.SLACK,
        external_id=f"{HOME_TEAM}:{SHARED.channel_id}:{ts}",
        sender=person.user_id,
        sender_name=person.name,
        standing=Standing.CUSTOMER,
        timestamp=now,
        body=f"{person.name} {number}",
        new_text=f"{person.name} {number}",
        place=SHARED.channel_id,
        thread=ts,
    )


async def test_each_notice_is_posted_once_and_those_of_one_case_in_order(couriers, slack):
    (one, two), desk, limits = couriers
    received = []
    for person in PEOPLE:
        incoming = asked(person, 0)
        received.append(await desk.do(cases.receive, incoming, now=incoming.timestamp, limits=limits))
    for number in range(NOTICES):
        for case in received:
            named = {"lane": SECOND.channel_id, "case_id": case.case_id, "now": Clock().now()}
            await desk.do(notices.put, NoticeKind.TELL, payload={"text": f"{case.case_id} {number}"}, **named)
    slack.faults.slow(0.02)

    running = [asyncio.create_task(courier.run()) for courier in (one, two)]
    await slack.until(lambda: len(slack.messages(SECOND)) >= NOTICES * len(PEOPLE), 20, "all to be posted")
    await slack.until(lambda: len(slack.messages(SUPPORT)) >= len(PEOPLE), 20, "the cards")
    await asyncio.gather(one.stop(3), two.stop(3), *running)

    left = await desk.do(lambda: Notice.select().where(Notice.state != "sent").count())
    texts = [post.text for post in slack.messages(SECOND)]
    assert left == 0
    assert len(slack.messages(SUPPORT)) == len(PEOPLE)
    for case in received:
        assert [text for text in texts if text.startswith(str(case.case_id))] == [
            f"{case.case_id} {number}" for number in range(NOTICES)
        ]
