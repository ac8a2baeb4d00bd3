"""The operator lists what waits in the outbox, retries it, and drops it before delivery."""

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
    """A notice for one person; its ID."""
    payload = {"user": DORA.user_id, "text": "only you"}
    database.work(lambda: notices.put(NoticeKind.PRIVATE, lane=lane, now=book.noon, payload=payload, **changes))
    return book.notices()[-1].id


def failed(book, lane="C1", error="not_in_channel"):
    notice_id = tell(book, lane)
    claimed = book.claim(lane, book.noon)
    database.work(lambda: notices.mark_failed(claimed, error=error, retry_at=book.hours(1)))
    return notice_id


def uncertain(book, lane="C1"):
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


def test_waiting_notices_are_listed_with_their_errors_and_sent_ones_are_not(book):
    tell(book)
    book.sent(book.claim("C1", book.noon))
    failed(book)
    uncertain(book, "C2")
    tell(book, "C3")
    book.claim("C3", book.noon)

    first, second, third = waiting(book)

    assert (first.state, first.lane, first.attempts, first.error) == ("failed", "C1", 1, "not_in_channel")
    assert (second.in_hand, second.uncertain, second.error) == (False, True, "HTTP 500")
    assert (third.state, third.in_hand, third.uncertain) == ("pending", True, False)
    assert "only you" not in str((first, second, third))


def test_a_failed_notice_can_be_made_due_at_once(book):
    notice_id = failed(book)

    before = book.claim("C1", book.minutes(1))
    assert retry(book, notice_id)
    again = book.claim("C1", book.minutes(1))

    assert before is None
    assert (again.ids, again.uncertain) == ([notice_id], False)


def test_the_retry_of_an_uncertain_notice_searches_for_it_first(book):
    notice_id = uncertain(book)

    assert retry(book, notice_id)

    assert book.claim("C1", book.minutes(1)).uncertain


def test_a_notice_in_delivery_is_neither_retried_nor_dropped(book):
    notice_id = tell(book)
    claimed = database.work(lambda: notices.claim("C1", now=book.minutes(1)))

    assert not retry(book, notice_id)
    with pytest.raises(NotDroppedError, match="being delivered"):
        drop(book, notice_id)

    assert book.notices()[0].claimed_until == claimed.until


def test_an_uncertain_notice_is_not_dropped(book):
    notice_id = uncertain(book)

    with pytest.raises(NotDroppedError, match="may have been said"):
        drop(book, notice_id)

    assert book.notices()[0].state == "pending"


@pytest.mark.parametrize("action", [retry, drop])
def test_a_notice_that_is_not_in_the_outbox_raises_an_error(book, action):
    tell(book)
    book.sent(book.claim("C1", book.noon))
    sent = book.notices()[0].id

    for notice_id in (sent, 4711):
        with pytest.raises(NoSuchNoticeError, match=f"no notice {notice_id} "):
            action(book, notice_id)


def test_a_dropped_notice_is_in_the_history_of_its_case_and_is_not_sent(book):
    case_id = book.customer().case_id
    notice_id = tell(book, case_id=case_id)

    dropped = drop(book, notice_id)

    (event,) = Event.select().where(Event.kind == "notice dropped")
    assert (dropped.case_id, event.case_id, event.actor, event.detail) == (case_id, case_id, OPERATOR, "private")
    assert book.claim("C1", book.hours(100)) is None


def test_a_dropped_answer_shows_as_taken_back(book):
    book.customer()
    book.say_all()
    drafted = book.stored(book.answer("CASE-0001"))
    (notice,) = book.notices("answer")

    drop(book, notice.id)

    assert database.work(lambda: replies.view(drafted.id)).state is AnswerState.TAKEN_BACK
    assert [row.detail for row in Event.select().where(Event.actor == OPERATOR)] == [""]
    assert book.notices("answer state")[-1].state == "pending", "and is shown where it was written"


def test_a_card_is_not_dropped_before_the_notices_that_wait_under_it(book):
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


def test_fixing_a_cause_makes_due_what_it_failed_in_that_lane(book):
    fixed, other_error, other_lane = failed(book), failed(book, error="a mistake"), failed(book, lane="C2")

    count = database.work(lambda: outbox_admin.retry_lane("C1", errors=["not_in_channel"], now=book.minutes(1)))

    due = {row.notice_id for row in waiting(book, 1) if row.due_at <= book.minutes(1)}
    assert (count, due) == (1, {fixed})
    assert {other_error, other_lane} <= {row.notice_id for row in waiting(book, 1)}


def test_at_start_everything_that_failed_on_slack_is_made_due(book):
    failed(book)
    failed(book, lane="support")
    failed(book, lane="mail")

    count = database.work(lambda: outbox_admin.retry_lane(None, now=book.noon + timedelta(seconds=1)))

    assert count == 2
