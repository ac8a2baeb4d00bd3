"""Members of channels are looked up on all pages, with few calls, and never from malformed answers."""

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
from fixtures.workspace.http.odd_answers import BARE, BROKEN, LIMITED

CHANNEL = SHARED.channel_id


@pytest.fixture
async def client(slack: Workspace):
    """A client for the stand-in."""
    async with aiohttp.ClientSession() as session:
        yield SlackClient(
            clock=Clock(), token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[]
        )


@pytest.fixture
def clock() -> Clock:
    """A clock that tests can push."""
    return Clock()


@pytest.fixture
def members(client: SlackClient, clock: Clock) -> Members:
    """An empty cache."""
    return Members(client, clock=clock)


def calls(slack: Workspace) -> int:
    """The number of calls of conversations.members."""
    return len([call for call in slack.calls if call.method == "conversations.members"])


def crowd(slack: Workspace, count: int) -> None:
    """Add so many people to the channel, whose IDs come before those of the cast."""
    slack.state.room(CHANNEL).members.update(f"U0{number:09d}" for number in range(count))


async def test_members_are_kept_for_each_channel(slack, members):
    slack.state.room(SECOND.channel_id).members.discard(DORA.user_id)

    assert await members.has(CHANNEL, DORA.user_id)
    assert not await members.has(SECOND.channel_id, DORA.user_id)


async def test_all_pages_are_read_in_as_few_calls_as_possible(slack, members):
    crowd(slack, 2 * PAGE)

    assert await members.has(CHANNEL, DORA.user_id)
    assert calls(slack) == 3


async def test_a_channel_that_is_too_large_has_no_known_members_and_costs_ten_calls(slack, members):
    crowd(slack, MAX_PAGES * PAGE)

    assert [await members.has(CHANNEL, user_id) for user_id in (DORA.user_id, "U0000000000")] == [False, False]
    assert calls(slack) == MAX_PAGES


async def test_members_are_cached_for_five_minutes(slack, members, clock):
    for _ in range(3):
        await members.has(CHANNEL, DORA.user_id)
    clock.push(CACHED_FOR - timedelta(seconds=1))
    await members.has(CHANNEL, EMIL.user_id)
    assert calls(slack) == 1
    slack.state.room(CHANNEL).members.discard(DORA.user_id)
    clock.push(timedelta(seconds=1))

    assert not await members.has(CHANNEL, DORA.user_id)


async def test_concurrent_lookups_share_one_call(slack, members):
    slack.faults.slow(0.1)
    found = await asyncio.gather(*(members.has(CHANNEL, DORA.user_id) for _ in range(50)))

    assert all(found)
    assert calls(slack) == 1


async def test_somebody_who_joins_during_a_lookup_is_found_next_time(slack, members):
    newcomer = "U0000000000"
    crowd(slack, PAGE + 1)
    slack.state.room(CHANNEL).members.discard(newcomer)
    slack.faults.slow(0.3)
    early = asyncio.create_task(members.has(CHANNEL, newcomer))
    async with asyncio.timeout(10):
        while not calls(slack):  # noqa: ASYNC110 (the stand-in sends no event for a call)
            await asyncio.sleep(0.005)
    slack.state.room(CHANNEL).members.add(newcomer)
    members.forget(CHANNEL)
    assert not await early, "the page was read before they joined"

    assert await members.has(CHANNEL, newcomer)


@pytest.mark.parametrize("error", ["missing_scope", "fetch_members_failed", "internal_error", "invalid_auth"])
async def test_a_failed_lookup_is_repeated_next_time(slack, members, error):
    slack.faults.fail("conversations.members", error, times=1)
    with pytest.raises(LookupFailedError):
        await members.has(CHANNEL, DORA.user_id)

    assert await members.has(CHANNEL, DORA.user_id)


async def test_malformed_answers_are_failed_lookups(slack, members):
    for name, answer in (BROKEN | LIMITED | {"bare": BARE}).items():
        slack.faults.answer("conversations.members", answer, times=1)
        with pytest.raises(LookupFailedError):
            raise AssertionError(f"{name}: {await members.has(CHANNEL, DORA.user_id)}")

    assert await members.has(CHANNEL, DORA.user_id)


async def test_a_channel_that_slack_does_not_show_has_no_members(slack, members):
    assert not await members.has("C0NOWHERE", DORA.user_id)
    assert not await members.has("C0NOWHERE", DORA.user_id)
    assert calls(slack) == 1
