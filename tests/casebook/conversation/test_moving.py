"""Moving the messages of one case to another, when an admin decides so."""

from dataclasses import replace

import pytest

from casebook import database
from casebook.conversation import moving
from casebook.errors import CaseClosedError, MovedError, SettledAlreadyError, TooLateError
from casebook.models import Case, Participant
from fixtures.cast import ANNA, MAIL_CUSTOMERS

MIA, NOOR, OTTO = MAIL_CUSTOMERS


@pytest.fixture
def two(book):
    """Mia's case, and the case of Otto, who refers to one of her emails."""
    mia = book.mail("It is broken", MIA)
    otto = book.mail("It is broken here as well", OTTO, under=mia)
    return str(mia.case_id), str(otto.case_id)


def move(book, case_id, into, now=None):
    when = now or book.hours(1)
    return database.work(lambda: moving.move(case_id, into, by=ANNA.user_id, now=when, limits=book.limits))


def test_the_messages_count_in_the_other_case_and_their_writer_takes_part_there(book, two):
    mias, ottos = two
    book.mail("Still", OTTO, at=book.minutes(5))

    change = move(book, ottos, mias)

    moved, left = book.case(mias), book.case(ottos)
    assert change.case_id == mias
    assert (moved.message_count, moved.last_message_at) == (3, book.minutes(5))
    assert (left.status, left.message_count, left.moved_to, left.closed_by) == ("closed", 0, mias, ANNA.user_id)
    assert [(row.case_id, row.person, row.stranger) for row in Participant.select()] == [(mias, OTTO, False)]


def test_the_rules_count_in_the_other_case_what_was_moved(book, two):
    mias, ottos = two
    for minute in (4, 5):
        book.mail("Hello?", OTTO, at=book.minutes(minute))

    move(book, ottos, mias)

    assert book.reasons(mias) == [("follow-ups", "fourth message since 2026-03-02 12:01 UTC without an answer")]


def test_urgent_messages_escalate_the_other_case_and_end_the_first_ones_episode(book):
    mia = book.mail("It is broken", MIA)
    otto = book.mail("It is urgent", OTTO, under=mia)

    move(book, otto.case_id, mia.case_id)

    assert (book.case(mia.case_id).escalated, book.case(otto.case_id).escalated) == (True, False)


def test_every_message_is_posted_under_the_other_card(book, two):
    mias, ottos = two
    book.say_all()

    move(book, ottos, mias)
    said = [item for claimed in book.say_all(book.hours(2)) for item in claimed.items]

    assert [item.case_id for item in said if item.kind == "thread"] == [mias]
    assert {item.case_id for item in said if item.kind == "card"} == {mias, ottos}


def test_later_messages_of_its_customers_go_to_the_other_case(book, two):
    mias, ottos = two
    move(book, ottos, mias)

    in_its_conversation = book.mail("And now?", OTTO, conversation=("2.mail@customer.example.com",), at=book.hours(2))
    elsewhere = book.mail("Something else", OTTO, at=book.hours(3))

    assert in_its_conversation.case_id == mias
    assert elsewhere.case_id not in (mias, ottos)


def test_the_customer_is_not_told_of_the_move(book, two):
    book.limits = replace(book.limits, tell_customer=True, can_mail=True)
    mias, ottos = two

    move(book, ottos, mias)

    assert book.notices("tell") == []


def test_a_case_is_moved_only_once(book, two):
    mias, ottos = two
    move(book, ottos, mias)

    with pytest.raises(SettledAlreadyError):
        move(book, ottos, mias)

    assert book.case(mias).message_count == 2


def test_a_case_is_not_moved_into_itself(book, two):
    with pytest.raises(SettledAlreadyError):
        move(book, two[0], two[0])


def test_nothing_is_moved_into_a_closed_case(book, two):
    mias, ottos = two
    book.close(mias)

    with pytest.raises(CaseClosedError, match=mias):
        move(book, ottos, mias)

    assert book.case(ottos).status == "open"


def test_nothing_is_moved_while_an_answer_waits_to_be_sent(book, two):
    book.limits = replace(book.limits, can_mail=True)
    mias, ottos = two
    book.say_all()
    book.answer(ottos)

    with pytest.raises(TooLateError, match="waits to be sent"):
        move(book, ottos, mias)


def test_a_case_whose_messages_are_elsewhere_is_not_reopened(book, two):
    mias, ottos = two
    move(book, ottos, mias)

    with pytest.raises(MovedError, match=mias):
        book.reopen(ottos)


def test_two_button_presses_at_the_same_moment_move_it_once(book, two):
    mias, ottos = two

    def press():
        try:
            return moving.move(ottos, mias, by=ANNA.user_id, now=book.hours(1), limits=book.limits)
        except SettledAlreadyError:
            return None

    outcomes = book.at_once(press, press)

    assert sum(outcome is not None for outcome in outcomes) == 1
    assert Case.get(Case.case_id == mias).message_count == 2
