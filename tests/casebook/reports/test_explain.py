"""Why a case is escalated or not."""

import pytest

from casebook import database
from casebook.reports.explain import why
from casebook.rules import Limits, ReasonKind


def ask(book, case_id, now):
    return database.work(lambda: why(case_id, now=now, limits=book.limits))


def test_a_calm_case_has_the_time_when_it_falls_due(book):
    first = book.customer(at=book.noon)

    shown = ask(book, first.case_id, book.hours(1))

    assert (shown.silent_since, shown.due_at, shown.is_our_turn) == (book.noon, book.hours(48), True)
    assert (shown.unanswered, shown.unanswered_since) == (1, book.noon)
    assert (shown.episodes, shown.holds_now) == ((), ())


def test_an_escalated_case_has_its_episodes_and_no_due_time(book):
    first = book.customer("urgent")

    shown = ask(book, first.case_id, book.hours(1))

    assert shown.due_at is None
    assert [reason.kind for episode in shown.episodes for reason in episode.reasons] == [ReasonKind.KEYWORDS]


def test_the_reasons_that_hold_now_are_returned(book):
    first = book.customer(at=book.noon)

    shown = ask(book, first.case_id, book.hours(49))

    assert [reason.evidence for reason in shown.holds_now] == ["waiting for our answer for 49 h"]


@pytest.mark.parametrize(("quiet", "due"), [(True, 49), (False, None)])
def test_an_answered_case_falls_due_only_with_the_quiet_rule(book, quiet, due):
    book.limits = Limits(quiet=quiet)
    first = book.customer(at=book.noon)
    book.admin(under=first, at=book.hours(1))

    shown = ask(book, first.case_id, book.hours(2))

    assert (shown.is_our_turn, shown.unanswered) == (False, 0)
    assert shown.due_at == (None if due is None else book.hours(due))


def test_a_closed_case_has_no_due_time(book):
    first = book.customer(at=book.noon)
    book.close(first.case_id)

    shown = ask(book, first.case_id, book.hours(100))

    assert (shown.due_at, shown.holds_now) == (None, ())


def test_a_missing_case_is_none(book):
    assert ask(book, "CASE-0404", book.noon) is None
