"""Email that an admin forwards becomes its author's message; if the author is uncertain, the team is asked."""

from dataclasses import replace

import pytest

from casebook import database
from casebook.errors import SettledAlreadyError
from casebook.incoming import Forward, Standing
from casebook.intake import pending
from casebook.models import Message
from casebook.outcomes import Outcome
from fixtures.cast import ANNA, BEN, MAIL_CUSTOMERS

MIA, NOOR, _ = MAIL_CUSTOMERS
THEIRS = Forward(
    author=MIA,
    author_name="Mia",
    subject="Invoice 42",
    body="The invoice is wrong, it is urgent.",
    new_text="The invoice is wrong, it is urgent.",
    before="Can somebody look?",
    certain=True,
)
WAITS = "it forwards a mail; the team was asked whose that is"


def forwarded(book, *, sender=BEN.email, standing=Standing.ADMIN, under=None, about=(), **changes):
    text = f"{THEIRS.before}\n\n---- Forwarded ----\nFrom: {MIA}\n\n{THEIRS.body}"
    mail = book.mail_message(text, sender, standing=standing, under=under, about=about, new_text=THEIRS.before)
    return book.receive(replace(mail, subject="Fwd: Invoice 42", forward=replace(THEIRS, **changes)))


def take(book, received, by=ANNA.user_id):
    ledger_id = received.ledger_id
    return database.work(lambda: pending.take_forward(ledger_id, by=by, now=book.hours(1), limits=book.limits))


def leave(book, received, by=ANNA.user_id):
    return database.work(lambda: pending.leave_forward_out(received.ledger_id, by=by, now=book.hours(1)))


def written(case_id):
    return [
        (row.sender, row.standing, row.body)
        for row in Message.select().where(Message.case == case_id).order_by(Message.id)
    ]


def test_a_forwarded_mail_opens_a_case_of_its_author_with_a_note_by_who_forwarded_it(book):
    received = forwarded(book)

    case = book.case(received.case_id)
    assert received.opened
    assert (case.customer_identifier, case.customer_name, case.subject) == (MIA, "Mia", "Invoice 42")
    assert written(case.case_id) == [(MIA, "customer", THEIRS.body), (BEN.email, "note", THEIRS.before)]
    assert book.stored(received).sender == MIA
    assert case.message_count == 1
    assert "forwarded" in book.history(case.case_id)


def test_urgent_words_in_it_count_as_the_customers(book):
    received = forwarded(book)

    assert received.escalated
    assert book.reasons(received.case_id) == [("keywords", 'says "urgent"')]


def test_urgent_words_above_it_do_not_count(book):
    received = forwarded(book, before="This is critical!", body="A question", new_text="A question")

    assert not book.case(received.case_id).escalated


def test_it_joins_the_open_case_of_its_author(book):
    first = book.mail("It does not work", MIA)

    received = forwarded(book, before="")

    assert (received.case_id, received.opened) == (first.case_id, False)
    assert len(written(first.case_id)) == 2


def test_the_same_mail_twice_changes_nothing(book):
    mail = replace(book.mail_message("Fwd", BEN.email, standing=Standing.ADMIN), forward=THEIRS)
    book.receive(mail)
    before = book.snapshot()

    assert book.receive(mail).known
    assert book.snapshot() == before


def test_a_tag_in_the_forwarded_subject_counts_only_for_who_takes_part(book):
    book.mail("It does not work", NOOR)

    received = forwarded(book, tagged=(1,))

    assert book.case(received.case_id).customer_identifier == MIA


def test_inside_a_conversation_it_is_an_answer(book):
    first = book.mail("It does not work", NOOR)

    received = forwarded(book, under=first)

    assert received.case_id == first.case_id
    assert book.stored(received).standing == "admin"
    assert book.case(first.case_id).customer_identifier == NOOR


def test_to_a_customer_it_is_an_answer_that_quotes(book):
    first = book.mail("It does not work", NOOR)

    received = forwarded(book, about=(NOOR,))

    assert (received.case_id, book.stored(received).standing) == (first.case_id, "admin")


@pytest.mark.parametrize(
    "guess",
    [{"certain": False}, {"author": "", "author_name": ""}, {"named": (7,)}, {"standing": Standing.CLAIM}],
    ids=["uncertain", "unknown", "another case", "a claim"],
)
def test_if_the_author_is_uncertain_the_team_is_asked_and_no_case_is_opened(book, guess):
    received = forwarded(book, **guess)

    assert (received.outcome, received.case_id) == (Outcome.IGNORED, None)
    assert book.ledger_row(received).reason == WAITS
    (notice,) = book.notices("forward")
    assert (notice.lane, notice.target) == ("support", f"forward:{received.ledger_id}")
    assert Message.select().count() == 0


def test_an_admin_confirms_the_author(book):
    received = forwarded(book, certain=False)

    taken = take(book, received)

    assert (taken.opened, book.case(taken.case_id).customer_identifier) == (True, MIA)
    assert written(taken.case_id) == [(MIA, "customer", THEIRS.body), (BEN.email, "note", THEIRS.before)]
    row = book.ledger_row(received)
    assert (row.outcome, row.case_id, row.raw_bytes) == ("message", taken.case_id, None)
    assert f'"by": "{ANNA.user_id}"' in book.notices("forward")[-1].payload


def test_the_question_is_updated_when_it_is_decided(book):
    received = forwarded(book, certain=False)
    book.say_all()

    leave(book, received)

    ((item,),) = [claimed.items for claimed in book.say_all(book.hours(2))]
    assert (item.kind, item.post is not None) == ("forward", True)


def test_an_admin_puts_it_to_the_case_that_was_named(book):
    first = book.mail("It does not work", NOOR)
    received = forwarded(book, named=(1,))

    placed = book.place(received.ledger_id, first.case_id)

    assert placed.case_id == first.case_id
    assert written(first.case_id)[1:] == [(MIA, "customer", THEIRS.body), (BEN.email, "note", THEIRS.before)]


def test_without_an_author_it_is_put_to_a_case_as_a_note(book):
    first = book.mail("It does not work", NOOR)
    received = forwarded(book, author="", named=(1,))

    book.place(received.ledger_id, first.case_id)

    assert book.stored(received).standing == "note"
    with pytest.raises(SettledAlreadyError):
        take(book, received)


def test_an_admin_ignores_it(book):
    received = forwarded(book, certain=False)

    leave(book, received)

    row = book.ledger_row(received)
    assert (row.outcome, row.reason) == ("ignored", "it forwards a mail, and an admin left it out")
    assert Message.select().count() == 0


@pytest.mark.parametrize("first", [take, leave])
@pytest.mark.parametrize("second", [take, leave])
def test_a_second_decision_is_refused(book, first, second):
    received = forwarded(book, certain=False)
    first(book, received)
    before = book.snapshot()

    with pytest.raises(SettledAlreadyError):
        second(book, received)

    assert book.snapshot() == before


def test_of_two_at_once_one_decides(book):
    received = forwarded(book, certain=False)
    limits = book.limits

    def keep():
        try:
            return pending.take_forward(received.ledger_id, by=ANNA.user_id, now=book.hours(1), limits=limits).case_id
        except SettledAlreadyError:
            return "told"

    def drop():
        try:
            pending.leave_forward_out(received.ledger_id, by=BEN.user_id, now=book.hours(1))
        except SettledAlreadyError:
            return "told"
        return "left out"

    said = book.at_once(keep, drop)

    assert "told" in said
    assert Message.select().count() == (2 if "CASE-0001" in said else 0)
