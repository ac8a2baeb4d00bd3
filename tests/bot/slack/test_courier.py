"""The courier drops nothing and posts nothing twice: the cases that the stories do not cover."""

from datetime import timedelta

import pytest

from bot.slack.api.backoff import LONGEST_WAIT, retry_delay
from bot.slack.courier import Courier
from casebook import cases, notices, queries
from casebook.incoming import Incoming, Source, Standing
from casebook.outbound import corrections, replies
from casebook.outcomes import NoticeKind
from fixtures.cast import ALERTS, ANNA, DORA, EMIL, FAYE, LOG, SECOND, SHARED, SUPPORT


async def test_a_notice_without_content_is_marked_sent_and_not_posted(at):
    long_ago = at.context.clock.now() - timedelta(minutes=1)
    await at.do(notices.put, NoticeKind.ALERT, lane=notices.ALERTS, target="alert:gone", now=long_ago)
    await at.do(notices.put, NoticeKind.CARD, lane=notices.SUPPORT, target="card:gone", now=long_ago)

    at.start()
    await at.until(lambda: at.outbox() == [("alert", "sent"), ("card", "sent")])

    assert at.calls("chat.postMessage") == []
    assert await at.context.desk.do(queries.post_of, "card:gone") is None


async def test_a_deleted_card_is_posted_again_and_the_new_post_is_updated(at):
    case_id = (await at.asked()).case_id
    at.start()
    (first,) = await at.until(lambda: at.slack.messages(SUPPORT))
    await at.slack.delete(SUPPORT, first.ts)
    await at.do(notices.card, case_id)
    (second,) = await at.until(lambda: at.slack.messages(SUPPORT))
    await at.do(cases.close_case, case_id, by=ANNA.user_id, limits=at.context.limits)
    await at.until(lambda: "· closed" in at.slack.shows(at.slack.post(SUPPORT, second.ts)))

    assert [call.error for call in at.calls("chat.update")] == ["message_not_found", None]
    assert len([call for call in at.calls("chat.postMessage") if call.payload["channel"] == SUPPORT.channel_id]) == 2


async def test_a_post_in_a_thread_whose_response_was_lost_is_found_and_not_posted_twice(at):
    await at.asked()
    at.start()
    (card,) = await at.until(lambda: at.slack.messages(SUPPORT))
    at.slack.faults.drop_after_accept("chat.postMessage")
    await at.asked("And the import, too")
    await at.until(lambda: ("thread", "sent") in at.outbox())

    assert len(at.slack.thread(SUPPORT, card.ts)) == 1
    assert at.calls("conversations.replies")
    assert await at.context.desk.do(queries.post_of, "message:2") is not None


async def test_a_joined_post_whose_response_was_lost_is_found_as_one_post(at):
    await at.asked()
    at.start()
    (card,) = await at.until(lambda: at.slack.messages(SUPPORT))
    at.slack.faults.drop_after_accept("chat.postMessage")
    for text in ("one", "two", "three"):
        await at.asked(text)
    await at.until(lambda: at.outbox("state").count(("sent",)) == len(at.outbox()))

    shown = "\n".join(at.slack.shows(reply) for reply in at.slack.thread(SUPPORT, card.ts))
    assert [shown.count(text) for text in ("one", "two", "three")] == [1, 1, 1]


async def test_a_notice_that_fails_through_a_bug_is_marked_failed_and_its_lane_continues(at, capsys):
    await at.do(notices.put, NoticeKind.PRIVATE, lane=notices.SUPPORT, payload={"no": "text"})
    await at.asked()
    at.start()
    await at.until(lambda: at.slack.messages(SUPPORT))
    await at.until(lambda: at.outbox("attempts, claimed_until")[0] == (2, None))

    assert at.outbox("state, error")[0] == ("failed", "a mistake in Casebook (KeyError)")
    assert "delivery failed by a bug" in "".join(capsys.readouterr())


async def test_stop_finishes_the_post_in_progress_and_leaves_the_rest_in_the_outbox(at):
    at.courier = Courier(at.context)  # at the default pace
    for person in (DORA, EMIL, FAYE):
        await at.asked(person=person)
    at.start()
    await at.until(lambda: at.slack.messages(SUPPORT))
    await at.stop()

    assert len(at.slack.messages(SUPPORT)) == 1
    assert at.outbox("state, claimed_until") == [("sent", None), ("pending", None), ("pending", None)]


async def test_stop_does_not_wait_for_a_silent_slack_and_keeps_the_claim_for_a_later_lookup(at):
    await at.asked()
    at.slack.faults.hang("chat.postMessage")
    at.start()
    await at.until(lambda: at.calls("chat.postMessage"))
    await at.courier.stop(0.05)

    ((state, claimed_until),) = at.outbox("state, claimed_until")
    assert state == "pending"
    assert claimed_until is not None, "it may have been posted"


async def test_joined_log_lines_stay_one_line_each(at):
    case_id = (await at.asked()).case_id
    await at.do(notices.log, "one\nof\r\nseveral\u2028lines")
    await at.do(cases.close_case, case_id, by=ANNA.user_id, limits=at.context.limits)
    await at.do(notices.log, "<!channel> & *stars*")
    await at.do(cases.reopen_case, case_id, by=ANNA.user_id)
    at.start()
    (post,) = await at.until(lambda: at.slack.messages(LOG))

    lines = post.text.split("\n")
    assert len(lines) == 4
    assert lines[0] == "one of several lines"
    assert lines[1].startswith(f"Case #{case_id} closed at ")
    assert lines[1].endswith("Z by Anna Example")
    assert lines[2] == "&lt;!channel&gt; &amp; *stars*"
    assert lines[3].startswith(f"Case #{case_id} reopened at ")
    assert at.slack.live_markup(post) == ()


async def test_a_post_that_slack_would_refuse_is_marked_failed_and_does_not_block_its_lane(at):
    await at.do(notices.put_private, notices.SUPPORT, "", " ")
    await at.asked()
    at.start()
    await at.until(lambda: at.slack.messages(SUPPORT))
    ((state, error, attempts), _) = at.outbox("state, error, attempts")

    assert (state, error) == ("failed", "the text is empty")
    assert attempts >= 1
    assert len(at.calls("chat.postMessage")) == 1, "nothing was sent to Slack"


async def test_an_alert_links_to_the_card(at):
    await at.asked("This is urgent")
    at.start()
    (alert,) = await at.until(lambda: at.slack.messages(ALERTS))
    (card,) = at.slack.messages(SUPPORT)

    assert f"/archives/{SUPPORT.channel_id}/p{card.ts.replace('.', '')}" in at.slack.shows(alert)


async def test_a_private_notice_is_seen_by_one_person_only(at):
    await at.do(notices.put_private, SHARED.channel_id, ANNA.user_id, "Only you & I know <!here>")
    at.start()
    (word,) = await at.until(lambda: at.slack.ephemerals(ANNA))

    assert at.slack.shows(word) == "Only you & I know <!here>"
    assert at.slack.live_markup(word) == ()
    assert at.slack.messages(SHARED) == ()


def posted_once(at, *channels):
    return [len(at.slack.messages(channel)) for channel in channels] == [1] * len(channels)


async def test_a_post_whose_response_was_lost_is_found_although_our_clock_differs_from_slacks(at):
    at.slack.clock_offset = -120
    await at.context.client.auth_test()
    await at.asked()
    at.slack.faults.drop_after_accept("chat.postMessage")
    at.start()
    await at.until(lambda: ("card", "sent") in at.outbox())

    assert posted_once(at, SUPPORT)


async def test_a_post_is_found_although_our_clock_was_corrected_after_its_response_was_lost(at):
    at.slack.clock_offset = -7200
    await at.context.client.auth_test()
    await at.asked()
    at.slack.faults.drop_after_accept("chat.postMessage")
    at.start()
    await at.until(lambda: at.outbox("error")[0][0])
    at.slack.clock_offset = 0
    await at.context.client.auth_test()
    await at.until(lambda: ("card", "sent") in at.outbox())

    assert posted_once(at, SUPPORT)


async def test_a_post_is_found_below_many_later_ones_on_short_pages(at):
    at.slack.backend.page_limit = 15
    await at.asked()
    at.slack.faults.drop_after_accept("chat.postMessage")
    at.start()
    await at.until(lambda: at.outbox("error")[0][0])
    for number in range(400):
        await at.slack.write(ANNA, SUPPORT, f"Talk {number}")
    await at.until(lambda: ("card", "sent") in at.outbox())

    assert len(at.slack.messages(SUPPORT)) == 401
    assert len(at.calls("conversations.history")) > 20


async def test_a_delayed_history_is_read_twice_before_anything_is_posted_again(at):
    at.slack.faults.history_lag(1.3)
    await at.asked()
    at.slack.faults.drop_after_accept("chat.postMessage")
    at.start()
    await at.until(lambda: ("card", "sent") in at.outbox())

    assert posted_once(at, SUPPORT)


async def test_a_rate_limited_lookup_is_made_later_and_nothing_is_posted_meanwhile(at):
    await at.asked()
    at.slack.faults.drop_after_accept("chat.postMessage")
    at.slack.faults.rate_limit("conversations.history", 1)
    at.start()
    await at.until(lambda: ("card", "sent") in at.outbox())

    assert posted_once(at, SUPPORT)
    assert [call.error for call in at.calls("conversations.history")] == ["ratelimited", None]


async def test_an_uncertain_post_is_still_looked_up_after_a_refusal(at):
    await at.asked()
    at.slack.faults.drop_after_accept("chat.postMessage")
    at.slack.faults.fail("conversations.history", "not_in_channel", times=1)
    at.start()
    await at.until(lambda: ("card", "failed") in at.outbox())
    await at.until(lambda: ("card", "sent") in at.outbox())

    assert posted_once(at, SUPPORT)


async def test_a_post_that_is_not_found_is_posted_after_two_lookups(at):
    await at.asked()
    at.slack.faults.server_error("chat.postMessage")
    at.start()
    await at.until(lambda: ("card", "sent") in at.outbox())

    assert posted_once(at, SUPPORT)
    assert len(at.calls("conversations.history")) == 2


async def answered(at, case_id):
    answer = Incoming(
        source=Source.SLACK,
        external_id="T0HOME001:answer:1",
        sender=ANNA.user_id,
        standing=Standing.NOTE,
        timestamp=at.context.clock.now(),
        body="We look into it",
        new_text="We look into it",
        cases_named=(int(case_id[-4:]),),
    )
    await at.do(replies.draft, answer, undo=timedelta(), limits=at.context.limits)


async def test_an_uncertain_answer_that_its_author_deleted_is_not_posted(at):
    await answered(at, (await at.asked()).case_id)
    claimed = await at.do(notices.claim, SHARED.channel_id)
    await at.context.desk.do(notices.mark_uncertain, claimed, error="HTTP 500", retry_at=at.context.clock.now())
    await at.do(corrections.delete, Source.SLACK, "T0HOME001:answer:1")
    at.start()
    await at.until(lambda: ("answer", "dropped") in at.outbox())
    (card,) = at.slack.messages(SUPPORT)
    await at.until(lambda: "was taken back" in at.slack.shows(at.slack.thread(SUPPORT, card.ts)[-1]))

    assert at.slack.messages(SHARED) == ()


@pytest.mark.parametrize("fault", ["none", "connection lost"])
async def test_an_answer_goes_to_the_channel_when_its_thread_was_deleted(at, fault):
    ts = await at.slack.write(DORA, SHARED, "It is broken")
    await answered(at, (await at.asked("It is broken", ts=ts)).case_id)
    await at.slack.delete(SHARED, ts)
    if fault != "none":
        at.slack.faults.drop_after_accept("chat.postMessage", times=2)
    at.start()
    await at.until(lambda: ("answer", "sent") in at.outbox())

    assert posted_once(at, SHARED)


async def test_everything_is_posted_exactly_once_when_every_response_is_lost_once(at):
    ts = await at.slack.write(DORA, SHARED, "This is urgent")
    case_id = (await at.asked("This is urgent", ts=ts)).case_id
    await at.do(notices.log, "a line")
    await answered(at, case_id)
    await at.do(notices.put, NoticeKind.TELL, lane=SECOND.channel_id, case_id=case_id, payload={"text": "It is done"})
    at.slack.faults.drop_after_accept("chat.postMessage", times=6)
    at.start()
    await at.until(lambda: {state for (state,) in at.outbox("state")} == {"sent"}, 30)

    (card,) = at.slack.messages(SUPPORT)
    assert posted_once(at, ALERTS, LOG, SECOND)
    assert len(at.slack.thread(SHARED, ts)) == 1, "the answer"
    assert len(at.slack.thread(SUPPORT, card.ts)) == 1, "its state"


async def test_a_start_retries_at_once_what_slack_refused_before(at):
    await at.do(notices.log, "a line")
    claimed = await at.do(notices.claim, notices.LOG)
    later = at.context.clock.now() + timedelta(hours=1)
    await at.context.desk.do(notices.mark_failed, claimed, error="not_in_channel", retry_at=later)

    at.start()
    await at.until(lambda: at.outbox() == [("log", "sent")])

    assert len(at.slack.messages(LOG)) == 1


def log_and_claim(text, *, now):
    """Both in one operation, so that the courier that runs cannot claim it first."""
    notices.log(text, now=now)
    return notices.claim(notices.LOG, now=now)


async def test_a_channel_that_accepts_a_post_again_gets_its_refused_notices_at_once(at):
    at.start()
    await at.do(notices.log, "first")
    await at.until(lambda: at.slack.messages(LOG))
    claimed = await at.do(log_and_claim, "refused long ago")
    later = at.context.clock.now() + timedelta(hours=1)
    await at.context.desk.do(notices.mark_failed, claimed, error="not_in_channel", retry_at=later)
    at.slack.faults.fail("chat.postMessage", "not_in_channel", channel=LOG, times=1)
    await at.do(notices.log, "refused just now")
    await at.until(lambda: {state for (state,) in at.outbox("state")} == {"sent"})

    assert len(at.slack.messages(LOG)) == 3


@pytest.mark.parametrize(("attempts", "least", "most"), [(1, 0.8, 1.2), (2, 1.6, 2.4), (4, 6.4, 9.6), (99, 48, 60)])
def test_the_delay_doubles_with_each_try_up_to_a_minute(attempts, least, most):
    assert least <= retry_delay(attempts) <= min(most, LONGEST_WAIT)
