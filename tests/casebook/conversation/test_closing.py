"""Closing and reopening: by closing words or by command, once, and never with a second open case."""

import json

import pytest

from casebook import notices
from casebook.errors import CaseClosedError, CaseOpenError, OtherCaseOpenError
from casebook.incoming import Standing
from casebook.outcomes import CaseChange
from casebook.rules import Limits
from fixtures.cast import ANNA, DORA, EMIL, HUGO, SECOND, SHARED

PHRASE = "I'm closing this case."


# By words


@pytest.mark.parametrize("text", [PHRASE, "Done! I\u2019m closing this case", "*I'M CLOSING\nTHIS CASE.*"])
def test_an_admins_words_close_the_case(book, text):
    first = book.customer()

    answer = book.admin(text, under=first, at=book.minutes(5))

    case = book.case(first.case_id)
    assert answer.closed
    assert (case.status, case.closed_at, case.closed_by) == ("closed", book.minutes(5), ANNA.user_id)
    assert (case.waiting_since, case.message_count) == (None, 2)


def test_an_admins_words_close_by_mail_too(book):
    first = book.mail()

    answer = book.mail(PHRASE, "ben@casebook.example.org", standing=Standing.ADMIN, under=first)

    assert answer.closed
    assert book.case(first.case_id).closed_by == "ben@casebook.example.org"


def test_the_words_close_in_a_note_as_well(book):
    first = book.customer()
    book.say_all()

    noted = book.note(PHRASE, thread=book.card_of(first.case_id))

    case = book.case(first.case_id)
    assert noted.closed
    assert (case.status, case.message_count, case.answered_at) == ("closed", 1, None)


def test_quoted_closing_words_have_no_effect(book):
    first = book.customer()
    body = f"No, I did not write\n> {PHRASE}"

    answer = book.admin(body, under=first, new_text="No, I did not write")

    assert not answer.closed
    assert book.case(first.case_id).status == "open"


@pytest.mark.parametrize("standing", [Standing.CUSTOMER, Standing.REMARK, Standing.AUTOMATIC, Standing.CLAIM])
def test_closing_words_of_anybody_else_have_no_effect(book, standing):
    first = book.customer()

    said = book.customer(PHRASE, HUGO.user_id, standing=standing, under=first)

    assert said.case_id == first.case_id
    assert not said.closed
    assert book.case(first.case_id).status == "open"


def test_of_two_open_cases_in_one_channel_only_the_one_in_the_thread_is_closed(book):
    dora = book.customer(sender=DORA.user_id)
    emil = book.customer(sender=EMIL.user_id)

    book.admin(PHRASE, under=emil)

    assert [book.case(one.case_id).status for one in (dora, emil)] == ["open", "closed"]


# By command


def test_a_command_closes_the_case(book):
    first = book.customer()

    change = book.close(first.case_id, reason="solved")

    assert change == CaseChange(case_id="CASE-0001", at=book.hours(1), by=ANNA.user_id, customer=DORA.user_id)
    assert book.case(first.case_id).status == "closed"
    assert book.history(first.case_id) == ["opened", "closed"]


def test_a_closed_case_cannot_be_closed_again(book):
    first = book.customer()
    book.close(first.case_id)
    before = book.snapshot()

    with pytest.raises(CaseClosedError, match="CASE-0001 is closed already"):
        book.close(first.case_id, book.hours(9))

    assert book.snapshot() == before


def test_of_two_closings_at_the_same_moment_one_is_refused(book):
    first = book.customer()

    def close():
        try:
            return book.close(first.case_id)
        except CaseClosedError:
            return None

    closed = book.at_once(*[close] * 4)

    assert sum(change is not None for change in closed) == 1
    assert len(book.notices("closed")) == 1


def test_closing_and_a_message_at_the_same_moment_leave_no_message_unseen(book):
    first = book.customer()
    more = [book.message(f"more {number}") for number in range(5)]

    book.at_once(lambda: book.close(first.case_id), *[lambda m=m: book.receive(m, now=book.hours(1)) for m in more])

    counts = {case["case_id"]: case["message_count"] for case in book.snapshot()["Case"]}
    late = [row for row in book.snapshot()["Message"] if row["case"] == "CASE-0002"]
    assert sum(counts.values()) == 6
    assert book.case(first.case_id).status == "closed"
    assert counts.get("CASE-0002", 0) == len(late)


# Notifications


def test_a_closing_is_logged_in_the_log_channel_with_its_details(book):
    first = book.customer()

    book.close(first.case_id, reason="solved")

    (notice,) = book.notices("closed")
    assert (notice.lane, notice.case_id) == (notices.LOG, first.case_id)
    assert json.loads(notice.payload) == {
        "case": "CASE-0001",
        "at": "2026-03-02T13:00:00+00:00",
        "by": ANNA.user_id,
        "reason": "solved",
    }


def test_the_card_shows_the_closing(book):
    first = book.customer()
    book.say_all()

    book.close(first.case_id)

    assert [notice.state for notice in book.notices("card", first.case_id)] == ["sent", "pending"]


def test_the_customer_is_told_only_where_the_operator_wants_it(book):
    silent = book.customer()
    book.close(silent.case_id)
    untold = book.notices("tell")
    book.limits = Limits(tell_customer=True)
    told = book.customer("again")

    book.close(told.case_id, book.hours(2))

    assert untold == []
    (notice,) = book.notices("tell")
    assert notice.lane == SHARED.channel_id
    assert "CASE-0002 is closed" in json.loads(notice.payload)["text"]


def test_the_customer_is_told_in_the_thread_in_which_they_wrote_last(book):
    book.limits = Limits(tell_customer=True)
    first = book.customer()
    last = book.customer("more", place=SECOND.channel_id)
    book.admin("a moment", under=first)

    book.close(first.case_id)

    (notice,) = book.notices("tell")
    assert (notice.lane, json.loads(notice.payload)["thread"]) == (SECOND.channel_id, book.stored(last).thread)


# The episode


def test_closing_ends_the_episode(book):
    first = book.customer("urgent")

    book.close(first.case_id)

    (episode,) = book.episodes(first.case_id)
    assert not book.case(first.case_id).escalated
    assert (episode.ended_at, episode.ended_by, episode.ended_how) == (book.hours(1), ANNA.user_id, "closed it")


def test_words_that_answer_and_close_end_the_episode_once(book):
    first = book.customer("urgent")

    book.admin(PHRASE, under=first)

    (episode,) = book.episodes(first.case_id)
    assert episode.ended_how == "answered"
    assert book.history(first.case_id).count("episode ended") == 1


def test_a_closed_case_is_never_silent(book):
    first = book.customer()
    book.close(first.case_id)

    assert book.check_silence(book.hours(1000)) == ()


# Reopening


def test_a_closed_case_can_be_reopened(book):
    first = book.customer()
    book.close(first.case_id)

    change = book.reopen(first.case_id)

    case = book.case(first.case_id)
    assert change == CaseChange(case_id="CASE-0001", at=book.hours(2), by=ANNA.user_id, customer=DORA.user_id)
    assert (case.status, case.closed_at, case.closed_by) == ("open", None, None)
    assert book.history(first.case_id) == ["opened", "closed", "reopened"]
    assert [notice.lane for notice in book.notices("reopened")] == [notices.LOG]
    assert book.customer("more").case_id == first.case_id


def test_an_open_case_cannot_be_reopened(book):
    first = book.customer()

    with pytest.raises(CaseOpenError, match="CASE-0001 is open already"):
        book.reopen(first.case_id)


def test_reopening_is_refused_while_the_customer_has_another_open_case(book):
    first = book.customer()
    book.close(first.case_id, book.minutes(2))
    second = book.customer("something else")
    before = book.snapshot()

    with pytest.raises(OtherCaseOpenError, match="its customer has CASE-0002 open"):
        book.reopen(first.case_id)

    assert book.snapshot() == before
    book.close(second.case_id)
    assert book.reopen(first.case_id).case_id == first.case_id


def test_reopening_and_a_new_case_at_the_same_moment_leave_one_open(book):
    first = book.customer()
    book.close(first.case_id, book.minutes(2))
    again = book.message("something else")

    def reopen():
        try:
            return book.reopen(first.case_id)
        except OtherCaseOpenError:
            return None

    book.at_once(reopen, lambda: book.receive(again, now=book.hours(2)))

    assert [case["status"] for case in book.snapshot()["Case"]].count("open") == 1
    assert len(book.snapshot()["Message"]) == 2


def test_silence_counts_from_the_reopening(book):
    first = book.customer(at=book.noon)
    book.close(first.case_id, book.hours(1))
    book.reopen(first.case_id, book.hours(10))

    due = [book.check_silence(book.hours(58)), book.check_silence(book.hours(58.001))]

    assert due == [(), (first.case_id,)]


def test_a_customer_who_was_never_answered_waits_again_after_the_reopening(book):
    book.limits = Limits(quiet=False)
    first = book.customer(at=book.noon)
    book.close(first.case_id, book.hours(1))
    book.reopen(first.case_id, book.hours(2))

    due = book.check_silence(book.hours(51))

    assert book.case(first.case_id).waiting_since == book.noon
    assert due == (first.case_id,)
    assert book.reasons(first.case_id) == [("silence", "waiting for our answer for 49 h")]


def test_a_customer_who_was_answered_does_not_wait_after_the_reopening(book):
    first = book.customer()
    book.admin(PHRASE, under=first)

    book.reopen(first.case_id)

    assert book.case(first.case_id).waiting_since is None


def test_follow_ups_from_before_the_reopening_do_not_count(book):
    first = book.customer()
    for _ in range(2):
        book.customer("more")
    book.close(first.case_id, book.minutes(10))
    book.reopen(first.case_id, book.minutes(11))

    escalated = [book.customer("more", at=book.minutes(12 + number)).escalated for number in range(4)]

    assert escalated == [False, False, False, True]
