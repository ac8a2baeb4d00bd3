"""Receiving: the effects of one message, of a repeated one, and of a waiting one once it is placed."""

import pytest

from casebook import cases, database, ledger
from casebook.errors import AlreadyEscalatedError, CaseClosedError, NoSuchCaseError, NotEscalatedError
from casebook.incoming import Standing
from casebook.models import Case, Counter, Message
from casebook.outcomes import CaseChange, Outcome
from fixtures.cast import ANNA, BEN, DORA, EMIL, SHARED

PHRASE = "I'm closing this case."


def two_cases_and_a_question(book, text=PHRASE, **changes):
    """Two customers wait in one channel, and an admin writes something that may belong to either case."""
    book.customer("one", DORA.user_id)
    book.customer("two", EMIL.user_id)
    return book.admin(text, **changes)


# One message


def test_a_message_is_stored_in_full_with_its_case_and_its_ledger_row(book):
    incoming = book.mail_message(
        "It hums.\n> Does it hum?", new_text="It hums.", sender_name="Mia", subject="The printer", cut=True
    )

    received = book.receive(incoming)

    message, row, case = book.stored(received), book.ledger_row(received), book.case(received.case_id)
    assert (message.body, message.new_text, message.subject) == ("It hums.\n> Does it hum?", "It hums.", "The printer")
    assert (message.sender, message.sender_name, message.source) == (incoming.sender, "Mia", "email")
    assert (message.kind, message.is_admin, message.cut) == ("message", False, True)
    assert (message.external_id, message.place, message.timestamp) == (
        incoming.external_id,
        "INBOX",
        incoming.timestamp,
    )
    assert (row.outcome, row.case_id, row.received_at) == ("message", case.case_id, incoming.timestamp)
    assert (case.subject, case.customer_name, case.message_count) == ("The printer", "Mia", 1)


def test_the_times_of_a_case_are_those_of_its_messages(book):
    first = book.customer(at=book.minutes(1))
    book.customer(at=book.minutes(2))
    book.admin(under=first, at=book.minutes(3))
    book.customer(at=book.minutes(4))

    case = book.case(first.case_id)
    assert (case.created_at, case.last_message_at) == (book.minutes(1), book.minutes(4))
    assert (case.answered_at, case.waiting_since) == (book.minutes(3), book.minutes(4))
    assert case.message_count == 4


def test_after_an_answer_the_case_no_longer_waits(book):
    first = book.customer()

    book.admin(under=first)

    assert book.case(first.case_id).waiting_since is None


def test_a_note_does_not_count_as_an_answer(book):
    first = book.customer()
    before = book.case(first.case_id)

    book.note(cases_named=(1,), at=book.hours(1))

    assert book.case(first.case_id).__data__ == before.__data__
    assert Message.select().where(Message.kind == "note").count() == 1


def test_an_empty_message_is_a_message(book):
    received = book.customer("")

    assert (received.outcome, received.opened) == (Outcome.MESSAGE, True)
    assert book.stored(received).body == ""


def test_a_message_of_five_million_characters_is_stored_in_full(book):
    text = "long " * 1_000_000

    assert book.stored(book.mail(text)).body == text


def test_a_message_never_has_a_time_in_the_future(book):
    incoming = book.message(at=book.hours(5))

    received = book.receive(incoming, now=book.hours(1))

    case = book.case(received.case_id)
    assert book.stored(received).timestamp == book.hours(1)
    assert (case.created_at, case.last_message_at, case.silent_since) == (book.hours(1),) * 3


def test_a_new_case_has_a_card_and_later_messages_are_posted_under_it(book):
    first = book.customer()
    book.customer("more")

    assert [(notice.kind, notice.lane, notice.case_id) for notice in book.notices()] == [
        ("card", "support", first.case_id),
        ("thread", "support", first.case_id),
    ]


def test_what_was_written_under_the_card_is_not_repeated_there(book):
    first = book.customer()
    book.say_all()

    book.note(thread=book.card_of(first.case_id))

    assert book.notices("thread") == []


def test_a_note_from_elsewhere_is_shown_under_the_card(book):
    book.customer()

    book.note("CASE-0001 is odd", cases_named=(1,))

    assert len(book.notices("thread")) == 1


def test_nothing_of_a_message_is_stored_when_a_part_fails(book):
    incoming = book.message()

    def receive_and_fail():
        with Case._meta.database.atomic():
            cases.receive(incoming, now=book.noon, limits=book.limits)
            raise LookupError

    before = book.snapshot()
    with pytest.raises(LookupError):
        database.work(receive_and_fail)

    assert book.snapshot() == before
    assert Counter.get_by_id("cases").value == 0


# Repeated delivery


@pytest.mark.parametrize("text", ["It does not work", "urgent"])
def test_receiving_twice_changes_nothing(book, text):
    incoming = book.message(text)
    first = book.receive(incoming)
    before = book.snapshot()

    again = book.receive(incoming, now=book.hours(1))

    assert (again.known, again.ledger_id, again.case_id) == (True, first.ledger_id, first.case_id)
    assert (again.opened, again.escalated, again.closed) == (False, False, False)
    assert book.snapshot() == before


def test_receiving_an_answer_that_closes_twice_changes_nothing(book):
    first = book.customer()
    incoming = book.message(PHRASE, ANNA.user_id, standing=Standing.ADMIN, under=first)
    once = book.receive(incoming)
    before = book.snapshot()

    again = book.receive(incoming)

    assert (once.closed, again.closed, again.known) == (True, False, True)
    assert book.snapshot() == before


def test_a_question_that_is_received_twice_is_asked_once(book):
    book.customer(sender=DORA.user_id)
    book.customer(sender=EMIL.user_id)
    incoming = book.message(PHRASE, ANNA.user_id, standing=Standing.ADMIN)
    book.receive(incoming)
    before = book.snapshot()

    assert book.receive(incoming).known
    assert book.snapshot() == before


def test_a_known_message_stays_in_its_case_even_after_that_is_closed(book):
    incoming = book.message()
    first = book.receive(incoming)
    book.close(first.case_id)

    again = book.receive(incoming)

    assert again.case_id == first.case_id
    assert Case.select().count() == 1


def test_automatic_mail_is_stored_once_as_a_note(book):
    first = book.mail()
    reply = book.mail_message("away", standing=Standing.AUTOMATIC, under=first)
    book.receive(reply)
    before = book.snapshot()

    assert book.receive(reply).known
    assert book.snapshot() == before


# Waiting messages


def test_a_waiting_message_takes_effect_once_its_case_is_chosen(book):
    asked = two_cases_and_a_question(book)

    placed = book.place(asked.ledger_id, "CASE-0002")

    assert placed is not None
    assert (placed.case_id, placed.closed) == ("CASE-0002", True)
    assert [book.case(name).status for name in ("CASE-0001", "CASE-0002")] == ["open", "closed"]
    row = book.ledger_row(asked)
    assert (row.outcome, row.case_id, row.raw_bytes) == ("message", "CASE-0002", None)
    assert book.history("CASE-0002") == ["opened", "closed", "placed"]


def test_a_placed_message_counts_as_an_answer_from_the_time_it_was_written(book):
    asked = two_cases_and_a_question(book, "Try again now", at=book.minutes(5))
    book.customer("still nothing", EMIL.user_id, at=book.minutes(6))

    book.place(asked.ledger_id, "CASE-0002", now=book.hours(3))

    case = book.case("CASE-0002")
    assert (case.answered_at, case.waiting_since) == (book.minutes(5), book.minutes(6))
    assert case.last_message_at == book.minutes(6)
    assert book.case("CASE-0001").answered_at is None


def test_placing_twice_is_harmless(book):
    asked = two_cases_and_a_question(book)
    book.place(asked.ledger_id, "CASE-0002")
    before = book.snapshot()

    again, elsewhere = book.place(asked.ledger_id, "CASE-0002"), book.place(asked.ledger_id, "CASE-0001")

    assert (again, elsewhere) == (None, None)
    assert book.snapshot() == before


def test_two_button_presses_at_the_same_moment_place_it_once(book):
    asked = two_cases_and_a_question(book)

    placed = book.at_once(*[lambda name=name: book.place(asked.ledger_id, name) for name in ("CASE-0001", "CASE-0002")])

    assert sorted(one is None for one in placed) == [False, True]
    assert Message.select().where(Message.is_admin).count() == 1
    assert [case.status for case in Case.select()].count("closed") == 1


def test_placing_into_a_missing_case_keeps_it_waiting(book):
    asked = two_cases_and_a_question(book)

    with pytest.raises(NoSuchCaseError, match="CASE-0009"):
        book.place(asked.ledger_id, "CASE-0009")

    assert book.place(asked.ledger_id, "CASE-0001") is not None


def test_placing_into_a_case_that_was_closed_meanwhile_keeps_it_there(book):
    asked = two_cases_and_a_question(book)
    book.close("CASE-0001", book.minutes(30))

    placed = book.place(asked.ledger_id, "CASE-0001")

    assert placed is not None
    assert (placed.case_id, placed.closed) == ("CASE-0001", False)
    assert book.case("CASE-0001").closed_at == book.minutes(30)


def test_replies_in_the_thread_of_a_placed_message_belong_to_its_case(book):
    asked = two_cases_and_a_question(book, "Try again now")
    book.place(asked.ledger_id, "CASE-0002")

    assert book.admin("And?", under=asked).case_id == "CASE-0002"


def test_a_deleted_message_no_longer_waits(book):
    book.customer(sender=DORA.user_id)
    book.customer(sender=EMIL.user_id)
    incoming = book.message(PHRASE, ANNA.user_id, standing=Standing.ADMIN)
    asked = book.receive(incoming)

    book.delete(incoming)

    assert book.place(asked.ledger_id, "CASE-0001") is None
    assert database.work(lambda: ledger.waiting(asked.ledger_id)) is None


# Operations by admins


def test_an_admin_escalates_by_hand(book):
    first = book.customer()

    change = book.escalate(first.case_id, reason="they pay a lot")

    assert change == CaseChange(case_id="CASE-0001", at=book.hours(1), by=ANNA.user_id, customer=DORA.user_id)
    assert book.case(first.case_id).escalated
    assert book.reasons(first.case_id) == [("by hand", "they pay a lot")]
    assert len(book.notices("alert")) == 1


def test_a_reason_is_given_even_where_none_was_typed(book):
    first = book.customer()

    book.escalate(first.case_id)

    assert book.reasons(first.case_id) == [("by hand", "an admin asked for it")]


def test_an_escalated_case_cannot_be_escalated_again(book):
    first = book.customer("urgent")

    with pytest.raises(AlreadyEscalatedError, match="CASE-0001 is escalated already"):
        book.escalate(first.case_id)

    assert len(book.episodes(first.case_id)) == 1


def test_a_closed_case_cannot_be_escalated(book):
    first = book.customer()
    book.close(first.case_id)

    with pytest.raises(CaseClosedError, match="reopen it first"):
        book.escalate(first.case_id)

    assert book.episodes(first.case_id) == []


@pytest.mark.parametrize("operation", ["close", "reopen", "escalate"])
def test_an_operation_on_a_missing_case_is_refused(book, operation):
    with pytest.raises(NoSuchCaseError, match=r"There is no case CASE-0404\."):
        getattr(book, operation)("CASE-0404")


def test_an_admin_calms_a_case_without_an_answer(book):
    first = book.customer("urgent")

    change = calm(book, first.case_id)

    case, (episode,) = book.case(first.case_id), book.episodes(first.case_id)
    assert (change.by, change.customer) == (ANNA.user_id, DORA.user_id)
    assert (case.escalated, case.settled_at, case.waiting_since) == (False, book.hours(1), book.minutes(1))
    assert (episode.ended_at, episode.ended_by, episode.ended_how) == (book.hours(1), ANNA.user_id, "calmed it")


def test_a_case_that_is_not_escalated_cannot_be_calmed(book):
    first = book.customer()

    with pytest.raises(NotEscalatedError, match="CASE-0001 is not escalated"):
        calm(book, first.case_id)


def calm(book, case_id):
    return database.work(lambda: cases.calm_case(case_id, by=ANNA.user_id, now=book.hours(1)))


def assign(book, case_id, to):
    return database.work(lambda: cases.assign_case(case_id, to=to, by=ANNA.user_id, now=book.hours(1)))


def test_a_case_is_assigned_to_an_admin_and_its_card_shows_it(book):
    first = book.customer()
    book.say_all()

    change = assign(book, first.case_id, BEN.user_id)

    assert change.by == ANNA.user_id
    assert book.case(first.case_id).assigned_to == BEN.user_id
    assert book.history(first.case_id) == ["opened", "assigned"]
    assert [notice.state for notice in book.notices("card")] == ["sent", "pending"]


def test_assigning_a_case_to_the_same_admin_changes_nothing(book):
    first = book.customer()
    assign(book, first.case_id, BEN.user_id)
    before = book.snapshot()

    assign(book, first.case_id, BEN.user_id)

    assert book.snapshot() == before


def test_a_closed_case_cannot_be_assigned(book):
    first = book.customer()
    book.close(first.case_id)

    with pytest.raises(CaseClosedError, match="reopen it first"):
        assign(book, first.case_id, BEN.user_id)


# Order of arrival


def test_a_message_that_arrives_late_moves_no_time_back(book):
    first = book.customer(at=book.minutes(1))
    book.customer(at=book.minutes(9))

    book.receive(book.message("late", at=book.minutes(5)), now=book.minutes(10))

    case = book.case(first.case_id)
    assert (case.last_message_at, case.silent_since, case.message_count) == (book.minutes(9), book.minutes(9), 3)


def test_a_first_message_that_arrives_after_the_second_is_still_the_first(book):
    second = book.receive(book.message("second", at=book.minutes(2)), now=book.minutes(3))
    book.receive(book.message("first", at=book.minutes(1)), now=book.minutes(3))

    case = book.case(second.case_id)
    assert (case.created_at, case.waiting_since) == (book.minutes(1), book.minutes(1))


def test_after_an_answer_that_arrives_late_a_customer_who_wrote_later_still_waits(book):
    first = book.customer(at=book.minutes(1))
    book.customer(at=book.minutes(9))
    answer = book.message("late", ANNA.user_id, standing=Standing.ADMIN, under=first, at=book.minutes(5))

    book.receive(answer, now=book.minutes(10))

    case = book.case(first.case_id)
    assert (case.answered_at, case.waiting_since) == (book.minutes(5), book.minutes(9))


def test_a_customers_message_that_arrives_after_its_answer_was_answered(book):
    first = book.customer(at=book.minutes(1))
    book.admin(under=first, at=book.minutes(9))

    book.receive(book.message("late, but urgent", at=book.minutes(5)), now=book.minutes(10))

    case = book.case(first.case_id)
    assert (case.waiting_since, case.escalated) == (None, False)


def test_an_older_answer_that_arrives_after_a_newer_one_changes_nothing(book):
    first = book.customer(at=book.minutes(1))
    book.admin(under=first, at=book.minutes(9))
    older = book.message("late", ANNA.user_id, standing=Standing.ADMIN, under=first, at=book.minutes(5))

    book.receive(older, now=book.minutes(10))

    assert book.case(first.case_id).answered_at == book.minutes(9)


def test_the_place_of_a_message_is_stored(book):
    received = book.customer()

    message = book.stored(received)
    assert (message.place, message.thread) == (SHARED.channel_id, message.external_id.rpartition(":")[2])
