"""Why a case is escalated, or is not yet."""

import pytest

from casebook import database
from casebook.reports.explain import why
from casebook.rules import Limits, ReasonKind


def ask(book, case_id, now):
    return database.work(lambda: why(case_id, now=now, limits=book.limits))


def test_a_calm_case_says_when_it_will_fall_due(book):
    first = book.customer(at=book.noon)

    told = ask(book, first.case_id, book.hours(1))

    assert (told.silent_since, told.due_at, told.is_our_turn) == (book.noon, book.hours(48), True)
    assert (told.unanswered, told.unanswered_since) == (1, book.noon)
    assert (told.episodes, told.holds_now) == ((), ())


def test_an_escalated_case_tells_of_its_episodes_and_falls_due_no_more(book):
    first = book.customer("urgent")

    told = ask(book, first.case_id, book.hours(1))

    assert told.due_at is None
    assert [reason.kind for episode in told.episodes for reason in episode.reasons] == [ReasonKind.KEYWORDS]


def test_what_holds_now_is_said(book):
    first = book.customer(at=book.noon)

    told = ask(book, first.case_id, book.hours(49))

    assert [reason.evidence for reason in told.holds_now] == ["waiting for our answer for 49 h"]


@pytest.mark.parametrize(("quiet", "due"), [(True, 49), (False, None)])
def test_an_answered_case_falls_due_only_where_quiet_counts(book, quiet, due):
    book.limits = Limits(quiet=quiet)
    first = book.customer(at=book.noon)
    book.admin(under=first, at=book.hours(1))

    told = ask(book, first.case_id, book.hours(2))

    assert (told.is_our_turn, told.unanswered) == (False, 0)
    assert told.due_at == (None if due is None else book.hours(due))


def test_a_closed_case_falls_due_no_more(book):
    first = book.customer(at=book.noon)
    book.close(first.case_id)

    told = ask(book, first.case_id, book.hours(100))

    assert (told.due_at, told.holds_now) == (None, ())


def test_a_case_that_is_not_there_is_none(book):
    assert ask(book, "CASE-0404", book.noon) is None
