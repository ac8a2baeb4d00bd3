"""The outbox: notices are delivered in order, joined where possible, and neither lost nor blindly repeated."""

import json
from datetime import timedelta

import pytest

from casebook import cases, database, notices
from casebook.models import Notice
from casebook.notices import ALERTS, LOG, MAIL, SUPPORT
from casebook.outbound import replies
from casebook.outcomes import NoticeKind
from fixtures.cast import DORA, EMIL


def put(book, kind=NoticeKind.LOG, *, lane=LOG, now=None, **changes):
    database.work(lambda: notices.put(kind, lane=lane, now=now or book.noon, **changes))


def line(book, text, now=None):
    put(book, payload={"text": text}, now=now)


def texts(claimed):
    return [item.payload["text"] for item in claimed.items]


def due(now):
    return set(database.work(lambda: notices.lanes_due(now=now)))


def later(book, **length):
    return book.noon + timedelta(**length)


def refuse(claimed, retry_at):
    database.work(lambda: notices.mark_failed(claimed, error="channel_not_found", retry_at=retry_at))


def lose(claimed, retry_at):
    database.work(lambda: notices.mark_uncertain(claimed, error="the line broke", retry_at=retry_at))


def give_back(claimed, due_at):
    database.work(lambda: notices.give_back(claimed, due_at=due_at))


# Order and lanes


def test_the_courier_does_not_see_the_mail_lane(book):
    put(book, NoticeKind.TELL, lane=MAIL, payload={"text": "hello"})
    line(book, "one")

    assert due(book.noon) == {LOG}
    assert book.claim(MAIL, book.noon) is not None


def test_the_notices_of_a_lane_are_claimed_in_order(book):
    for user in ("first", "second", "third"):
        database.work(lambda user=user: notices.put_private("C0SHARED1", user, "only you", now=book.noon))

    said = [book.claim("C0SHARED1").items[0].payload["user"] for _ in range(3)]

    assert said == ["first", "second", "third"]
    assert book.claim("C0SHARED1") is None


def test_each_lane_is_claimed_separately(book):
    line(book, "a line")
    put(book, NoticeKind.TELL, lane="C0SHARED1")

    assert due(book.noon) == {LOG, "C0SHARED1"}
    assert book.claim("C0SHARED1").items[0].kind is NoticeKind.TELL
    assert due(book.hours(-1)) == set()
    assert book.claim(SUPPORT) is None


def test_a_claimed_notice_cannot_be_claimed_again(book):
    line(book, "a line")
    first = book.claim(LOG, book.noon)

    assert first is not None
    assert not first.uncertain
    assert book.claim(LOG, book.noon) is None
    assert due(book.noon) == set()


def test_two_couriers_never_claim_the_same_notice(book):
    for number in range(8):
        database.work(lambda n=number: notices.put_private("C1", f"U{n}", "only you", now=book.noon))

    claimed = book.at_once(*[lambda: notices.claim("C1", now=book.noon)] * 8)

    assert sorted(i for one in claimed if one for i in one.ids) == sorted(
        {i for one in claimed if one for i in one.ids}
    )
    assert len({one.items[0].payload["user"] for one in claimed if one}) == sum(one is not None for one in claimed) > 0


def test_a_sent_notice_is_not_claimed_again(book):
    line(book, "a line")

    book.sent(book.claim(LOG, book.noon), book.minutes(1))

    (notice,) = book.notices()
    assert (notice.state, notice.sent_at, notice.claimed_until) == ("sent", book.minutes(1), None)
    assert book.claim(LOG, book.hours(100)) is None


# Cards, thread posts and alerts


def test_a_thread_post_waits_for_the_card(book):
    first = book.customer()
    book.customer("and more")
    card = book.claim(SUPPORT)

    waiting = book.claim(SUPPORT)
    book.sent(card)
    post = book.claim(SUPPORT)

    assert card.items[0].kind is NoticeKind.CARD
    assert waiting is None
    assert (post.items[0].kind, post.items[0].case_id) == (NoticeKind.THREAD, first.case_id)


def test_an_alert_waits_for_the_card_but_at_most_five_seconds(book):
    book.customer("urgent", at=book.noon)

    assert book.claim(ALERTS, book.noon) is None
    assert book.claim(ALERTS, later(book, seconds=5)) is None
    assert book.claim(ALERTS, later(book, seconds=5, microseconds=1)) is not None


def test_an_alert_is_due_as_soon_as_the_card_is_posted(book):
    book.customer("urgent", at=book.noon)
    book.sent(book.claim(SUPPORT, book.noon), book.noon)

    alert = book.claim(ALERTS, book.noon)

    assert alert.items[0].kind is NoticeKind.ALERT
    assert alert.items[0].post is None


def test_an_update_knows_the_post_that_it_changes(book):
    first = book.customer()
    book.say_all(book.hours(1))
    book.close(first.case_id)

    update = book.claim(SUPPORT)

    assert update.items[0].post == ("C0SUPPORT", book.card_of(first.case_id))


def test_an_update_keeps_the_post_where_it_is(book):
    first = book.customer()
    book.say_all()
    posted = book.card_of(first.case_id)
    book.close(first.case_id)

    book.sent(book.claim(SUPPORT))

    assert book.card_of(first.case_id) == posted


def test_a_deleted_post_is_posted_again(book):
    first = book.customer()
    book.say_all()
    posted = book.card_of(first.case_id)
    book.close(first.case_id)

    database.work(lambda: notices.forget_post(f"card:{first.case_id}"))
    claimed = book.claim(SUPPORT)
    book.sent(claimed)

    assert claimed.items[0].post is None
    assert book.card_of(first.case_id) != posted


def test_an_ephemeral_message_leaves_no_stored_post(book):
    database.work(lambda: notices.put_private("C1", "U1", "only you", now=book.noon))
    claimed = book.claim("C1")

    database.work(lambda: notices.mark_sent(claimed, channel="C1", ts="", now=book.noon))

    assert book.snapshot()["Post"] == []


def test_one_pending_card_notice_is_enough(book):
    first = book.customer()
    for _ in range(3):
        book.customer("more")

    assert len(book.notices("card", first.case_id)) == 1


def test_a_change_after_the_claim_gets_a_card_notice_of_its_own(book):
    first = book.customer()
    claimed = book.claim(SUPPORT)

    book.customer("more")
    book.customer("and more")

    waiting = [notice.id for notice in book.notices("card", first.case_id) if notice.id not in claimed.ids]
    assert len(waiting) == 1


def test_a_change_after_a_failure_needs_no_second_notice(book):
    first = book.customer()
    refuse(book.claim(SUPPORT), book.hours(2))

    book.customer("more")

    assert len(book.notices("card", first.case_id)) == 1


def test_cards_of_two_cases_are_two_notices(book):
    book.customer(sender=DORA.user_id)
    book.customer(sender=EMIL.user_id)

    assert len(book.notices("card")) == 2


# Joining


def test_a_burst_of_one_case_is_joined_into_one_post(book):
    book.customer()
    book.say_all()
    for _ in range(2):
        book.customer("more")

    said = book.say_all()

    assert [[item.kind for item in post.items] for post in said] == [[NoticeKind.THREAD] * 2, [NoticeKind.CARD]]


def test_a_joined_post_is_kept_for_each_of_its_messages(book):
    first = book.customer()
    book.say_all()
    more = [book.customer(f"more {number}") for number in range(3)]

    book.say_all()

    posts = {row["key"]: row["ts"] for row in book.snapshot()["Post"] if row["key"].startswith("message:")}
    assert set(posts) == {f"message:{book.stored(one).id}" for one in more}
    assert len(set(posts.values())) == 1
    assert first.case_id is not None


def test_messages_of_two_cases_are_not_joined(book):
    one, other = book.customer(sender=DORA.user_id), book.customer(sender=EMIL.user_id)
    book.say_all()
    for sender in (DORA, EMIL, DORA, EMIL):
        book.customer("more", sender.user_id)

    bursts = [claimed for claimed in book.say_all() if claimed.items[0].kind is NoticeKind.THREAD]

    assert [(burst.items[0].case_id, len(burst.items)) for burst in bursts] == [(one.case_id, 2), (other.case_id, 2)]
    assert all(len({item.case_id for item in burst.items}) == 1 for burst in bursts)


def test_at_most_ten_are_joined(book):
    for number in range(12):
        line(book, f"line {number}")

    first, second = book.claim(LOG), book.claim(LOG)

    assert texts(first) == [f"line {number}" for number in range(10)]
    assert texts(second) == ["line 10", "line 11"]


def test_log_lines_of_all_kinds_are_joined(book):
    line(book, "a line")
    case_id = book.customer().case_id
    book.close(case_id)
    book.reopen(case_id)

    claimed = book.claim(LOG, book.hours(3))

    assert [item.kind for item in claimed.items] == [NoticeKind.LOG, NoticeKind.CLOSED, NoticeKind.REOPENED]


def test_a_notice_that_is_not_due_is_not_joined(book):
    line(book, "now")
    line(book, "later", now=book.hours(2))

    assert texts(book.claim(LOG, book.hours(1))) == ["now"]


# Failures


def test_a_claim_that_ended_without_a_result_is_uncertain(book):
    line(book, "a line")
    book.claim(LOG, book.noon)

    held = book.claim(LOG, book.noon + notices.LEASE)
    after = book.claim(LOG, book.noon + notices.LEASE + timedelta.resolution)

    assert held is None
    assert after.uncertain
    assert after.items[0].attempts == 2


def test_joined_notices_that_ended_without_a_result_are_claimed_together_again(book):
    for number in range(3):
        line(book, f"line {number}")
    first = book.claim(LOG, book.noon)
    line(book, "a new line")

    again = book.claim(LOG, book.minutes(2))

    # Its post has the key of the first notice only: if they were claimed one by one, the others would be posted twice.
    assert again.uncertain
    assert again.ids == first.ids
    assert texts(book.claim(LOG, book.minutes(2))) == ["a new line"]


def test_a_new_line_is_not_joined_to_an_uncertain_one(book):
    line(book, "perhaps said")
    book.claim(LOG, book.noon)
    line(book, "new")

    again = book.claim(LOG, book.minutes(2))

    assert (texts(again), again.uncertain) == (["perhaps said"], True)


def test_notices_claimed_by_a_dead_process_are_due_at_once(book):
    line(book, "perhaps said")
    line(book, "perhaps said too")
    book.claim(LOG, book.noon)
    database.work(lambda: notices.put_private("C1", "U1", "not yet tried", now=book.noon))

    ended = database.work(lambda: notices.end_leases(now=book.minutes(0.1)))
    again, fresh = book.claim(LOG, book.minutes(0.1)), book.claim("C1", book.minutes(0.1))

    assert ended == 2
    assert (texts(again), again.uncertain) == (["perhaps said", "perhaps said too"], True)
    assert not fresh.uncertain


def test_after_a_broken_connection_the_next_delivery_is_uncertain(book):
    line(book, "a line")
    lose(book.claim(LOG, book.noon), book.minutes(1))

    early, again = book.claim(LOG, book.minutes(1)), book.claim(LOG, book.minutes(1.1))

    assert early is None
    assert again.uncertain
    assert book.notices()[0].error == "the line broke"


def test_a_released_notice_counts_no_attempt(book):
    line(book, "a line")
    give_back(book.claim(LOG, book.noon), book.minutes(5))

    early, again = book.claim(LOG, book.minutes(4)), book.claim(LOG, book.minutes(5))

    assert early is None
    assert (again.uncertain, again.items[0].attempts) == (False, 1)


def test_an_uncertain_notice_stays_uncertain_when_it_is_released(book):
    line(book, "perhaps said")
    book.claim(LOG, book.noon)
    give_back(book.claim(LOG, book.minutes(2)), book.minutes(3))

    again = book.claim(LOG, book.minutes(4))

    # Slack asked us to wait before the channel could be searched: it may still have been posted.
    assert again.uncertain


def test_a_failure_does_not_make_an_uncertain_notice_certain(book):
    line(book, "perhaps said")
    lose(book.claim(LOG, book.noon), book.minutes(1))
    again = book.claim(LOG, book.minutes(2))
    later = {"error": "not_in_channel", "retry_at": book.minutes(3)}
    database.work(lambda: notices.mark_failed(again, **later, uncertain=again.uncertain))

    early, third = book.claim(LOG, book.minutes(3)), book.claim(LOG, book.minutes(4))

    assert early is None
    assert third.uncertain


def test_the_search_for_a_post_begins_when_the_delivery_began_by_slacks_clock(book):
    line(book, "a line")
    there = book.hours(-3)
    first = database.work(lambda: notices.claim(LOG, now=book.noon, remote_now=there))
    lose(first, book.minutes(1))

    second = database.work(lambda: notices.claim(LOG, now=book.minutes(2), remote_now=book.hours(-1)))
    anew = database.work(lambda: notices.extend_claim(second, until=book.minutes(4), remote_now=book.hours(-1)))
    lose(anew, book.minutes(5))
    third = database.work(lambda: notices.claim(LOG, now=book.minutes(6), remote_now=book.hours(-1)))

    assert (first.look_from, second.look_from, third.look_from) == (None, there, book.hours(-1))


def test_an_ended_claim_cannot_be_extended_once_another_process_has_the_notice(book):
    line(book, "a line")
    first = book.claim(LOG, book.noon)
    longer = database.work(lambda: notices.extend_claim(first, until=book.minutes(2)))
    book.claim(LOG, book.minutes(3))

    assert longer.until == book.minutes(2)
    assert database.work(lambda: notices.extend_claim(longer, until=book.minutes(9))) is None


def test_a_card_that_may_have_been_posted_is_not_posted_again_by_the_next_change_of_its_case(book):
    case_id = book.customer().case_id
    lose(book.claim(SUPPORT, book.minutes(1)), book.minutes(10))
    database.work(lambda: notices.card(case_id, now=book.minutes(2)))

    meanwhile = book.claim(SUPPORT, book.minutes(5))
    found = book.claim(SUPPORT, book.minutes(11))
    book.sent(found)
    update = book.claim(SUPPORT, book.minutes(12))

    assert meanwhile is None
    assert (found.uncertain, found.items[0].post) == (True, None)
    assert update.items[0].post is not None


def test_an_earlier_card_waits_for_a_later_one_that_may_have_been_posted(book):
    case_id = book.customer().case_id
    first = book.claim(SUPPORT, book.minutes(1))
    database.work(lambda: notices.card(case_id, now=book.minutes(1)))
    refuse(first, book.minutes(3))
    lose(book.claim(SUPPORT, book.minutes(2)), book.minutes(5))

    meanwhile, after = book.claim(SUPPORT, book.minutes(4)), book.claim(SUPPORT, book.minutes(6))

    assert meanwhile is None
    assert after.uncertain


def test_two_messages_of_one_case_are_never_claimed_at_once_but_other_cases_are_not_held_up(book):
    for text in ("one", "two", "three"):
        book.customer(text)
        book.customer(text, EMIL.user_id)
    book.say_all(book.noon)
    now = book.hours(1)
    for text in ("four", "five"):
        book.customer(text)
    book.customer("six", EMIL.user_id)

    hands = [database.work(lambda: notices.claim(SUPPORT, now=now)) for _ in range(4)]

    assert len({one.items[0].case_id for one in hands if one}) == sum(one is not None for one in hands) == 2


def test_two_couriers_that_claim_at_once_claim_different_cases(book):
    for person in (DORA, EMIL):
        for _ in range(2):
            now = book.noon
            payload = {"case_id": book.customer(person.user_id, person.user_id).case_id, "target": person.user_id}
            database.work(lambda now=now, payload=payload: notices.put(NoticeKind.TELL, lane="C1", now=now, **payload))

    claimed = book.at_once(*[lambda: notices.claim("C1", now=book.hours(1))] * 6)

    cases_in_hand = [one.items[0].case_id for one in claimed if one]
    assert len(cases_in_hand) == len(set(cases_in_hand)) > 0


def test_a_notice_waits_only_a_few_attempts_for_an_uncertain_one_before_it(book):
    case_id = book.customer().case_id
    for text in ("first", "second"):
        put(book, NoticeKind.TELL, lane="C1", case_id=case_id, payload={"text": text})

    said = []
    for minute in range(0, 9, 2):
        claimed = book.claim("C1", book.minutes(minute))
        said += texts(claimed)
        lose(claimed, book.minutes(minute + 1))
        meanwhile = book.claim("C1", book.minutes(minute + 0.5))
        said += [] if meanwhile is None else texts(meanwhile)

    assert said[:5] == ["first", "first", "first", "first", "second"]


def test_a_failed_notice_is_kept_and_tried_again(book):
    line(book, "a line")
    refuse(book.claim(LOG, book.noon), book.minutes(1))

    (refused,) = book.notices()
    early, again = book.claim(LOG, book.noon), book.claim(LOG, book.minutes(1))

    assert (refused.state, refused.error, refused.attempts) == ("failed", "channel_not_found", 1)
    assert early is None
    assert (again.uncertain, again.items[0].attempts) == (False, 2)


def test_a_failed_notice_does_not_hold_up_its_lane(book):
    database.work(lambda: notices.put_private("C1", "first", "x", now=book.noon))
    database.work(lambda: notices.put_private("C1", "second", "x", now=book.noon))
    refuse(book.claim("C1", book.noon), book.minutes(1))

    assert book.claim("C1", book.noon).items[0].payload["user"] == "second"


def test_a_notice_sent_after_a_failure_has_no_error(book):
    line(book, "a line")
    refuse(book.claim(LOG, book.noon), book.noon)

    book.sent(book.claim(LOG, book.noon))

    assert (book.notices()[0].state, book.notices()[0].error) == ("sent", "")


def test_a_dropped_notice_is_not_claimed(book):
    line(book, "said")
    book.sent(book.claim(LOG))
    line(book, "taken back")

    database.work(lambda: notices.drop([notice.id for notice in book.notices()]))

    assert [notice.state for notice in book.notices()] == ["sent", "dropped"]
    assert book.claim(LOG, book.hours(100)) is None


def test_sent_notices_are_kept_for_thirty_days(book):
    line(book, "said")
    book.sent(book.claim(LOG), book.noon)
    line(book, "not yet said")

    kept = database.work(lambda: notices.prune(now=later(book, days=30)))
    removed = database.work(lambda: notices.prune(now=later(book, days=30, seconds=1)))

    assert (kept, removed) == (0, 1)
    assert [json.loads(notice.payload)["text"] for notice in book.notices()] == ["not yet said"]


def test_dropped_notices_are_kept_for_thirty_days(book):
    line(book, "taken back")
    database.work(lambda: notices.drop([notice.id for notice in book.notices()]))
    written = book.notices()[0].due_at

    kept = database.work(lambda: notices.prune(now=written + timedelta(days=30)))
    removed = database.work(lambda: notices.prune(now=written + timedelta(days=30, seconds=1)))

    assert (kept, removed, book.notices()) == (0, 1, [])


def test_a_notice_is_rolled_back_with_its_transaction(book):
    case_id = book.customer().case_id

    def close_and_fail():
        with Notice._meta.database.atomic():
            cases.close_case(case_id, by="U0ANNA001", now=book.hours(1), limits=book.limits)
            raise LookupError

    with pytest.raises(LookupError):
        database.work(close_and_fail)

    assert book.notices("closed") == []
    assert book.case(case_id).status == "open"


# Query plans


def test_due_notices_are_found_by_an_index(plans, sqlite_book):
    sqlite_book.customer("urgent")

    asked = plans(
        lambda: (notices.claim(SUPPORT, now=sqlite_book.hours(1)), notices.lanes_due(now=sqlite_book.hours(1)))
    )

    found = [plan for sql, plan in asked.items() if sql.startswith("SELECT") and 'FROM "notices"' in sql]
    assert len(found) == 3
    assert all("INDEX notices_due" in plan for plan in found)


def test_a_waiting_notice_is_found_by_an_index(plans, sqlite_book):
    case_id = sqlite_book.customer().case_id

    asked = plans(lambda: notices.card(case_id, now=sqlite_book.hours(1)))

    (plan,) = asked.values()
    assert "INDEX notices_waiting (case_id=? AND kind=?)" in plan


def test_the_notices_of_an_answer_are_found_by_an_index(plans, sqlite_book):
    drafted = sqlite_book.stored(sqlite_book.customer())

    asked = plans(lambda: replies.view(drafted.id))

    (plan,) = [plan for sql, plan in asked.items() if 'FROM "notices"' in sql]
    assert "INDEX notices_target (target=?)" in plan


def test_pruning_finds_its_rows_by_an_index(plans, sqlite_book):
    asked = plans(lambda: notices.prune(now=sqlite_book.hours(1)))

    assert ["INDEX notices_sent" in plan or "INDEX notices_dropped" in plan for plan in asked.values()] == [True, True]


def test_an_excluded_lane_is_not_listed(book):
    database.work(lambda: notices.log("a line", now=book.noon))

    assert database.work(lambda: notices.lanes_due(now=book.noon, excluding=frozenset({notices.LOG}))) == ()
