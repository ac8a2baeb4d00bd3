"""Answers: a note until they are sent, taken back in time, and counted once when they are sent."""

from datetime import timedelta

import pytest

from casebook import database, notices
from casebook.errors import (
    CaseClosedError,
    NoSuchCaseError,
    NothingToSayError,
    NoWayToAnswerError,
    TooLateError,
    TooLongError,
)
from casebook.incoming import Standing
from casebook.outbound import replies
from casebook.outbound.replies import AnswerState
from fixtures.cast import ANNA, DORA, SECOND, SHARED

PHRASE = "I'm closing this case."


@pytest.fixture
def asked(book):
    """The case of a waiting customer, with its card."""
    case_id = book.customer("It is urgent", sender_name="Dora Demo").case_id
    book.say_all(book.minutes(1.5))
    return case_id


def claim(book, now=None):
    return book.claim(SHARED.channel_id, now or book.minutes(30))


def take_back(book, drafted, now=None):
    message_id = book.stored(drafted).id
    return database.work(lambda: replies.take_back(message_id, by=ANNA.user_id, now=now or book.minutes(3)))


def view(book, drafted):
    return database.work(lambda: replies.view(book.stored(drafted).id))


def test_an_answer_waits_until_it_can_no_longer_be_taken_back(book, asked):
    book.answer(asked, at=book.minutes(2))

    early = claim(book, book.minutes(2) + timedelta(seconds=9.9))
    due = claim(book, book.minutes(2) + timedelta(seconds=10))

    assert early is None
    assert due.items[0].payload == {"thread": book.snapshot()["Message"][0]["thread"]}


def test_a_draft_is_a_note_and_changes_nothing_in_its_case(book, asked):
    before = book.case(asked)

    drafted = book.answer(asked, PHRASE)

    message = book.stored(drafted)
    assert (drafted.case_id, message.kind, message.is_admin) == (asked, "note", True)
    assert book.case(asked).__data__ == before.__data__
    assert view(book, drafted).state is AnswerState.WAITING


def test_a_draft_that_is_delivered_twice_is_sent_once(book, asked):
    given = {"standing": Standing.NOTE, "place": "C0SUPPORT", "thread": book.card_of(asked)}
    incoming = book.message("Try again", ANNA.user_id, **given)

    first, again = (
        database.work(
            lambda: replies.draft(incoming, now=incoming.timestamp, undo=timedelta(seconds=10), limits=book.limits)
        )
        for _ in range(2)
    )

    assert (first.known, again.known) == (False, True)
    assert len(book.notices("answer")) == 1


def test_an_answer_counts_from_the_moment_at_which_it_is_sent(book, asked):
    drafted = book.answer(asked)

    book.answer_sent(claim(book), book.minutes(30))

    case, (episode,) = book.case(asked), book.episodes(asked)
    message = book.stored(drafted)
    assert (message.kind, message.standing, message.timestamp) == ("message", "admin", book.minutes(30))
    assert (case.answered_at, case.waiting_since, case.message_count) == (book.minutes(30), None, 2)
    assert (case.escalated, episode.ended_how) == (False, "answered")
    assert view(book, drafted).state is AnswerState.SENT


def test_an_answer_on_slack_counts_by_slacks_clock_since_ours_may_be_an_hour_ahead(book, asked):
    book.answer(asked)
    ahead, claimed = book.minutes(90), claim(book)
    ts = f"{book.minutes(30).timestamp():.6f}"
    database.work(lambda: replies.sent(claimed, channel=claimed.lane, ts=ts, now=ahead, limits=book.limits))

    book.receive(book.message("it is back, urgent", at=book.minutes(31)), now=ahead)

    case = book.case(asked)
    assert (case.answered_at, case.waiting_since, case.escalated) == (book.minutes(30), book.minutes(31), True)


def test_an_answer_that_is_marked_sent_twice_counts_once(book, asked):
    book.answer(asked)
    claimed = claim(book)
    book.answer_sent(claimed, book.minutes(30))
    before = book.case(asked)

    book.answer_sent(claimed, book.minutes(31))

    # Two couriers: one was slower than its lease, and the other found the post in the channel.
    assert book.case(asked).__data__ == before.__data__
    assert book.history(asked).count("answered") == 1


def test_the_words_in_an_answer_close_when_it_is_sent(book, asked):
    book.answer(asked, f"Solved. {PHRASE}")
    before = book.case(asked).status

    book.answer_sent(claim(book), book.minutes(30))

    case = book.case(asked)
    assert before == "open"
    assert (case.status, case.closed_by, case.closed_at) == ("closed", ANNA.user_id, book.minutes(30))


def test_undo_takes_back_the_answer_and_the_closing(book, asked):
    drafted = book.answer(asked, PHRASE)

    change = take_back(book, drafted)

    assert (change.case_id, change.by) == (asked, ANNA.user_id)
    assert claim(book, book.hours(5)) is None
    assert view(book, drafted).state is AnswerState.TAKEN_BACK
    case = book.case(asked)
    assert (case.status, case.escalated, case.message_count) == ("open", True, 1)


@pytest.mark.parametrize("progress", ["claimed", "sent", "taken back"])
def test_an_answer_that_is_being_sent_or_was_sent_cannot_be_taken_back(book, asked, progress):
    drafted = book.answer(asked)
    if progress == "taken back":
        take_back(book, drafted)
    else:
        claimed = claim(book)
        if progress == "sent":
            book.answer_sent(claimed, book.minutes(30))

    with pytest.raises(TooLateError):
        take_back(book, drafted)


def test_a_refused_answer_is_shown_where_it_was_written_and_can_be_taken_back(book, asked):
    drafted = book.answer(asked)
    claimed = claim(book)

    database.work(lambda: replies.failed(claimed, error="is_archived", retry_at=book.minutes(31), now=book.minutes(30)))
    seen = view(book, drafted)
    take_back(book, drafted)

    assert (seen.state, seen.error) == (AnswerState.REFUSED, "is_archived")
    assert len(book.notices("answer state")) == 1
    assert claim(book, book.hours(5)) is None


def test_the_state_of_an_answer_is_shown_under_the_card(book, asked):
    drafted = book.answer(asked)
    (shown,) = book.say_all(book.minutes(2))

    take_back(book, drafted)
    update = book.claim(notices.SUPPORT)

    assert shown.items[0].target == f"state:{book.stored(drafted).id}"
    assert update.items[0].post is not None


def test_an_answer_goes_to_where_the_customer_wrote_last(book, asked):
    last = book.customer("here now", place=SECOND.channel_id)

    book.answer(asked)

    (notice,) = book.notices("answer")
    assert notice.lane == SECOND.channel_id
    assert book.stored(last).thread in notice.payload


def test_an_answer_goes_out_though_the_case_was_closed_meanwhile_and_leaves_it_closed(book, asked):
    book.answer(asked)
    book.close(asked, book.minutes(5))

    book.answer_sent(claim(book), book.minutes(30))

    case = book.case(asked)
    assert (case.status, case.closed_at, case.message_count) == ("closed", book.minutes(5), 2)


def test_a_draft_that_its_author_deletes_is_not_sent(book, asked):
    drafted = book.answer(asked)
    message = book.stored(drafted)
    incoming = book.message(external_id=message.external_id)

    book.delete(incoming, book.minutes(3))

    assert claim(book, book.hours(5)) is None


def test_a_closed_case_cannot_be_answered(book, asked):
    book.close(asked)

    with pytest.raises(CaseClosedError, match="reopen it to answer"):
        book.answer(asked)
    with pytest.raises(CaseClosedError):
        database.work(lambda: replies.check_answerable(asked, book.limits))

    assert book.notices("answer") == []


def test_a_customer_by_mail_is_not_answered_yet_and_the_sentence_says_what_to_do(book):
    case_id = book.mail().case_id
    book.say_all()

    with pytest.raises(NoWayToAnswerError, match="answer from your mail program"):
        book.answer(case_id)
    with pytest.raises(NoWayToAnswerError):
        database.work(lambda: replies.check_answerable(case_id, book.limits))

    assert book.notices("answer") == []


def test_the_recipient_is_shown_before_anything_is_typed(book, asked):
    assert database.work(lambda: replies.check_answerable(asked, book.limits)).named == "Dora Demo"
    with pytest.raises(NoSuchCaseError, match="CASE-0404"):
        database.work(lambda: replies.check_answerable("CASE-0404", book.limits))


def test_an_answer_that_belongs_to_no_case_is_refused(book, asked):
    with pytest.raises(NoSuchCaseError):
        book.answer(asked, thread="1.1")


def test_a_missing_answer_cannot_be_viewed_or_taken_back(book):
    assert database.work(lambda: replies.view(404)) is None
    with pytest.raises(NoSuchCaseError):
        database.work(lambda: replies.take_back(404, by=ANNA.user_id, now=book.noon))


def test_the_customer_wrote_while_the_answer_waited_and_still_waits(book, asked):
    book.answer(asked, at=book.minutes(2))
    book.answer_sent(claim(book, book.minutes(3)), book.minutes(3))

    book.customer("And now?", DORA.user_id, at=book.minutes(4))

    assert book.case(asked).waiting_since == book.minutes(4)


@pytest.mark.parametrize(("text", "error"), [(" \n", NothingToSayError), ("x" * 12_001, TooLongError)])
def test_an_answer_without_words_or_with_too_many_is_refused_and_nothing_is_kept(book, asked, text, error):
    with pytest.raises(error):
        book.answer(asked, text, at=book.minutes(2))

    assert book.case(asked).message_count == 1
    assert claim(book) is None
