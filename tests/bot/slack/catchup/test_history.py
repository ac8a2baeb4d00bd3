"""Reading Slack's history: every conversation, every page, whatever the rate limits."""

import pytest
from slack_sdk.errors import SlackApiError

from bot.slack.catchup.channel_scan import Conversation
from bot.slack.catchup.history import channels_of, history, replies
from bot.slack.payloads.events import EventKind, read_event
from fixtures.cast import ANNA, CASEBOOK, DORA, EMIL, SHARED, SUPPORT
from fixtures.workspace.state import BOT_ID

FROM_THE_BEGINNING = "0"
CONVERSATION = Conversation(channel=SHARED.channel_id, since=FROM_THE_BEGINNING)


class Waits:
    """Does not wait, and records how long it should have."""

    def __init__(self, meanwhile=lambda: None):
        self.seconds = []
        self._meanwhile = meanwhile

    async def __call__(self, seconds):
        self.seconds.append(seconds)
        self._meanwhile()


async def written(slack, count, **where):
    return [await slack.write(DORA, SHARED, f"number {number}", **where) for number in range(count)]


async def texts(messages):
    return [message["text"] async for message in messages]


def read(event):
    return read_event(event, our_user=CASEBOOK.user_id, our_bot=BOT_ID)


async def test_the_bots_conversations_are_listed_with_direct_ones(at):
    at.slack.direct_channel(ANNA)
    at.slack.kick(SHARED)

    found = {channel["id"] for channel in await channels_of(at.context.client)}

    assert {SUPPORT.channel_id, at.slack.direct_channel(ANNA)} <= found
    assert SHARED.channel_id not in found


async def test_a_slack_without_that_method_has_all_its_conversations_filtered(at):
    at.slack.direct_channel(ANNA)
    at.slack.faults.fail("users.conversations", "unknown_method")
    at.slack.kick(SHARED)

    found = {channel["id"] for channel in await channels_of(at.context.client)}

    assert {SUPPORT.channel_id, at.slack.direct_channel(ANNA)} <= found
    assert SHARED.channel_id not in found


async def test_a_kind_of_conversation_without_its_scope_is_left_out(at):
    at.slack.scopes.discard("mpim:read")
    at.slack.scopes.discard("im:read")
    at.slack.direct_channel(ANNA)

    found = {channel["id"] for channel in await channels_of(at.context.client)}

    assert SHARED.channel_id in found
    assert at.slack.direct_channel(ANNA) not in found


async def test_a_failure_to_list_is_raised(at):
    at.slack.faults.fail("users.conversations", "invalid_auth")

    with pytest.raises(SlackApiError, match="invalid_auth"):
        await channels_of(at.context.client)


async def test_history_gives_every_page_the_newest_first(at):
    at.slack.backend.page_limit = 3
    await written(at.slack, 8)

    shown = await texts(history(at.context.client, SHARED.channel_id, oldest=FROM_THE_BEGINNING))

    assert shown == [f"number {number}" for number in reversed(range(8))]


async def test_history_gives_only_what_is_between_its_bounds(at):
    ts = await written(at.slack, 5)

    shown = await texts(history(at.context.client, SHARED.channel_id, oldest=ts[1], latest=ts[4]))

    assert shown == ["number 3", "number 2"]


async def test_history_leaves_out_replies(at):
    (root,) = await written(at.slack, 1)
    await written(at.slack, 2, thread_ts=root)

    messages = [item async for item in history(at.context.client, SHARED.channel_id, oldest=FROM_THE_BEGINNING)]

    assert [(item["ts"], item["reply_count"]) for item in messages] == [(root, 2)]


async def test_replies_give_a_thread_once_the_oldest_first(at):
    at.slack.backend.page_limit = 2
    (root,) = await written(at.slack, 1)
    under = [await at.slack.write(EMIL, SHARED, f"reply {number}", thread_ts=root) for number in range(5)]

    whole = await texts(replies(at.context.client, SHARED.channel_id, root, oldest=FROM_THE_BEGINNING))
    later = await texts(replies(at.context.client, SHARED.channel_id, root, oldest=under[1]))

    assert whole == ["number 0", *(f"reply {number}" for number in range(5))]
    assert later == ["reply 2", "reply 3", "reply 4"]


async def test_every_rate_limit_is_waited_for_and_nothing_is_missed(at):
    at.slack.backend.page_limit = 2
    await written(at.slack, 6)
    at.slack.faults.rate_limit("conversations.history", retry_after=7, times=4)
    waits = Waits()

    shown = await texts(history(at.context.client, SHARED.channel_id, oldest=FROM_THE_BEGINNING, pace=waits))

    assert len(shown) == 6
    assert waits.seconds == [7, 7, 7, 7]


async def test_a_rate_limit_of_zero_seconds_causes_no_busy_loop(at):
    at.slack.faults.rate_limit("conversations.history", retry_after=0)
    waits = Waits()

    await texts(history(at.context.client, SHARED.channel_id, oldest=FROM_THE_BEGINNING, pace=waits))

    assert [seconds > 0 for seconds in waits.seconds] == [True]


@pytest.mark.parametrize("error", ["not_in_channel", "missing_scope"])
async def test_any_other_error_is_raised(at, error):
    at.slack.faults.fail("conversations.history", error)

    with pytest.raises(SlackApiError, match=error):
        await texts(history(at.context.client, SHARED.channel_id, oldest=FROM_THE_BEGINNING))


async def test_an_item_of_the_history_is_read_like_its_event(at):
    ts = await at.slack.write(DORA, SHARED, "It does not work")
    sent = next(e.payload["event"] for e in at.slack.envelopes if e.payload["event"].get("ts") == ts)
    (item,) = [each async for each in history(at.context.client, SHARED.channel_id, oldest=FROM_THE_BEGINNING)]

    assert read(CONVERSATION.event_of(item)) == read(sent)


async def test_a_direct_message_of_the_history_is_read_as_direct(at):
    room = at.slack.direct_channel(DORA)
    await at.slack.write(DORA, room, "Are you there?")
    (item,) = [each async for each in history(at.context.client, room, oldest=FROM_THE_BEGINNING)]

    event = Conversation(channel=room, since=FROM_THE_BEGINNING, is_direct=True).event_of(item)

    assert event["channel_type"] == "im"
    assert read(event).is_direct


async def test_a_tombstone_is_read_as_a_deletion(at):
    (root,) = await written(at.slack, 1)
    await written(at.slack, 1, thread_ts=root)
    await at.slack.delete(SHARED, root)
    (item,) = [each async for each in history(at.context.client, SHARED.channel_id, oldest=FROM_THE_BEGINNING)]

    reading = read(CONVERSATION.event_of(item))

    assert (reading.kind, reading.ts) == (EventKind.DELETED, root)


async def test_an_edited_item_is_read_as_its_edit_and_a_missing_one_as_its_deletion(at):
    (ts,) = await written(at.slack, 1)
    await at.slack.edit(SHARED, ts, "what I meant")
    (item,) = [each async for each in history(at.context.client, SHARED.channel_id, oldest=FROM_THE_BEGINNING)]

    edit = read(CONVERSATION.event_of(item))
    deletion = read(CONVERSATION.deletion_of(ts))

    assert (edit.kind, edit.ts, edit.text) == (EventKind.EDITED, ts, "what I meant")
    assert (deletion.kind, deletion.ts) == (EventKind.DELETED, ts)
