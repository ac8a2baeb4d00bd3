"""Slack is compared with the ledger: what is missing is found and stored, and nothing else is reported."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.clock import Clock
from bot.reports.reconciliation import SETTLED, Gap
from bot.runtime.progress import Progress
from bot.slack.catchup.channel_scan import Conversation
from bot.slack.catchup.history import channels_of
from bot.slack.catchup.reconcile import SlackComparison
from bot.slack.context.channels import SlackUnavailableError
from bot.slack.context.people import LookupFailedError
from bot.slack.messages import take_in
from casebook import ledger
from casebook.admin import outbox_admin
from casebook.models import LedgerRow, Message, Notice
from casebook.records import cursors
from fixtures.cast import ALERTS, ANNA, DORA, EMIL, HOME_TEAM, ROBOT, SECOND, SHARED, SUPPORT

HOUR = 3600.0
ENDLESS = {"id": "F0ENDLESS", "name": "endless.txt", "size": 10**30}


@pytest.fixture
async def compare(at):
    """Compares Slack with the database. Messages are written an hour ago; the bot has read for two hours."""
    at.slack.clock_offset = -HOUR
    began = f"{at.context.clock.now().timestamp() - 2 * HOUR:.6f}"
    values = {f"slack:{HOME_TEAM}:{each['id']}": began for each in await channels_of(at.context.client)}
    await at.do(cursors.keep, values)

    async def run(*, mend=False, days=None, settled=SETTLED):
        clock = Clock()

        async def pace(seconds):
            at.context.clock.push(timedelta(seconds=seconds))

        comparison = SlackComparison(at.context, clock=clock, progress=Progress(clock), settled=settled, pace=pace)
        return await comparison.run(mend=mend, days=days)

    return run


@pytest.fixture
def received_event(at):
    """The bot receives the event of a message as it is now."""

    async def run(channel, *many):
        for ts in many:
            post = next(each for each in at.slack.state.posts[channel.channel_id].values() if each.ts == ts)
            message = {"ts": post.ts, "user": post.user, "text": post.text, "thread_ts": post.thread_ts}
            shown = message | {"subtype": post.subtype, "bot_id": post.bot_id}
            await take_in(at.context, Conversation(channel=channel.channel_id, since="0").event_of(shown))

    return run


def name_of(ts, channel=SHARED):
    return f"{HOME_TEAM}:{channel.channel_id}:{ts}"


def differences(report):
    return [(str(each.gap), each.external_id) for each in report.differences]


async def bodies(at):
    return [body for (body,) in await at.context.desk.do(lambda: list(_bodies()))]


def _bodies():
    return Message.select(Message.body).order_by(Message.timestamp).tuples()


async def test_nothing_is_missing_if_everything_is_in_the_database(at, compare, received_event):
    first = await at.slack.write(DORA, SHARED, "It is broken")
    reply = await at.slack.write(EMIL, SHARED, "For me too", thread_ts=first)
    robot = await at.slack.write(ROBOT, SHARED, "deployed")
    await received_event(SHARED, first, reply, robot)
    await at.context.client.chat_postMessage(channel=SHARED.channel_id, text="We are on it")

    report = await compare()

    assert (report.seen, report.stored, report.ours, report.just_arrived) == (3, 2, 1, 0)
    assert report.ignored == {"a bot wrote it": 1}
    assert report.differences == ()
    assert report.notes == ()
    assert report.agrees


async def test_messages_from_an_outage_are_missing_until_they_are_mended(at, compare, received_event):
    first = await at.slack.write(DORA, SHARED, "It is broken")
    await received_event(SHARED, first)
    reply = await at.slack.write(DORA, SHARED, "Still", thread_ts=first)
    other = await at.slack.write(EMIL, SECOND, "Hello")

    before = await compare()
    mended = await compare(mend=True)
    after = await compare()

    assert differences(before) == [("missing", name_of(reply)), ("missing", name_of(other, SECOND))]
    assert not before.agrees
    assert [each.received.outcome for each in mended.differences] == ["message", "message"]
    assert mended.agrees
    assert (after.stored, after.differences) == (3, ())
    assert await bodies(at) == ["It is broken", "Still", "Hello"]


async def test_a_channel_that_the_bot_has_never_read_is_named_and_not_compared(at, compare):
    await at.context.desk.do(cursors.forget, f"slack:{HOME_TEAM}:{SECOND.channel_id}")
    await at.slack.write(EMIL, SECOND, "Hello")

    report = await compare()

    assert (report.seen, report.differences) == (0, ())
    assert "#beta-customers" in report.notes[0]


async def test_a_direct_conversation_that_began_after_the_last_round_is_compared(at, compare):
    direct = at.slack.direct_channel(EMIL)
    ts = await at.slack.write(EMIL, direct, "Psst")
    never_looked = await compare()
    await at.do(ledger.keep_position, f"slack:{HOME_TEAM}", f"{at.context.clock.now().timestamp() - 2 * HOUR:.6f}")

    report = await compare()

    assert never_looked.differences == ()
    assert differences(report) == [("missing", f"{HOME_TEAM}:{direct}:{ts}")]


async def test_a_lost_ledger_row_is_restored_with_its_reason(at, compare, received_event):
    ts = await at.slack.write(DORA, SHARED, "joined", subtype="channel_join")
    await received_event(SHARED, ts)
    await at.context.desk.do(LedgerRow.delete().execute)

    missing = await compare(mend=True)
    after = await compare()

    assert differences(missing) == [("missing", name_of(ts))]
    assert after.ignored == {"it is a channel_join message": 1}


async def test_what_was_written_just_now_is_not_missing(at, compare):
    at.slack.clock_offset = 0.0
    await at.slack.write(DORA, SHARED, "It is broken")

    report = await compare(mend=True)

    assert (report.just_arrived, report.differences) == (1, ())


async def test_messages_from_before_the_first_round_are_ignored_but_not_later_replies_to_them(at, compare):
    at.slack.clock_offset = -3 * HOUR
    old = await at.slack.write(DORA, SHARED, "Long ago")
    await at.slack.write(DORA, SHARED, "And longer", thread_ts=old)
    at.slack.clock_offset = -HOUR
    reply = await at.slack.write(DORA, SHARED, "And today", thread_ts=old)

    report = await compare()

    assert differences(report) == [("missing", name_of(reply))]


async def test_a_note_under_a_card_is_missing_and_other_staff_messages_are_not(at, compare, received_event):
    await received_event(SHARED, await at.slack.write(DORA, SHARED, "It is broken"))
    at.start()
    card = await at.until(lambda: at.slack.messages(SUPPORT))
    note = await at.slack.write(ANNA, SUPPORT, "Looks like last week", thread_ts=card[0].ts)
    await at.slack.write(ANNA, SUPPORT, "Lunch?")
    await at.slack.write(ANNA, ALERTS, "Lunch!")

    report = await compare(mend=True)

    assert differences(report) == [("missing", name_of(note, SUPPORT))]
    assert await bodies(at) == ["It is broken", "Looks like last week"]


async def test_a_missed_edit_is_found_and_mended(at, compare, received_event):
    first = await at.slack.write(DORA, SHARED, "It is broken")
    second = await at.slack.write(DORA, SHARED, "Please help")
    await received_event(SHARED, first, second)
    await at.slack.edit(SHARED, first, "It is *quite* broken")

    before = await compare()
    mended = await compare(mend=True)
    after = await compare()

    assert differences(before) == differences(mended) == [("changed", name_of(first))]
    assert (before.stored, before.count(Gap.MISSING)) == (2, 0)
    assert mended.differences[0].received.outcome == "edited"
    assert after.agrees
    assert await bodies(at) == ["It is *quite* broken", "Please help"]


async def test_a_late_event_of_an_earlier_edit_does_not_change_a_message_that_was_mended(at, compare):
    ts = await at.slack.write(DORA, SHARED, "It is broken")
    await at.slack.edit(SHARED, ts, "It is quite broken")
    await at.slack.edit(SHARED, ts, "It works again")
    earlier = next(each for each in at.slack.envelopes if "It is quite broken" in str(each.payload))

    mended = await compare(mend=True)
    await take_in(at.context, earlier.payload["event"])

    assert differences(mended) == [("missing", name_of(ts))]
    assert await bodies(at) == ["It works again"]


async def test_an_edit_of_an_answer_that_was_sent_before_is_no_difference(at, compare, received_event):
    await received_event(SHARED, await at.slack.write(DORA, SHARED, "It is broken"))
    at.start()
    card = await at.until(lambda: at.slack.messages(SUPPORT))
    answer = await at.slack.write(ANNA, SUPPORT, "reply: Mended", thread_ts=card[0].ts)
    await received_event(SUPPORT, answer)
    notice = (await at.context.desk.do(lambda: Notice.get(Notice.kind == "answer"))).id
    await at.do(outbox_admin.retry, notice)
    await at.until(lambda: ("answer", "sent") in at.outbox())
    await at.slack.edit(SUPPORT, answer, "reply: Not mended")

    missed = await compare()
    await compare(mend=True)
    after = await compare()

    assert differences(missed) == [("changed", name_of(answer, SUPPORT))]
    assert after.agrees
    assert (await bodies(at))[-1] == "Mended"


async def test_a_missed_deletion_is_found_and_mended(at, compare, received_event):
    first = await at.slack.write(DORA, SHARED, "It is broken")
    second = await at.slack.write(DORA, SHARED, "Please help")
    root = await at.slack.write(EMIL, SHARED, "Hello")
    reply = await at.slack.write(EMIL, SHARED, "And again", thread_ts=root)
    await received_event(SHARED, first, second, root, reply)
    await at.slack.delete(SHARED, first)
    await at.slack.delete(SHARED, root)

    mended = await compare(mend=True)
    after = await compare()

    assert sorted(differences(mended)) == [("deleted there", name_of(first)), ("deleted there", name_of(root))]
    assert [each.received.outcome for each in mended.differences] == ["deleted", "deleted"]
    assert after.agrees
    assert await bodies(at) == ["", "Please help", "", "And again"]


async def test_an_empty_channel_does_not_count_as_deleted_messages(at, compare, received_event):
    many = [await at.slack.write(DORA, SHARED, f"number {number}") for number in range(5)]
    await received_event(SHARED, *many)
    at.slack.state.posts[SHARED.channel_id].clear()

    report = await compare(mend=True)

    assert report.differences == ()
    assert "not taken for deleted" in report.notes[0]


async def test_an_unreadable_channel_does_not_affect_the_others(at, compare):
    await at.slack.write(DORA, SHARED, "It is broken")
    ts = await at.slack.write(EMIL, SECOND, "Hello")
    at.slack.faults.fail("conversations.history", "missing_scope", SHARED)

    report = await compare()

    assert differences(report) == [("missing", name_of(ts, SECOND))]
    assert "#acme-and-partner: missing_scope" in report.error
    assert not report.agrees


async def test_a_server_error_of_slack_is_raised(at, compare):
    at.slack.faults.server_error("conversations.history", times=None)

    with pytest.raises(SlackUnavailableError, match="HTTP 500"):
        await compare()


async def test_what_could_not_be_stored_is_reported_all_the_same(at, compare):
    await at.slack.write(DORA, SHARED, "It is broken")
    at.slack.faults.server_error("users.info", times=None)
    comparison = SlackComparison(at.context, clock=Clock(), progress=Progress(Clock()))

    with pytest.raises(LookupFailedError):
        await comparison.run(mend=True, days=None)

    assert comparison.tally.report().count(Gap.MISSING) == 1
    assert not comparison.tally.report().agrees


async def test_a_rate_limit_on_looking_up_people_is_waited_for(at, compare):
    await at.slack.write(DORA, SHARED, "It is broken")
    at.slack.faults.rate_limit("users.info", retry_after=0, times=2)

    report = await compare(mend=True)

    assert report.agrees
    assert await bodies(at) == ["It is broken"]


async def test_small_pages_and_a_rate_limit_lose_nothing(at, compare):
    at.slack.backend.page_limit = 15
    root = await at.slack.write(DORA, SHARED, "It is broken")
    for number in range(40):
        await at.slack.write(DORA, SHARED, f"number {number}", thread_ts=root if number % 2 else None)
    at.slack.faults.rate_limit("conversations.history", retry_after=0)

    report = await compare()

    assert report.count(Gap.MISSING) == 41


async def test_only_the_given_number_of_days_is_compared(at, compare):
    began = f"{Decimal(str(at.context.clock.now().timestamp())) - 9 * 86_400:.6f}"
    await at.context.desk.do(cursors.forget, f"slack:{HOME_TEAM}:{SHARED.channel_id}")
    await at.do(cursors.keep, {f"slack:{HOME_TEAM}:{SHARED.channel_id}": began})
    at.slack.clock_offset = -timedelta(days=5).total_seconds()
    await at.slack.write(DORA, SHARED, "On Monday")
    at.slack.clock_offset = -HOUR
    ts = await at.slack.write(DORA, SHARED, "Today")

    assert differences(await compare(days=2)) == [("missing", name_of(ts))]
    assert (await compare()).count(Gap.MISSING) == 2


async def test_threads_are_read_only_if_somebody_has_replied(at, compare, received_event):
    many = [await at.slack.write(DORA, SHARED, f"number {number}") for number in range(5)]
    reply = await at.slack.write(EMIL, SHARED, "For me too", thread_ts=many[0])
    await received_event(SHARED, *many)

    report = await compare()

    assert differences(report) == [("missing", name_of(reply))]
    assert len(at.calls("conversations.replies")) == 1


async def test_a_missed_deletion_of_the_only_reply_in_a_thread_is_found(at, compare, received_event):
    root = await at.slack.write(DORA, SHARED, "It is broken")
    reply = await at.slack.write(DORA, SHARED, "Please help", thread_ts=root)
    await received_event(SHARED, root, reply)
    await at.slack.delete(SHARED, reply)

    report = await compare(mend=True)

    assert differences(report) == [("deleted there", name_of(reply))]
    assert await bodies(at) == ["It is broken", ""]


async def test_a_message_that_cannot_be_stored_is_quarantined_and_the_others_are_stored(at, compare):
    ts = await at.slack.write(DORA, SHARED, "malformed")
    at.slack.state.keep(replace(at.slack.post(SHARED, ts), files=(ENDLESS,)))
    await at.slack.write(EMIL, SHARED, "Hello")

    mended = await compare(mend=True)
    after = await compare()

    assert [each.received.outcome for each in mended.differences] == ["quarantined", "message"]
    assert (after.quarantined, after.stored, after.differences) == (1, 1, ())
