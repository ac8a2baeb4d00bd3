"""A channel gets another ID while the bot is running, while it is away, and while another process is running."""

import pytest
from structlog.testing import capture_logs

from bot.settings import read_settings
from bot.slack.context import channel_ids
from bot.slack.context.channels import ChannelError, Channels, find_channels
from bot.slack.messages import take_in
from bot.slack.startup import open_context, web_client
from casebook.conversation import channel_changes
from fixtures.cast import ALERTS, ANNA, DORA, HOME_TEAM, LOG, SHARED, SUPPORT
from fixtures.stage import Stage
from tests.bot.slack.catchup.test_rounds import Away

NEW = "C0NEWID01"
STAFF = {
    "SUPPORT_SLACK_CHANNEL": SUPPORT.channel_id,
    "ALERTING_SLACK_CHANNEL": ALERTS.channel_id,
    "LOGGING_SLACK_CHANNEL": f"#{LOG.name}",
}


@pytest.fixture
async def away(at):
    """A bot that has stored since when it is running."""
    away = Away(at)
    await away.comes_back()
    return away


def places(at):
    return at.read("SELECT DISTINCT place FROM messages")


async def test_after_a_change_catching_up_finds_new_messages_and_duplicates_none(away):
    first = await away.slack.write(DORA, SHARED, "before")
    await away.hear(first)
    away.slack.change_id(SHARED, NEW)
    await channel_ids.follow_change(away.at.context, SHARED.channel_id, NEW)
    await away.slack.write(DORA, NEW, "after", thread_ts=first)

    await away.comes_back()
    await away.comes_back()

    assert away.bodies() == ["before", "after"]
    assert places(away.at) == [(NEW,)]
    assert away.at.read("SELECT COUNT(*) FROM cases") == [(1,)]


@pytest.mark.parametrize("minutes", [0, 30])
async def test_a_change_without_an_event_is_recognised_by_the_channels_messages(away, minutes):
    first = await away.slack.write(DORA, SHARED, "before")
    await away.hear(first)
    away.slack.change_id(SHARED, NEW, silently=True)
    away.later(60 * minutes)
    await away.slack.write(DORA, NEW, "after")

    await away.comes_back()
    await away.comes_back()

    assert away.bodies() == ["before", "after"]
    assert places(away.at) == [(NEW,)]
    assert await away.at.context.desk.do(channel_changes.known) == {SHARED.channel_id: NEW}


async def test_a_new_channel_is_not_taken_for_a_missing_one(away):
    await away.hear(await away.slack.write(DORA, SHARED, "before"))
    away.slack.change_id(SHARED, NEW, silently=True)
    away.slack.state.posts[NEW].clear()

    await away.comes_back()

    assert await away.at.context.desk.do(channel_changes.known) == {}
    assert places(away.at) == [(SHARED.channel_id,)]


async def test_an_event_with_the_old_id_belongs_to_the_new_one(away):
    first = await away.slack.write(DORA, SHARED, "before")
    event = next(each.payload["event"] for each in away.slack.envelopes if each.payload["event"].get("ts") == first)
    await channel_ids.follow_change(away.at.context, SHARED.channel_id, NEW)

    await take_in(away.at.context, event)
    again = await take_in(away.at.context, event | {"channel": NEW})

    assert again.known
    assert away.ledger("external_id") == [(f"{HOME_TEAM}:{NEW}:{first}",)]


async def test_a_process_without_the_event_learns_the_change_at_the_first_message(at):
    """The other process stored the change; a note in the support channel must not count as an answer."""
    context = at.context
    await context.desk.do(
        channel_changes.follow, HOME_TEAM, SUPPORT.channel_id, NEW, now=context.clock.now(), limits=context.limits
    )
    event = {"type": "message", "channel": NEW, "user": ANNA.user_id, "text": "CASE-0001 is odd", "ts": "1790000000.5"}
    await at.asked()

    await take_in(context, event)

    assert context.channels.support == NEW
    assert at.read("SELECT standing FROM messages ORDER BY id") == [("customer",), ("note",)]


async def test_a_process_without_the_event_posts_waiting_notices_in_the_new_channel(at):
    context = at.context
    await at.asked()
    at.slack.change_id(SUPPORT, NEW, silently=True)
    await context.desk.do(
        channel_changes.follow, HOME_TEAM, SUPPORT.channel_id, NEW, now=context.clock.now(), limits=context.limits
    )

    at.start()
    kept = await at.until(lambda: at.read("SELECT channel FROM posts WHERE key = 'card:CASE-0001'"))

    assert kept == [(NEW,)]
    assert len(at.slack.messages(NEW)) == 1


async def test_an_update_goes_to_the_post_in_the_new_channel(at):
    await at.asked()
    at.start()
    await at.until(lambda: at.slack.messages(SUPPORT))
    at.slack.change_id(SUPPORT, NEW)
    await channel_ids.follow_change(at.context, SUPPORT.channel_id, NEW)

    await at.asked("More of it", ts="1790000001.000001")
    at.context.wake()
    await at.until(lambda: at.slack.messages(NEW)[0].edited)

    assert len(at.slack.messages(NEW)) == 1
    assert at.calls("chat.postMessage")[-1].payload["channel"] == NEW


def channels(**changes):
    settings = {"configured": tuple(STAFF.items()), "customers": frozenset({SHARED.channel_id})} | changes
    return Channels(SUPPORT.channel_id, ALERTS.channel_id, LOG.channel_id, **settings)


def test_the_log_channel_names_the_settings_to_change_and_the_new_value():
    ours = channels(
        configured=(("SUPPORT_SLACK_CHANNEL", SUPPORT.channel_id), ("CUSTOMER_SLACK_CHANNELS", "C0SHARED1"))
    )
    staff = channel_ids.describe_change(ours, SUPPORT.channel_id, NEW)
    customers = channel_ids.describe_change(ours, SHARED.channel_id, NEW)

    assert f"Write {NEW} for it in SUPPORT_SLACK_CHANNEL." in staff
    assert "shared with another organisation" in staff
    assert customers.endswith(f"Write {NEW} for it in CUSTOMER_SLACK_CHANNELS.")
    assert "Write" not in channel_ids.describe_change(channels(), LOG.channel_id, NEW), "it is configured by name"
    assert channel_ids.describe_change(channels(), "C0OTHER", NEW) == ""


def test_a_second_change_refers_to_the_configured_id():
    ours = channels()
    ours.follow({SUPPORT.channel_id: NEW})

    assert ours.variables_naming(NEW) == ("SUPPORT_SLACK_CHANNEL",)
    assert ours.of_lane("support") == NEW
    assert ours.of_lane(SUPPORT.channel_id) == NEW


async def test_startup_with_the_old_id_works_and_logs_the_new_value(at, slack, sqlite_url, tmp_path):
    context = at.context
    slack.change_id(SUPPORT, NEW)
    settings = read_settings(Stage(slack, None).environment(sqlite_url, SUPPORT_SLACK_CHANNEL="C0SUPPORT"), tmp_path)
    with pytest.raises(ChannelError, match="Slack changes it when a channel is shared"):
        await find_channels(context.client, STAFF, ())
    await context.desk.do(
        channel_changes.follow, HOME_TEAM, SUPPORT.channel_id, NEW, now=context.clock.now(), limits=context.limits
    )

    with capture_logs() as logs:
        started = await open_context(
            settings,
            web_client(settings, context.client.session, context.clock),
            desk=context.desk,
            clock=context.clock,
            wake=lambda: None,
            count=lambda _source, _outcome: None,
        )

    assert started.channels.support == NEW
    (warning,) = [line for line in logs if "Slack has changed" in line["event"]]
    assert (warning["setting"], warning["write"]) == ("SUPPORT_SLACK_CHANNEL", NEW)
