"""Whoever looks after the outbox sees what waits, tries it again, and takes it back before it is said."""

from datetime import timedelta

import pytest

from casebook import database, notices
from casebook.admin import outbox_admin
from casebook.errors import NoSuchNoticeError, NotDroppedError
from casebook.models import Event
from casebook.outbound import replies
from casebook.outcomes import NoticeKind
from casebook.views import AnswerState
from fixtures.cast import DORA

OPERATOR = "the operator"


def tell(book, lane="C1", **changes):
    """Something that one person is told; its ID."""
    payload = {"user": DORA.user_id, "text": "only you"}
    database.work(lambda: notices.put(NoticeKind.PRIVATE, lane=lane, now=book.noon, payload=payload, **changes))
    return book.notices()[-1].id


def refused(book, lane="C1", error="not_in_channel"):
    notice_id = tell(book, lane)
    claimed = book.claim(lane, book.noon)
    database.work(lambda: notices.mark_failed(claimed, error=error, retry_at=book.hours(1)))
    return notice_id


def lost(book, lane="C1"):
    notice_id = tell(book, lane)
    claimed = book.claim(lane, book.noon)
    database.work(lambda: notices.mark_uncertain(claimed, error="HTTP 500", retry_at=book.hours(1)))
    return notice_id


def waiting(book, minutes=0.1):
    return database.work(lambda: outbox_admin.waiting(now=book.minutes(minutes)))


def retry(book, notice_id):
    return database.work(lambda: outbox_admin.retry(notice_id, now=book.minutes(1)))


def drop(book, notice_id):
    return database.work(lambda: outbox_admin.drop(notice_id, by=OPERATOR, now=book.minutes(1)))


def test_what_waits_is_listed_with_why_and_what_was_said_is_not(book):
    tell(book)
    book.sent(book.claim("C1", book.noon))
    refused(book)
    lost(book, "C2")
    tell(book, "C3")
    book.claim("C3", book.noon)

    first, second, third = waiting(book)

    assert (first.state, first.lane, first.attempts, first.error) == ("failed", "C1", 1, "not_in_channel")
    assert (second.in_hand, second.uncertain, second.error) == (False, True, "HTTP 500")
    assert (third.state, third.in_hand, third.uncertain) == ("pending", True, False)
    assert "only you" not in str((first, second, third))


def test_what_is_refused_is_due_at_once_when_somebody_says_so(book):
    notice_id = refused(book)

    before = book.claim("C1", book.minutes(1))
    assert retry(book, notice_id)
    again = book.claim("C1", book.minutes(1))

    assert before is None
    assert (again.ids, again.uncertain) == ([notice_id], False)


def test_what_may_have_been_said_is_tried_again_with_a_look(book):
    notice_id = lost(book)

    assert retry(book, notice_id)

    assert book.claim("C1", book.minutes(1)).uncertain


def test_what_is_being_delivered_is_neither_tried_again_nor_taken_back(book):
    notice_id = tell(book)
    claimed = database.work(lambda: notices.claim("C1", now=book.minutes(1)))

    assert not retry(book, notice_id)
    with pytest.raises(NotDroppedError, match="being delivered"):
        drop(book, notice_id)

    assert book.notices()[0].claimed_until == claimed.until


def test_what_may_have_been_said_is_not_taken_back(book):
    notice_id = lost(book)

    with pytest.raises(NotDroppedError, match="may have been said"):
        drop(book, notice_id)

    assert book.notices()[0].state == "pending"


@pytest.mark.parametrize("action", [retry, drop])
def test_what_is_not_in_the_outbox_is_said_to_be_unknown(book, action):
    tell(book)
    book.sent(book.claim("C1", book.noon))
    said = book.notices()[0].id

    for notice_id in (said, 4711):
        with pytest.raises(NoSuchNoticeError, match=f"no notice {notice_id} "):
            action(book, notice_id)


def test_what_is_taken_back_stands_in_the_history_of_its_case_and_is_not_said(book):
    case_id = book.customer().case_id
    notice_id = tell(book, case_id=case_id)

    dropped = drop(book, notice_id)

    (event,) = Event.select().where(Event.kind == "notice dropped")
    assert (dropped.case_id, event.case_id, event.actor, event.detail) == (case_id, case_id, OPERATOR, "private")
    assert book.claim("C1", book.hours(100)) is None


def test_an_answer_that_is_dropped_shows_as_taken_back(book):
    book.customer()
    book.say_all()
    drafted = book.stored(book.answer("CASE-0001"))
    (notice,) = book.notices("answer")

    drop(book, notice.id)

    assert database.work(lambda: replies.view(drafted.id)).state is AnswerState.TAKEN_BACK
    assert [row.detail for row in Event.select().where(Event.actor == OPERATOR)] == [""]
    assert book.notices("answer state")[-1].state == "pending", "and is shown where it was written"


def test_a_card_is_not_dropped_from_above_what_waits_under_it(book):
    book.customer()
    book.customer("and more")
    card, thread = book.notices("card")[0].id, book.notices("thread")[0].id

    with pytest.raises(NotDroppedError, match="under which 1 more of CASE-0001 wait"):
        drop(book, card)
    order = database.work(lambda: outbox_admin.in_order_of_dropping([card, thread, card]))
    for notice_id in order:
        drop(book, notice_id)

    assert order == (thread, card)
    assert waiting(book) == ()


def test_what_one_cause_refuses_in_a_lane_is_due_at_once_when_the_cause_is_mended(book):
    mended, failure_counter, elsewhere = refused(book), refused(book, error="a mistake"), refused(book, lane="C2")

    count = database.work(lambda: outbox_admin.retry_lane("C1", errors=["not_in_channel"], now=book.minutes(1)))

    due = {row.notice_id for row in waiting(book, 1) if row.due_at <= book.minutes(1)}
    assert (count, due) == (1, {mended})
    assert {failure_counter, elsewhere} <= {row.notice_id for row in waiting(book, 1)}


def test_a_start_tries_everything_again_that_slack_refused(book):
    refused(book)
    refused(book, lane="support")
    refused(book, lane="mail")

    count = database.work(lambda: outbox_admin.retry_lane(None, now=book.noon + timedelta(seconds=1)))

    assert count == 2
