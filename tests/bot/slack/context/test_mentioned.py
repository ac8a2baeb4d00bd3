"""Mentioned people are looked up before storing only if they decide the case, and never at the authors' expense."""

import asyncio

import pytest

from bot.slack.context import people as lookups
from bot.slack.context.mentioned import MAX_MENTIONS_LOOKED_UP
from bot.slack.context.people import LookupFailedError
from bot.slack.messages import take_in
from fixtures.cast import ANNA, DORA, EMIL, HOME_TEAM, SHARED, Person


def crowd(slack, count, first=0):
    """Add people who are not in the cache."""
    found = [Person(f"U0CROWD{number:03d}", f"Crowd {number}", "") for number in range(first, first + count)]
    for person in found:
        slack.add_person(person)
    return found


def mentioning(*people):
    return " ".join(f"<@{person.user_id}>" for person in people) + " it does not work"


async def receive(at, ts):
    """Take in the event of this message."""
    event = next(each.payload["event"] for each in at.slack.envelopes if each.payload["event"].get("ts") == ts)
    return await take_in(at.context, event)


async def written(at, person, text):
    return await at.slack.write(person, SHARED, text, markup=True)


def bodies(at):
    return [body for (body,) in at.read("SELECT body FROM messages ORDER BY id")]


async def test_a_hundred_and_fifty_mentions_delay_nobody(at):
    ts = await written(at, DORA, mentioning(*crowd(at.slack, 150)))
    other = await written(at, EMIL, "Mine neither")
    at.slack.faults.tiers()

    received = [await receive(at, ts), await receive(at, other)]

    assert [each.case_id for each in received] == ["CASE-0001", "CASE-0002"]
    await at.until(lambda: len(at.calls("users.info")) == 2 + MAX_MENTIONS_LOOKED_UP)
    await at.until(lambda: bodies(at)[0].startswith("@Crowd 0 @Crowd 1 "))
    assert "@Crowd 19 @U0CROWD020" in bodies(at)[0]


async def test_a_message_is_stored_before_lookups_and_gets_the_names_later(at):
    (person,) = crowd(at.slack, 1)
    at.start()
    await receive(at, await written(at, DORA, "Who is who?"))
    at.slack.faults.hang("users.info")
    received = await receive(at, await written(at, DORA, mentioning(person)))
    before = bodies(at)[1]
    at.slack.faults.clear()
    await at.context.background.finish(5)
    await receive(at, await written(at, DORA, "again " + mentioning(person)))

    await at.until(lambda: "@Crowd 0" in bodies(at)[2])

    assert received.case_id == "CASE-0001"
    assert before == f"@{person.user_id} it does not work"
    assert at.read("SELECT COUNT(*) FROM versions") == [(0,)]
    assert at.read("SELECT DISTINCT outcome FROM ledger") == [("message",)]


async def test_the_posted_message_gets_the_name(at):
    (person,) = crowd(at.slack, 1)
    await receive(at, await written(at, DORA, mentioning(person)))
    at.start()

    await at.until(lambda: any("Crowd 0" in at.slack.shows(post) for post in at.slack.messages("C0SUPPORT")))


async def test_cached_people_are_named_at_once(at):
    await at.context.people.look_up(EMIL.user_id)

    await receive(at, await written(at, DORA, mentioning(EMIL)))

    assert bodies(at) == ["@Emil Exempel it does not work"]


async def test_many_mentions_leave_enough_calls_for_authors(at):
    """Each of ten messages mentions twenty people who are not in the cache."""
    for number in range(10):
        ts = await written(at, DORA, mentioning(*crowd(at.slack, 20, first=20 * number)))
        await receive(at, ts)
    await at.context.background.finish(5)

    assert len(at.calls("users.info")) <= 1 + lookups.NAME_LOOKUPS_A_MINUTE


async def test_an_admins_mentions_decide_the_case_and_are_looked_up_first(at):
    await receive(at, await written(at, EMIL, "It does not work"))
    await receive(at, await written(at, DORA, "Mine neither"))
    at.context.people.forget(DORA.user_id)

    received = await receive(at, await written(at, ANNA, f"<@{DORA.user_id}> try again"))

    assert received.case_id == "CASE-0002"


async def test_an_admins_message_waits_if_its_mentions_cannot_be_looked_up(at):
    await at.context.people.look_up(ANNA.user_id)
    ts = await written(at, ANNA, mentioning(*crowd(at.slack, 1)))
    at.slack.faults.fail("users.info", "internal_error", times=1)

    with pytest.raises(LookupFailedError):
        await receive(at, ts)
    await receive(at, ts)

    assert at.read("SELECT COUNT(*) FROM ledger") == [(1,)]


async def test_an_admins_message_with_many_mentions_is_not_delayed(at):
    at.slack.faults.tiers()
    at.slack.faults.slow(0.1)

    async with asyncio.timeout(2):
        await receive(at, await written(at, ANNA, mentioning(*crowd(at.slack, 150))))

    assert len(at.calls("users.info")) <= 1 + MAX_MENTIONS_LOOKED_UP


async def test_somebody_whom_slack_does_not_know_is_a_customer_without_a_name(at):
    event = {
        "type": "message",
        "user": "U0STRANGE1",
        "text": "who am I, urgent",
        "channel": SHARED.channel_id,
        "ts": "1795815458.029632",
    }

    received = await take_in(at.context, event)

    assert (received.case_id, received.escalated) == ("CASE-0001", True)
    assert at.read("SELECT customer_identifier, customer_name FROM cases") == [("U0STRANGE1", "")]
    assert at.read("SELECT external_id FROM ledger") == [(f"{HOME_TEAM}:{SHARED.channel_id}:1795815458.029632",)]


async def test_names_for_an_answer_are_looked_up_together_with_a_time_limit(at):
    known, *others = crowd(at.slack, 100)
    await at.context.people.look_up(known.user_id)
    at.slack.faults.hang("users.info", times=None)

    async with asyncio.timeout(2):
        names = await at.context.people.names([known.user_id, *(each.user_id for each in others)], within=0.1)

    assert names[known.user_id] == "Crowd 0"
    assert {names[each.user_id] for each in others} == {each.user_id for each in others}
    assert len(at.calls("users.info")) <= 1 + lookups.MAX_NAMES
