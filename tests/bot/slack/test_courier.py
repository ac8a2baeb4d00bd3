"""The courier drops nothing and says nothing twice; what whole stories do not reach."""

from datetime import timedelta

import pytest

from bot.slack.courier import LONGEST_WAIT, retry_delay
from casebook import cases, notices, queries
from casebook.outcomes import NoticeKind
from fixtures.cast import ALERTS, ANNA, DORA, EMIL, FAYE, LOG, SHARED, SUPPORT


async def test_what_has_nothing_left_to_say_is_done_with_and_not_posted(at):
    long_ago = at.office.clock.now() - timedelta(minutes=1)
    await at.do(notices.put, NoticeKind.ALERT, lane=notices.ALERTS, target="alert:gone", now=long_ago)
    await at.do(notices.put, NoticeKind.CARD, lane=notices.SUPPORT, target="card:gone", now=long_ago)

    at.start()
    await at.until(lambda: at.outbox() == [("alert", "sent"), ("card", "sent")])

    assert at.calls("chat.postMessage") == []
    assert await at.office.desk.do(queries.post_of, "card:gone") is None


async def test_a_card_that_somebody_deleted_is_posted_anew_and_kept_up_to_date_there(at):
    case_id = (await at.asked()).case_id
    at.start()
    (first,) = await at.until(lambda: at.slack.messages(SUPPORT))
    await at.slack.delete(SUPPORT, first.ts)
    await at.do(notices.card, case_id)
    (second,) = await at.until(lambda: at.slack.messages(SUPPORT))
    await at.do(cases.close_case, case_id, by=ANNA.user_id, limits=at.office.limits)
    await at.until(lambda: "· closed" in at.slack.shows(at.slack.post(SUPPORT, second.ts)))

    assert [call.error for call in at.calls("chat.update")] == ["message_not_found", None]
    assert len([call for call in at.calls("chat.postMessage") if call.payload["channel"] == SUPPORT.channel_id]) == 2


async def test_a_post_in_a_thread_whose_answer_was_lost_is_found_there_and_not_said_twice(at):
    await at.asked()
    at.start()
    (card,) = await at.until(lambda: at.slack.messages(SUPPORT))
    at.slack.faults.drop_after_accept("chat.postMessage")
    await at.asked("And the import, too")
    await at.until(lambda: ("thread", "sent") in at.outbox())

    assert len(at.slack.thread(SUPPORT, card.ts)) == 1
    assert at.calls("conversations.replies")
    assert await at.office.desk.do(queries.post_of, "message:2") is not None


async def test_a_burst_whose_answer_was_lost_is_found_as_one_post(at):
    await at.asked()
    at.start()
    (card,) = await at.until(lambda: at.slack.messages(SUPPORT))
    at.slack.faults.drop_after_accept("chat.postMessage")
    for text in ("one", "two", "three"):
        await at.asked(text)
    await at.until(lambda: at.outbox("state").count(("sent",)) == len(at.outbox()))

    shown = "\n".join(at.slack.shows(reply) for reply in at.slack.thread(SUPPORT, card.ts))
    assert [shown.count(text) for text in ("one", "two", "three")] == [1, 1, 1]


async def test_a_lane_that_fails_does_not_stop_the_others_nor_what_comes_after_in_its_own(at, capsys):
    await at.do(notices.put, NoticeKind.PRIVATE, lane=notices.SUPPORT, payload={"no": "text"})
    at.start()
    await at.until(lambda: "lane failed" in capsys.readouterr().out)
    await at.asked()
    await at.do(notices.log, "all is well")
    await at.until(lambda: at.slack.messages(LOG) and at.slack.messages(SUPPORT))

    assert at.outbox()[0] == ("private", "pending"), "it is kept, and tried again when its lease is over"


async def test_stop_finishes_what_is_being_said_and_leaves_the_rest_in_the_outbox(at):
    for person in (DORA, EMIL, FAYE):
        await at.asked(person=person)
    at.start()
    await at.until(lambda: at.slack.messages(SUPPORT))
    await at.stop()

    assert len(at.slack.messages(SUPPORT)) == 1
    assert at.outbox("state, claimed_until") == [("sent", None), ("pending", None), ("pending", None)]


async def test_stop_does_not_wait_for_a_slack_that_says_nothing_and_the_next_courier_looks_it_up(at):
    await at.asked()
    at.slack.faults.hang("chat.postMessage")
    at.start()
    await at.until(lambda: at.calls("chat.postMessage"))
    await at.courier.stop(0.05)

    ((state, claimed_until),) = at.outbox("state, claimed_until")
    assert state == "pending"
    assert claimed_until is not None, "it may have been said"


async def test_log_lines_that_are_joined_stay_a_line_each(at):
    case_id = (await at.asked()).case_id
    await at.do(notices.log, "one\nof\r\nseveral\u2028lines")
    await at.do(cases.close_case, case_id, by=ANNA.user_id, limits=at.office.limits)
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


async def test_what_slack_would_refuse_is_kept_as_failed_and_does_not_hold_up_its_lane(at):
    await at.do(notices.privately, notices.SUPPORT, "", " ")
    await at.asked()
    at.start()
    await at.until(lambda: at.slack.messages(SUPPORT))
    ((state, error, attempts), _) = at.outbox("state, error, attempts")

    assert (state, error) == ("failed", "the text is empty")
    assert attempts >= 1
    assert len(at.calls("chat.postMessage")) == 1, "Slack was not even asked"


async def test_an_alert_links_to_the_card(at):
    await at.asked("This is urgent")
    at.start()
    (alert,) = await at.until(lambda: at.slack.messages(ALERTS))
    (card,) = at.slack.messages(SUPPORT)

    assert f"/archives/{SUPPORT.channel_id}/p{card.ts.replace('.', '')}" in at.slack.shows(alert)


async def test_what_is_for_one_persons_eyes_is_seen_by_nobody_else(at):
    await at.do(notices.privately, SHARED.channel_id, ANNA.user_id, "Only you & I know <!here>")
    at.start()
    (word,) = await at.until(lambda: at.slack.ephemerals(ANNA))

    assert at.slack.shows(word) == "Only you & I know <!here>"
    assert at.slack.live_markup(word) == ()
    assert at.slack.messages(SHARED) == ()


@pytest.mark.parametrize(("attempts", "least", "most"), [(1, 0.8, 1.2), (2, 1.6, 2.4), (4, 6.4, 9.6), (99, 48, 60)])
def test_the_next_try_waits_twice_as_long_and_never_more_than_a_minute(attempts, least, most):
    assert least <= retry_delay(attempts) <= min(most, LONGEST_WAIT)
