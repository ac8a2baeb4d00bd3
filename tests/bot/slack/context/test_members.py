"""Who is in a channel: all pages, few calls, and no answer that is none."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest

from bot.clock import Clock
from bot.slack.api.client import SlackClient
from bot.slack.context.members import MAX_PAGES, PAGE, Members
from bot.slack.context.people import CACHED_FOR, LookupFailedError
from fixtures.cast import DORA, EMIL, SECOND, SHARED
from fixtures.workspace import Workspace
from fixtures.workspace.odd_answers import BARE, BROKEN, LIMITED

CHANNEL = SHARED.channel_id


@pytest.fixture
async def client(slack: Workspace):
    """A client that speaks to the stand-in."""
    async with aiohttp.ClientSession() as session:
        yield SlackClient(
            clock=Clock(), token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[]
        )


@pytest.fixture
def clock() -> Clock:
    """A clock that a test turns."""
    return Clock()


@pytest.fixture
def members(client: SlackClient, clock: Clock) -> Members:
    """Nobody is known yet."""
    return Members(client, clock=clock)


def asked(slack: Workspace) -> int:
    """How often Slack was asked."""
    return len([call for call in slack.calls if call.method == "conversations.members"])


def crowd(slack: Workspace, count: int) -> None:
    """So many people are in the channel besides the cast, who come last."""
    slack.state.room(CHANNEL).members.update(f"U0{number:09d}" for number in range(count))


async def test_who_is_in_a_channel_is_in_that_one_alone(slack, members):
    slack.state.room(SECOND.channel_id).members.discard(DORA.user_id)

    assert await members.has(CHANNEL, DORA.user_id)
    assert not await members.has(SECOND.channel_id, DORA.user_id)


async def test_every_page_is_read_and_as_few_as_possible(slack, members):
    crowd(slack, 2 * PAGE)

    assert await members.has(CHANNEL, DORA.user_id)
    assert asked(slack) == 3


async def test_of_too_large_a_channel_nobody_is_known_and_it_costs_ten_calls_however_many_ask(slack, members):
    crowd(slack, MAX_PAGES * PAGE)

    assert [await members.has(CHANNEL, user_id) for user_id in (DORA.user_id, "U0000000000")] == [False, False]
    assert asked(slack) == MAX_PAGES


async def test_slack_is_asked_once_in_five_minutes(slack, members, clock):
    for _ in range(3):
        await members.has(CHANNEL, DORA.user_id)
    clock.push(CACHED_FOR - timedelta(seconds=1))
    await members.has(CHANNEL, EMIL.user_id)
    assert asked(slack) == 1
    slack.state.room(CHANNEL).members.discard(DORA.user_id)
    clock.push(timedelta(seconds=1))

    assert not await members.has(CHANNEL, DORA.user_id)


async def test_a_burst_asks_once(slack, members):
    slack.faults.slow(0.1)
    found = await asyncio.gather(*(members.has(CHANNEL, DORA.user_id) for _ in range(50)))

    assert all(found)
    assert asked(slack) == 1


async def test_somebody_who_joins_is_known_at_once_also_while_slack_answers(slack, members):
    newcomer = "U0000000000"
    crowd(slack, PAGE + 1)
    slack.state.room(CHANNEL).members.discard(newcomer)
    slack.faults.slow(0.3)
    early = asyncio.create_task(members.has(CHANNEL, newcomer))
    async with asyncio.timeout(10):
        while not asked(slack):  # noqa: ASYNC110 (the stand-in tells nobody of a call)
            await asyncio.sleep(0.005)
    slack.state.room(CHANNEL).members.add(newcomer)
    members.forget(CHANNEL)
    assert not await early, "the page that would show them was read before"

    assert await members.has(CHANNEL, newcomer)


@pytest.mark.parametrize("error", ["missing_scope", "fetch_members_failed", "internal_error", "invalid_auth"])
async def test_what_slack_does_not_say_is_asked_again(slack, members, error):
    slack.faults.fail("conversations.members", error, times=1)
    with pytest.raises(LookupFailedError):
        await members.has(CHANNEL, DORA.user_id)

    assert await members.has(CHANNEL, DORA.user_id)


async def test_no_odd_answer_is_one(slack, members):
    for name, answer in (BROKEN | LIMITED | {"bare": BARE}).items():
        slack.faults.answer("conversations.members", answer, times=1)
        with pytest.raises(LookupFailedError):
            raise AssertionError(f"{name}: {await members.has(CHANNEL, DORA.user_id)}")

    assert await members.has(CHANNEL, DORA.user_id)


async def test_a_channel_that_slack_does_not_show_has_no_members(slack, members):
    assert not await members.has("C0NOWHERE", DORA.user_id)
    assert not await members.has("C0NOWHERE", DORA.user_id)
    assert asked(slack) == 1
