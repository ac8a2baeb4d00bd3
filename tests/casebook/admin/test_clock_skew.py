"""A clock that is set back by an hour keeps nothing waiting, and makes nothing said twice."""

from datetime import timedelta

import pytest

from casebook import database, notices
from casebook.admin import clock_skew
from casebook.models import Notice
from casebook.outcomes import NoticeKind

BEFORE = 61  # minutes after noon: what our clock showed before it was set back by an hour


def bring_forward(book, now):
    return database.work(lambda: clock_skew.bring_forward(now=now))


def test_what_was_put_before_the_clock_was_set_back_is_said_now(book):
    case_id = book.customer(at=book.minutes(BEFORE)).case_id
    waits = book.claim(now=book.minutes(1))

    moved = bring_forward(book, book.minutes(1))

    claimed = book.claim(now=book.minutes(1))
    assert (waits, moved) == (None, 1)
    assert claimed is not None
    assert (claimed.items[0].case_id, claimed.uncertain) == (case_id, False)


def test_what_was_refused_before_the_clock_was_set_back_is_tried_now(book):
    book.customer(at=book.minutes(0))
    claimed = book.claim(now=book.minutes(BEFORE))
    database.work(lambda: notices.mark_failed(claimed, error="x", retry_at=book.minutes(BEFORE + 1)))

    bring_forward(book, book.minutes(1))

    assert book.claim(now=book.minutes(1)) is not None


def test_what_was_in_hand_when_the_clock_was_set_back_is_looked_for_before_it_is_said(book):
    book.customer(at=book.minutes(0))
    book.claim(now=book.minutes(BEFORE))

    bring_forward(book, book.minutes(1))

    claimed = book.claim(now=book.minutes(1))
    assert claimed is not None
    assert claimed.uncertain


@pytest.mark.parametrize("wait", [timedelta(seconds=60), timedelta(minutes=9)])
def test_what_waits_no_longer_than_usual_goes_on_waiting(book, wait):
    book.customer(at=book.minutes(0))
    claimed = book.claim(now=book.minutes(1))
    database.work(lambda: notices.mark_failed(claimed, error="x", retry_at=book.minutes(1) + wait))

    assert bring_forward(book, book.minutes(1)) == 0
    assert book.claim(now=book.minutes(1)) is None


def test_what_is_in_hand_stays_there(book):
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


def test_a_mail_that_is_refused_for_good_waits_its_day(book):
    database.work(lambda: notices.put(NoticeKind.TELL, lane=notices.MAIL, now=book.noon, payload={"text": "hello"}))
    claimed = book.claim(notices.MAIL, now=book.noon)
    database.work(lambda: notices.mark_failed(claimed, error="x", retry_at=book.hours(28)))

    assert bring_forward(book, book.minutes(1)) == 0
