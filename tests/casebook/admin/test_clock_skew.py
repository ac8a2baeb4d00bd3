"""A clock that is set back by an hour delays no notice, and sends none twice."""

from datetime import timedelta

import pytest

from casebook import database, notices
from casebook.admin import clock_skew
from casebook.models import Notice
from casebook.outcomes import NoticeKind

BEFORE = 61  # minutes after noon: the time of our clock before it was set back by an hour


def bring_forward(book, now):
    return database.work(lambda: clock_skew.bring_forward(now=now))


def test_a_notice_from_before_the_clock_change_is_due_now(book):
    case_id = book.customer(at=book.minutes(BEFORE)).case_id
    waits = book.claim(now=book.minutes(1))

    moved = bring_forward(book, book.minutes(1))

    claimed = book.claim(now=book.minutes(1))
    assert (waits, moved) == (None, 1)
    assert claimed is not None
    assert (claimed.items[0].case_id, claimed.uncertain) == (case_id, False)


def test_a_failed_notice_from_before_the_clock_change_is_retried_now(book):
    book.customer(at=book.minutes(0))
    claimed = book.claim(now=book.minutes(BEFORE))
    database.work(lambda: notices.mark_failed(claimed, error="x", retry_at=book.minutes(BEFORE + 1)))

    bring_forward(book, book.minutes(1))

    assert book.claim(now=book.minutes(1)) is not None


def test_a_delivery_in_progress_at_the_clock_change_becomes_uncertain(book):
    book.customer(at=book.minutes(0))
    book.claim(now=book.minutes(BEFORE))

    bring_forward(book, book.minutes(1))

    claimed = book.claim(now=book.minutes(1))
    assert claimed is not None
    assert claimed.uncertain


@pytest.mark.parametrize("wait", [timedelta(seconds=60), timedelta(minutes=9)])
def test_a_notice_with_a_regular_delay_keeps_waiting(book, wait):
    book.customer(at=book.minutes(0))
    claimed = book.claim(now=book.minutes(1))
    database.work(lambda: notices.mark_failed(claimed, error="x", retry_at=book.minutes(1) + wait))

    assert bring_forward(book, book.minutes(1)) == 0
    assert book.claim(now=book.minutes(1)) is None


def test_a_delivery_in_progress_is_not_interrupted(book):
    book.customer(at=book.minutes(0))
    book.claim(now=book.minutes(1))

    assert bring_forward(book, book.minutes(1)) == 0


def test_an_answer_keeps_its_time_for_undo_however_long_that_is(book):
    case_id = book.customer(at=book.minutes(0)).case_id
    book.say_all()
    book.answer(case_id, at=book.minutes(70))
    answer = Notice.kind == NoticeKind.ANSWER
    database.work(lambda: Notice.update(due_at=book.hours(21)).where(answer).execute())

    moved = bring_forward(book, book.minutes(70))

    assert moved == 0
    assert Notice.get(answer).due_at == book.hours(21)


def test_a_permanently_failed_email_keeps_its_daily_retry(book):
    database.work(lambda: notices.put(NoticeKind.TELL, lane=notices.MAIL, now=book.noon, payload={"text": "hello"}))
    claimed = book.claim(notices.MAIL, now=book.noon)
    database.work(lambda: notices.mark_failed(claimed, error="x", retry_at=book.hours(28)))

    assert bring_forward(book, book.minutes(1)) == 0
