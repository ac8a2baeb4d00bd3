"""Closing words, and customer messages written before or after them, that arrive in the wrong order."""

from datetime import timedelta

import pytest

from casebook.incoming import Standing
from casebook.models import Case
from fixtures.cast import ANNA, DORA

CLOSE = "Done. I'm closing this case."


def closing(book, first, minute):
    return book.message(CLOSE, ANNA.user_id, standing=Standing.ADMIN, under=first, at=book.minutes(minute))


def test_a_case_is_closed_when_the_words_were_written(book):
    first = book.customer(at=book.minutes(1))

    book.receive(closing(book, first, 5), now=book.minutes(30))

    assert book.case(first.case_id).closed_at == book.minutes(5)
    assert book.minutes(5).isoformat() in book.notices("closed")[0].payload


@pytest.mark.parametrize("in_thread", [True, False])
def test_a_message_from_before_the_closing_that_arrives_after_it_belongs_to_the_closed_case(book, in_thread):
    first = book.customer(at=book.minutes(1))
    late = book.message("and another thing", at=book.minutes(4), under=first if in_thread else None)
    book.receive(closing(book, first, 5), now=book.minutes(6))

    received = book.receive(late, now=book.minutes(7))

    case = book.case(first.case_id)
    assert (received.case_id, case.status, case.message_count) == (first.case_id, "closed", 3)
    assert Case.select().count() == 1
    assert "written before its closing" in book.notices("log")[0].payload


def test_it_belongs_there_even_when_the_customer_has_a_new_case_already(book):
    first = book.customer(at=book.minutes(1))
    book.receive(closing(book, first, 5), now=book.minutes(6))
    second = book.customer(at=book.minutes(7))

    received = book.receive(book.message("and another thing", at=book.minutes(4)), now=book.minutes(8))

    assert received.case_id == first.case_id
    assert book.case(second.case_id).message_count == 1


def test_a_message_written_after_the_closing_opens_a_case(book):
    first = book.customer(at=book.minutes(1))
    book.receive(closing(book, first, 5), now=book.minutes(6))

    received = book.receive(book.message("again", at=book.minutes(6), under=first), now=book.minutes(7))

    assert received.opened
    assert book.case(received.case_id).follows == first.case_id


def test_a_message_that_arrives_long_after_the_closing_is_not_hidden_in_the_closed_case(book):
    first = book.customer(at=book.minutes(1))
    book.receive(closing(book, first, 5), now=book.minutes(6))

    received = book.receive(book.message("lost on the way", at=book.minutes(4)), now=book.minutes(30))

    assert received.opened


def test_a_closing_by_command_takes_no_late_messages_since_its_time_is_from_another_clock(book):
    first = book.customer(at=book.minutes(1))
    book.close(first.case_id, book.minutes(5))

    received = book.receive(book.message("and another thing", at=book.minutes(4)), now=book.minutes(6))

    assert received.opened


def test_closing_words_that_arrive_after_a_later_customer_message_do_not_close(book):
    first = book.customer(at=book.minutes(1))
    late = closing(book, first, 5)
    book.customer("it is back", at=book.minutes(6))

    received = book.receive(late, now=book.minutes(7))

    case = book.case(first.case_id)
    assert not received.closed
    assert (case.status, case.answered_at, case.waiting_since) == ("open", book.minutes(5), book.minutes(6))
    assert "was not closed" in book.notices("log")[0].payload
    assert book.history(first.case_id)[-1] == "not closed"


def test_a_reopened_case_counts_messages_that_came_after_its_closing(book):
    first = book.customer(at=book.minutes(1))
    note = book.message(CLOSE, ANNA.user_id, standing=Standing.NOTE, under=first, at=book.minutes(5))
    book.receive(note, now=book.minutes(6))
    answer = book.message("Try now", ANNA.user_id, standing=Standing.ADMIN, under=first, at=book.minutes(4))
    book.receive(answer, now=book.minutes(7))

    book.reopen(first.case_id, book.minutes(8))

    assert book.case(first.case_id).waiting_since is None


def test_the_subject_of_a_case_is_that_of_its_first_mail_even_when_it_arrives_second(book):
    second = book.mail(subject="Re: Broken", at=book.minutes(2))

    book.receive(book.mail_message(subject="Broken", at=book.minutes(1)), now=book.minutes(3))

    assert book.case(second.case_id).subject == "Broken"


def test_the_case_for_a_late_message_is_found_by_an_index(plans, sqlite_book):
    asked = plans(lambda: sqlite_book.customer(sender=DORA.user_id, at=sqlite_book.noon + timedelta(minutes=1)))

    (plan,) = [plan for sql, plan in asked.items() if '"closed_at" >' in sql]
    assert "cases_closed" in plan


def test_a_mail_of_the_same_second_as_the_closing_mail_comes_after_it(book):
    at, text = book.minutes(5), "I'm closing this case."
    first = book.receive(book.mail_message(at=book.minutes(1)))
    book.receive(book.mail_message(text, "ben@casebook.example.org", standing=Standing.ADMIN, under=first, at=at))

    again = book.receive(book.mail_message("It is wrong again", under=first, at=at))

    assert book.case(first.case_id).status == "closed"
    assert again.opened


def test_a_mail_closes_over_what_was_written_on_slack_within_its_second(book):
    first = book.customer(at=book.minutes(1))
    book.customer("it is back", at=book.minutes(5) + timedelta(milliseconds=300))
    mail = book.mail_message(
        "I'm closing this case.", "ben@casebook.example.org", standing=Standing.ADMIN, at=book.minutes(5),
        cases_named=(book.case(first.case_id).number,),
    )  # fmt: skip

    received = book.receive(mail, now=book.minutes(6))

    assert received.closed
