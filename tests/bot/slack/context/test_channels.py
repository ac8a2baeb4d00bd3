"""The channels of the settings are found by name or ID; each that cannot be used has its own error sentence."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.context.channels import ChannelError, Channels, SlackUnavailableError, find_channels
from casebook import notices
from fixtures.cast import ALERTS, CASEBOOK, LOG, SECOND, SHARED, SUPPORT, Channel

STAFF = {
    "SUPPORT_SLACK_CHANNEL": SUPPORT.channel_id,
    "ALERTING_SLACK_CHANNEL": ALERTS.channel_id,
    "LOGGING_SLACK_CHANNEL": LOG.channel_id,
}
NAMED = {variable: f"#{channel.name}" for variable, channel in zip(STAFF, (SUPPORT, ALERTS, LOG), strict=True)}


@pytest.fixture
def client(slack):
    """A client for the stand-in."""
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


async def problems(client, *customers, **staff):
    """The error sentences for the channels that cannot be used."""
    with pytest.raises(ChannelError) as caught:
        await find_channels(client, STAFF | staff, customers)
    return str(caught.value).splitlines()


@pytest.mark.parametrize("staff", [STAFF, NAMED], ids=["by ID", "by name"])
async def test_channels_are_found_by_id_and_by_name(client, staff):
    found = await find_channels(client, staff, (SHARED.channel_id, f"#{SECOND.name}"))

    customers = frozenset({SHARED.channel_id, SECOND.channel_id})
    assert found == Channels(SUPPORT.channel_id, ALERTS.channel_id, LOG.channel_id, customers)


async def test_ids_are_not_looked_up_among_all_names(client, slack):
    await find_channels(client, STAFF, ())

    assert {call.method for call in slack.calls} == {"conversations.info"}


async def test_a_name_is_found_on_the_last_of_many_pages(client, slack):
    for number in range(450):
        slack.add_channel(Channel(f"C0MANY{number:04d}", f"room-{number}"), (CASEBOOK,))
    found = await find_channels(client, NAMED, ("#room-449",))

    assert found.customers == {"C0MANY0449"}
    assert sum(call.method == "conversations.list" for call in slack.calls) == 3


async def test_an_unknown_name_or_one_that_the_bot_cannot_see(client):
    (sentence,) = await problems(client, SUPPORT_SLACK_CHANNEL="#secret")

    assert sentence.startswith("SUPPORT_SLACK_CHANNEL names #secret, and there is no such channel that the bot can see")


async def test_an_archived_channel_is_not_found_by_its_name(client, slack):
    slack.archive(SECOND)
    (sentence,) = await problems(client, f"#{SECOND.name}")

    assert sentence.startswith(f"CUSTOMER_SLACK_CHANNELS names #{SECOND.name}, and there is no such channel")


async def test_an_unknown_id(client):
    (sentence,) = await problems(client, LOGGING_SLACK_CHANNEL="C0NOWHERE")

    assert sentence.startswith("LOGGING_SLACK_CHANNEL is C0NOWHERE, and Slack knows no such channel")


async def test_a_channel_that_the_bot_is_not_in(client, slack):
    slack.kick(ALERTS)
    (sentence,) = await problems(client)

    assert sentence == "ALERTING_SLACK_CHANNEL: the bot is not in #alerts; write /invite @casebook there."


async def test_a_staff_channel_that_customers_can_read(client):
    (sentence,) = await problems(client, SUPPORT_SLACK_CHANNEL=f"#{SHARED.name}")

    assert sentence.startswith(f"SUPPORT_SLACK_CHANNEL: #{SHARED.name} is shared with another organisation")


@pytest.mark.parametrize("name", [LOG.channel_id, f"#{LOG.name}"])
async def test_a_channel_that_is_both_a_staff_and_a_customer_channel(client, name):
    (sentence,) = await problems(client, SHARED.channel_id, name)

    assert sentence.startswith(f"{LOG.channel_id} is a staff channel and stands in CUSTOMER_SLACK_CHANNELS too")


async def test_all_problems_are_reported_at_once(client, slack):
    slack.kick(ALERTS)
    found = await problems(client, "#nowhere", LOG.channel_id, SUPPORT_SLACK_CHANNEL=SHARED.channel_id)

    assert len(found) == 4


async def test_one_channel_may_have_several_staff_roles(client):
    found = await find_channels(client, dict.fromkeys(STAFF, SUPPORT.channel_id), ())

    assert found.staff == {SUPPORT.channel_id}


@pytest.mark.parametrize("method", ["conversations.info", "conversations.list"])
async def test_the_lookup_is_tried_again_if_slack_does_not_answer(client, slack, method):
    slack.faults.server_error(method)
    with pytest.raises(SlackUnavailableError) as caught:
        await find_channels(client, NAMED, ())

    assert not caught.value.permanent


async def test_a_missing_scope_is_reported_to_the_operator(client, slack):
    slack.scopes.difference_update({"channels:read", "groups:read", "im:read", "mpim:read"})
    with pytest.raises(ChannelError, match="Slack does not let the bot look up channel names: missing_scope"):
        await find_channels(client, NAMED, ())


def test_which_channels_are_watched():
    every = Channels("C1", "C2", "C3")
    some = Channels("C1", "C2", "C3", frozenset({"C4"}))

    assert every.is_watched("C9", direct=False)
    assert some.is_watched("C4", direct=False)
    assert not some.is_watched("C9", direct=False)
    assert some.is_watched("D9", direct=True)
    assert some.is_watched("C1", direct=False), "notes under the cards are read"


def test_each_lane_has_its_channel():
    channels = Channels("C1", "C2", "C3")

    lanes = (notices.SUPPORT, notices.ALERTS, notices.LOG, "C9")
    assert [channels.of_lane(lane) for lane in lanes] == ["C1", "C2", "C3", "C9"]


async def test_an_archived_channel_cannot_be_used(client, slack):
    slack.archive(ALERTS)

    assert await problems(client) == ["ALERTING_SLACK_CHANNEL: #alerts is archived; unarchive it, or choose another."]
