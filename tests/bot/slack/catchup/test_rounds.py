"""Catching up on Slack: what was written, edited and deleted during an outage is in the database, once, in order."""

import asyncio
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from slack_sdk.errors import SlackApiError
from structlog.testing import capture_logs

from bot.slack.api.errors import CHANNEL_ERRORS, TOKEN_ERRORS
from bot.slack.catchup.rounds import Catchup
from bot.slack.context.failure_counter import MAX_TRIES, SECONDS_BETWEEN_TRIES
from bot.slack.context.people import LookupFailedError
from bot.slack.messages import take_in
from bot.status import Status
from casebook import cases, notices
from casebook.errors import DatabaseUnavailableError
from casebook.outcomes import Outcome
from fixtures.cast import ANNA, DORA, EMIL, HOME_TEAM, HUGO, SECOND, SHARED, SUPPORT, Channel

HOUR = 3600.0
# Errors that may concern a kind of channel, a method or one call, but not certainly all channels.
OF_NO_CHANNEL_ALONE = ("missing_scope", "enterprise_is_restricted", "method_deprecated", "an_unknown_error")
ENDLESS = {"id": "F0ENDLESS", "name": "endless.txt", "size": 10**30}


class Away:
    """A bot without a socket that reads history on demand."""

    def __init__(self, at, context=None, **settings):
        self.at = at
        self.slack = at.slack
        self.part = Status(at.context.clock).slack
        self.part.up()
        self.deaf = 0
        self.waits = []
        self.catchup = Catchup(
            context or at.context,
            part=self.part,
            on_deaf=self._deafened,
            **{"pace": self._pace, "alive_every": 0.05} | settings,
        )

    def _deafened(self):
        self.deaf += 1

    async def _pace(self, seconds):
        self.waits.append(seconds)
        self.slack.faults.clear()

    async def comes_back(self):
        """A connection was opened, and one round runs."""
        self.catchup.connection_opened()
        return await self.catchup.step()

    def bodies(self):
        """The stored messages, in the order in which they were stored."""
        return [body for (body,) in self.at.read("SELECT body FROM messages ORDER BY id")]

    def ledger(self, columns="external_id, outcome"):
        return self.at.read(f"SELECT {columns} FROM ledger ORDER BY id")

    def log_lines(self):
        rows = self.at.read("SELECT payload FROM notices WHERE kind = 'log' ORDER BY id")
        return [text for (text,) in rows]

    def position(self, channel=SHARED):
        (found,) = self.read_positions(channel)
        return found

    def read_positions(self, channel):
        rows = self.at.read(f"SELECT value FROM positions WHERE door = 'slack:{HOME_TEAM}:{channel.channel_id}'")
        return [value for (value,) in rows]

    async def hear(self, ts, channel=SHARED):
        """The event of this message arrives after all."""
        event = next(
            each.payload["event"]
            for each in self.slack.envelopes
            if each.payload["event"].get("ts") == ts and each.payload["event"]["type"] == "message"
        )
        return await take_in(self.at.context, event)

    async def open_case(self, text="It does not work"):
        """A case with its card; the ts of its first message, and of the card."""
        ts = await self.slack.write(DORA, SHARED, text)
        await self.hear(ts)
        card = (await self.at.context.client.chat_postMessage(channel=SUPPORT.channel_id, text="the card"))["ts"]
        claimed = await self.at.do(notices.claim, notices.SUPPORT)
        await self.at.do(notices.mark_sent, claimed, channel=SUPPORT.channel_id, ts=card)
        return ts, card

    async def malformed(self, text):
        """A message with a file of a size that no database can store; its ts."""
        ts = await self.slack.write(DORA, SHARED, text)
        self.slack.state.keep(replace(self.slack.post(SHARED, ts), files=(ENDLESS,)))
        return ts

    def later(self, seconds):
        """Time passes on Slack and here."""
        self.slack.clock_offset += seconds
        self.at.context.clock.push(timedelta(seconds=seconds))


@pytest.fixture
async def away(at):
    """A bot with a first position for each channel."""
    away = Away(at)
    await away.comes_back()
    return away


def restarted(away, **settings):
    """The same database, and a new process."""
    return Away(away.at, **settings)


async def test_messages_from_before_the_first_start_are_not_stored(at):
    at.slack.clock_offset = -HOUR
    await at.slack.write(DORA, SHARED, "long ago")
    at.slack.clock_offset = 0
    away = Away(at)

    await away.comes_back()
    await away.comes_back()

    assert away.ledger() == []


async def test_messages_from_an_outage_are_stored_once_in_order(away):
    expected = []
    for number in range(12):
        person = (DORA, EMIL)[number % 2]
        channel = (SHARED, SECOND)[number % 3 == 0]
        await away.slack.write(person, channel, f"number {number}")
        expected.append(f"number {number}")

    await away.comes_back()
    await away.comes_back()
    await restarted(away).comes_back()

    assert away.bodies() == expected
    assert len(away.ledger()) == 12


async def test_small_pages_and_rate_limits_lose_nothing(away):
    away.slack.backend.page_limit = 15
    for number in range(40):
        await away.slack.write(DORA, SHARED, f"number {number}")
    away.slack.faults.rate_limit("conversations.history", retry_after=30)

    await away.comes_back()

    assert away.bodies() == [f"number {number}" for number in range(40)]
    assert away.waits == [30]


async def test_too_many_messages_for_one_round_are_stored_in_several_in_order(at):
    away = Away(at, held=60)
    await away.comes_back()
    for number in range(230):
        await at.slack.write(DORA, (SHARED, SECOND)[number % 4 == 0], f"number {number}")

    await away.comes_back()

    assert away.bodies() == [f"number {number}" for number in range(230)]


async def test_a_late_event_finds_its_message_in_the_database(away):
    ts = await away.slack.write(DORA, SHARED, "It does not work")
    await away.comes_back()

    received = await away.hear(ts)

    assert received.known
    assert len(away.ledger()) == 1


async def test_what_live_events_leave_out_is_left_out_for_the_same_reasons(away):
    await away.open_case()
    await away.slack.write(HUGO, SHARED, "has joined", subtype="channel_join")
    await away.at.context.client.chat_postMessage(channel=SHARED.channel_id, text="ours")
    await away.at.context.client.chat_postMessage(channel=SUPPORT.channel_id, text="ours as well")

    await away.comes_back()

    reasons = away.at.read("SELECT reason FROM ledger WHERE outcome = 'ignored' ORDER BY id")
    assert reasons == [("it is a channel_join message",), ("our own post",)]
    assert away.bodies() == ["It does not work"]


async def test_replies_are_read_in_older_threads_of_cases(away):
    first, _ = await away.open_case()
    away.later(2 * HOUR)
    await away.comes_back()
    await away.slack.write(DORA, SHARED, "and now it is worse", thread_ts=first)

    await away.comes_back()

    assert away.bodies() == ["It does not work", "and now it is worse"]


async def test_notes_and_answers_under_a_card_are_stored(away):
    _, card = await away.open_case()
    await away.slack.write(ANNA, SUPPORT, "looks like last week", thread_ts=card)
    await away.slack.write(ANNA, SUPPORT, "reply: try again now", thread_ts=card)
    await away.slack.write(ANNA, SUPPORT, "lunch?")

    await away.comes_back()

    kept = away.at.read("SELECT body, standing FROM messages ORDER BY id")
    assert kept[1:] == [("looks like last week", "note"), ("try again now", "draft")]


async def test_the_threads_of_a_case_closed_long_ago_are_not_read(away):
    _, card = await away.open_case()
    await away.at.do(cases.close_case, "CASE-0001", by=ANNA.user_id, limits=away.at.context.limits)
    away.later(8 * 24 * HOUR)
    await away.slack.write(ANNA, SUPPORT, "by the way", thread_ts=card)

    await away.comes_back()

    assert "by the way" not in away.bodies()


async def test_direct_messages_are_stored(away):
    room = away.slack.direct_channel(DORA)
    await away.slack.write(DORA, room, "Are you there?")

    await away.comes_back()

    assert away.bodies() == ["Are you there?"]


async def test_an_edit_during_an_outage_changes_the_message(away):
    first, _ = await away.open_case()
    await away.slack.edit(SHARED, first, "It works after all")

    await away.comes_back()
    await away.comes_back()

    assert away.bodies() == ["It works after all"]
    assert away.at.read("SELECT body FROM versions") == [("It does not work",)]


async def test_an_edit_made_in_the_middle_of_a_long_absence_changes_an_older_message(away):
    first, _ = await away.open_case()
    away.later(10 * 60)
    await away.comes_back()
    away.later(10 * 60)
    await away.slack.edit(SHARED, first, "It works after all")
    away.later(10 * 60)

    await away.comes_back()
    await away.comes_back()

    assert away.bodies() == ["It works after all"]


async def test_an_edit_of_a_message_that_was_never_stored_is_ignored(at):
    at.slack.clock_offset = -HOUR
    old = await at.slack.write(DORA, SHARED, "long ago")
    at.slack.clock_offset = 0
    away = Away(at)
    await away.comes_back()
    await away.open_case()
    await at.slack.edit(SHARED, old, "long, long ago")

    await away.comes_back()

    assert away.bodies() == ["It does not work"]


async def test_a_message_written_and_edited_during_an_outage_is_stored_as_it_is_now(away):
    ts = await away.slack.write(DORA, SHARED, "It does not wrok")
    await away.slack.edit(SHARED, ts, "It does not work")

    await away.comes_back()

    assert away.bodies() == ["It does not work"]


async def test_deletions_during_an_outage_blank_the_stored_messages(away):
    first, card = await away.open_case()
    reply = await away.slack.write(DORA, SHARED, "in the thread", thread_ts=first)
    other = await away.slack.write(DORA, SHARED, "for all")
    note = await away.slack.write(ANNA, SUPPORT, "a note", thread_ts=card)
    kept = await away.slack.write(ANNA, SUPPORT, "another note", thread_ts=card)
    for ts in (reply, other, note, kept):
        await away.hear(ts)
    away.later(HOUR)
    for channel, ts in ((SHARED, reply), (SHARED, other), (SUPPORT, note)):
        await away.slack.delete(channel, ts)

    await away.comes_back()

    assert away.bodies() == ["It does not work", "", "", "", "another note"]
    outcomes = away.at.read("SELECT outcome FROM ledger WHERE outcome <> 'ignored' ORDER BY id")
    assert outcomes == [("message",), ("deleted",), ("deleted",), ("deleted",), ("message",)]


async def test_the_deletion_of_a_threads_first_message_is_found(away):
    first, _ = await away.open_case()
    await away.hear(await away.slack.write(DORA, SHARED, "in the thread", thread_ts=first))
    away.later(HOUR)
    await away.slack.delete(SHARED, first)

    await away.comes_back()

    assert away.bodies() == ["", "in the thread"]


async def test_a_message_removed_by_retention_does_not_count_as_deleted(away):
    first, _ = await away.open_case()
    away.later(24 * HOUR)
    await away.slack.delete(SHARED, first)

    await away.comes_back()

    assert away.bodies() == ["It does not work"]


async def test_when_every_message_is_missing_none_counts_as_deleted(away):
    for number in range(5):
        await away.hear(await away.slack.write(DORA, SHARED, f"number {number}"))
    away.later(HOUR)
    away.slack.state.posts[SHARED.channel_id].clear()

    with capture_logs() as logs:
        await away.comes_back()

    assert away.bodies() == [f"number {number}" for number in range(5)]
    assert [each["count"] for each in logs if each["event"].startswith("messages not found")] == [5]


async def test_the_position_advances_when_nothing_is_written(away):
    before = away.position()
    away.later(HOUR)

    await away.comes_back()

    assert float(away.position()) - float(before) >= HOUR - 61


async def test_a_bot_that_is_invited_reads_from_when_it_joined(away):
    room = Channel("C0NEWONE1", "new-one")
    away.slack.add_channel(room, (ANNA, DORA))
    await away.slack.write(DORA, room, "before you came")
    away.slack.invite(room)
    await away.slack.write(DORA, room, "welcome")

    await away.comes_back()

    assert away.bodies() == ["welcome"]


async def test_a_bot_that_is_invited_again_does_not_read_what_was_written_without_it(away):
    away.slack.kick(SHARED)
    await away.slack.write(DORA, SHARED, "among ourselves")
    await away.comes_back()
    away.slack.invite(SHARED)
    await away.slack.write(DORA, SHARED, "welcome back")

    await away.comes_back()

    assert away.bodies() == ["welcome back"]


async def test_messages_from_before_the_bot_was_removed_do_not_count_as_deleted(away):
    await away.open_case()
    away.later(30)
    away.slack.kick(SHARED)
    await away.comes_back()
    away.later(HOUR)
    away.slack.invite(SHARED)

    await away.comes_back()

    assert away.bodies() == ["It does not work"]


async def test_a_missed_reply_is_found_although_a_newer_one_in_its_thread_is_stored(away):
    first, _ = await away.open_case()
    away.later(2 * HOUR)
    await away.comes_back()
    await away.slack.write(DORA, SHARED, "missed", thread_ts=first)
    away.later(21 * HOUR)
    await away.hear(await away.slack.write(DORA, SHARED, "heard", thread_ts=first))
    away.later(HOUR)

    await away.comes_back()

    assert sorted(away.bodies()) == ["It does not work", "heard", "missed"]


async def test_a_channel_that_was_not_watched_for_a_while_is_not_read_for_that_time(away):
    elsewhere = replace(away.at.context.channels, customers=frozenset({SECOND.channel_id}))
    other = Away(away.at, context=replace(away.at.context, channels=elsewhere))
    away.later(HOUR)
    await other.comes_back()
    await away.slack.write(DORA, SHARED, "among ourselves")
    away.later(HOUR)
    await other.comes_back()

    await away.comes_back()

    assert away.bodies() == []


async def test_an_unreadable_channel_is_logged_once_and_does_not_stop_the_others(away):
    await away.slack.write(DORA, SHARED, "here")
    await away.slack.write(DORA, SECOND, "there")
    away.slack.faults.fail("conversations.history", "missing_scope", SECOND)

    with capture_logs() as logs:
        done = [await away.comes_back(), await away.comes_back()]

    assert done == [True, True]
    assert away.bodies() == ["here"]
    logged = [each["channel"] for each in logs if each["event"] == "channel cannot be read"]
    assert logged == [SECOND.channel_id]
    away.slack.faults.clear()
    await away.comes_back()
    assert away.bodies() == ["here", "there"]


async def test_after_a_server_error_the_round_is_retried_and_the_position_stays(away):
    before = away.position()
    away.later(HOUR)
    await away.slack.write(DORA, SHARED, "here")
    away.slack.faults.server_error("conversations.history", times=2)

    done = await away.comes_back()

    assert not done
    assert away.position() == before
    assert await away.catchup.step()
    assert away.bodies() == ["here"]


async def test_a_message_whose_author_cannot_be_looked_up_waits_and_other_channels_go_on(away):
    before = away.position()
    away.later(HOUR)
    await away.slack.write(EMIL, SHARED, "who am I?")
    await away.slack.write(DORA, SHARED, "and I?")
    await away.slack.write(DORA, SECOND, "there")
    away.slack.faults.server_error("users.info", times=1)

    done = await away.comes_back()

    assert not done
    assert away.bodies() == ["there"]
    assert away.position() == before
    assert await away.catchup.step()
    assert away.bodies() == ["there", "who am I?", "and I?"]


@pytest.mark.parametrize("word", sorted({*CHANNEL_ERRORS, *OF_NO_CHANNEL_ALONE}))
async def test_an_error_in_one_channel_does_not_stop_the_others(away, word):
    before = away.position(SECOND)
    away.later(HOUR)
    await away.slack.write(DORA, SHARED, "here")
    away.slack.faults.fail("conversations.history", word, channel=SECOND)

    done = await away.comes_back()

    assert (done, away.bodies()) == (True, ["here"])
    assert away.read_positions(SECOND) in ([], [before])


@pytest.mark.parametrize("word", sorted(TOKEN_ERRORS))
async def test_every_error_of_a_dead_token_is_raised(away, word):
    away.slack.faults.fail("conversations.history", word, channel=SHARED)

    with pytest.raises(SlackApiError, match=word):
        await away.comes_back()


async def test_with_a_dead_token_no_position_advances(away):
    before = away.position()
    away.later(HOUR)
    away.slack.faults.fail("conversations.history", "token_revoked", times=1)

    with pytest.raises(Exception, match="token_revoked"):
        await away.comes_back()

    assert away.position() == before
    assert away.catchup._is_back


async def test_a_message_that_fails_repeatedly_is_quarantined_whole_and_the_others_go_on(away):
    await away.slack.write(DORA, SHARED, "before")
    await away.malformed("malformed")
    await away.slack.write(DORA, SHARED, "after")

    await away.slack.write(DORA, SECOND, "elsewhere")

    with capture_logs() as logs:
        done = [await away.comes_back()]
        others = away.bodies()
        for _ in range(MAX_TRIES):
            away.at.context.clock.push(timedelta(seconds=SECONDS_BETWEEN_TRIES))
            done.append(await away.catchup.step())

    assert done == [False, False, True, True]
    assert others == ["before", "elsewhere"]
    assert away.bodies() == ["before", "elsewhere", "after"]
    ((reason, raw),) = away.at.read("SELECT reason, raw FROM ledger WHERE outcome = 'quarantined'")
    assert reason == "it failed 3 times (OverflowError)"
    assert json.loads(raw)["text"] == "malformed"
    assert len([each for each in logs if each["event"] == "message quarantined"]) == 1
    assert "malformed" not in str(logs)


async def test_three_failures_in_quick_succession_quarantine_no_message(away):
    await away.malformed("malformed")

    done = [await away.comes_back()] + [await away.catchup.step() for _ in range(20)]

    assert done == [False] * 21
    assert away.at.read("SELECT outcome FROM ledger WHERE outcome = 'quarantined'") == []


async def test_the_third_failed_delivery_of_an_event_is_quarantined(away):
    ts = await away.malformed("malformed")
    event = next(each.payload["event"] for each in away.slack.envelopes if each.payload["event"].get("ts") == ts)
    event = event | {"files": [ENDLESS]}
    for _ in range(2):
        with pytest.raises(OverflowError):
            await take_in(away.at.context, event)
        away.at.context.clock.push(timedelta(seconds=60))

    received = await take_in(away.at.context, event)
    again = await take_in(away.at.context, event)

    assert (received.outcome, received.known) == (Outcome.QUARANTINED, False)
    assert (again.ledger_id, again.known) == (received.ledger_id, True)


async def test_failed_lookups_quarantine_no_message(away):
    ts = await away.slack.write(DORA, SHARED, "It does not work")
    away.slack.faults.server_error("users.info", times=5)
    for _ in range(5):
        with pytest.raises(LookupFailedError):
            await away.hear(ts)

    received = await away.hear(ts)

    assert received.outcome is Outcome.MESSAGE


async def test_while_the_database_is_away_no_position_advances_and_afterwards_nothing_is_missing(away):
    before = away.position()
    away.later(HOUR)
    await away.slack.write(DORA, SHARED, "here")
    away.at.write("ALTER TABLE messages RENAME TO elsewhere")
    with pytest.raises(DatabaseUnavailableError):
        await away.comes_back()
    away.at.write("ALTER TABLE elsewhere RENAME TO messages")

    assert away.position() == before
    assert await away.catchup.step()
    assert away.bodies() == ["here"]


async def test_our_clock_may_be_an_hour_off(at):
    for hours in (-1, 1):
        at.context.clock.push(timedelta(hours=hours))
        away = Away(at)
        await away.comes_back()
        await at.slack.write(DORA, SHARED, f"{hours} hours")

        await away.comes_back()

    assert away.bodies() == ["-1 hours", "1 hours"]


async def test_health_shows_when_more_than_a_handful_is_missing(away):
    seen = []
    away.at.woken.append(lambda: seen.append(away.part.is_catching_up))
    for number in range(6):
        await away.slack.write(DORA, SHARED, f"number {number}")

    await away.comes_back()

    assert seen[:6] == [True] * 6
    assert not away.part.is_catching_up


async def test_a_socket_that_delivers_no_events_is_detected(away):
    away.later(200)
    await away.catchup.step()
    await away.slack.write(DORA, SHARED, "Is anybody there?")
    away.later(31)

    await away.catchup.step()
    await away.catchup.step()

    assert away.deaf == 1
    assert away.bodies() == ["Is anybody there?"]


async def test_messages_from_just_now_or_from_before_the_connection_do_not_make_a_socket_deaf(away):
    away.later(200)
    await away.slack.write(DORA, SHARED, "before")
    away.later(40)
    await away.comes_back()
    away.later(40)
    await away.slack.write(DORA, SHARED, "a moment ago")

    await away.catchup.step()

    assert away.deaf == 0
    assert away.bodies() == ["before", "a moment ago"]


async def test_a_message_that_could_not_be_stored_does_not_make_a_socket_deaf(away):
    await away.slack.write(DORA, SHARED, "It does not work")
    away.later(40)

    away.catchup.not_stored()
    await away.catchup.step()

    assert away.deaf == 0
    assert away.bodies() == ["It does not work"]


async def test_an_outage_is_reported_once_with_its_times_and_what_was_missed(away):
    await away.catchup.mark_alive()
    away.later(21 * 60)
    for number in range(14):
        await away.slack.write(DORA, SHARED, f"number {number}")

    await away.comes_back()
    await away.catchup.mark_alive()
    await away.comes_back()

    (line,) = away.log_lines()
    assert re.search(
        r"I was away from (\d{4}-..-.. )?..:.. to (\d{4}-..-.. )?..:.. and have caught up 14 messages", line
    )


async def test_after_a_restart_a_single_missed_message_is_reported(away):
    await away.catchup.mark_alive()
    await away.slack.write(DORA, SHARED, "It does not work")

    await restarted(away).comes_back()

    (line,) = away.log_lines()
    assert "and have caught up 1 message" in line
    assert "messages" not in line


async def test_if_nothing_was_missed_only_a_long_outage_is_reported(away):
    await away.catchup.mark_alive()
    away.later(60)
    await restarted(away).comes_back()
    assert away.log_lines() == []
    away.later(6 * 60)

    await restarted(away).comes_back()

    (line,) = away.log_lines()
    assert "and missed nothing" in line


async def test_an_outage_whose_catching_up_was_interrupted_is_reported_by_the_next_process(away):
    await away.catchup.mark_alive()
    away.later(20 * 60)
    await away.slack.write(DORA, SHARED, "It does not work")
    away.slack.faults.server_error("conversations.history", times=None)
    died = restarted(away)
    await died.comes_back()
    await died.catchup.mark_alive()
    away.slack.faults.clear()

    await restarted(away).comes_back()

    (line,) = away.log_lines()
    assert "and have caught up 1 message" in line


async def test_the_mark_is_written_only_while_the_socket_is_open(away):
    mark = "SELECT value FROM positions WHERE door = 'slack:alive'"
    await away.catchup.mark_alive()
    away.part.down("the socket to Slack is gone")
    before = away.at.read(mark)
    away.later(30)
    await away.catchup.mark_alive()
    assert away.at.read(mark) == before
    away.part.up()

    await away.catchup.mark_alive()

    assert away.at.read(mark) > before


async def test_rounds_run_by_themselves_and_after_a_connection(at):
    away = Away(at, every=0.05, alive_every=0.02)
    running = asyncio.create_task(away.catchup.run())
    await at.until(lambda: at.read(f"SELECT 1 FROM positions WHERE door LIKE '%:{SHARED.channel_id}'"))
    await at.slack.write(DORA, SHARED, "by itself")
    await at.until(lambda: away.bodies() == ["by itself"])
    at.slack.faults.server_error("auth.test", times=1)
    await at.slack.write(DORA, SHARED, "after a failure")
    away.catchup.connection_opened()

    await at.until(lambda: away.bodies() == ["by itself", "after a failure"])

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert [seconds > 0 for seconds in away.waits] == [True]


async def test_a_quiet_round_takes_few_calls_however_many_threads_there_are(away):
    first, _ = await away.open_case()
    for number in range(60):
        await away.hear(await away.slack.write(DORA, SHARED, f"number {number}"))
    away.later(2 * HOUR)
    await away.comes_back()
    away.later(2 * HOUR)
    before = len(away.slack.calls)
    await away.slack.write(DORA, SHARED, "still not", thread_ts=first)

    await away.catchup.step()

    assert away.bodies()[-1] == "still not"
    assert len(away.slack.calls) - before < 12


async def test_two_processes_share_the_periodic_round(away):
    other = restarted(away)
    await away.catchup.step()
    before = len(away.at.calls("conversations.history"))

    await other.catchup.step()

    assert len(away.at.calls("conversations.history")) == before
