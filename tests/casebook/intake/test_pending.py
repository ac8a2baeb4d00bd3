"""Messages that an admin adds by hand: ignored ones, or ones for a chosen case."""

import pytest

from casebook import database, ledger
from casebook.incoming import Standing
from casebook.intake import pending
from casebook.models import Case, Message
from casebook.outcomes import Outcome
from fixtures.cast import DORA, EMIL, HUGO


def hold(book, incoming):
    return database.work(lambda: pending.hold(incoming, now=book.hours(1)))


def take(book, incoming):
    return database.work(lambda: pending.take_by_hand(incoming, now=book.hours(1), limits=book.limits))


def remark(book, text="It does not work", sender=HUGO.user_id):
    """A colleague writes in a customer channel, which is ignored."""
    return book.message(text, sender, standing=Standing.REMARK)


def test_a_message_that_was_left_out_opens_a_case_when_an_admin_takes_it_in(book):
    incoming = remark(book)
    ignored = book.receive(incoming)

    taken = take(book, incoming)

    assert (taken.outcome, taken.opened, taken.ledger_id) == (Outcome.MESSAGE, True, ignored.ledger_id)
    assert book.case(taken.case_id).customer_identifier == HUGO.user_id
    row = book.ledger_row(taken)
    assert (row.outcome, row.reason, row.case_id) == ("message", "taken in by hand", taken.case_id)


def test_a_message_that_never_reached_us_can_be_taken_in(book):
    taken = take(book, book.message("from long ago", at=book.hours(-100)))

    assert taken.opened
    assert book.case(taken.case_id).created_at == book.hours(-100)


def test_taking_in_twice_changes_nothing(book):
    incoming = remark(book)
    take(book, incoming)
    before = book.snapshot()

    again = take(book, incoming)

    assert again.known
    assert book.snapshot() == before


def test_an_accepted_message_goes_to_its_writers_open_case(book):
    first = book.customer(sender=DORA.user_id)

    taken = take(book, remark(book, sender=DORA.user_id))

    assert (taken.opened, taken.case_id) == (False, first.case_id)


def test_a_held_message_goes_to_the_chosen_case(book):
    first = book.customer(sender=DORA.user_id)
    incoming = book.message("about Dora's printer", EMIL.user_id)

    held = hold(book, incoming)
    placed = book.place(held.ledger_id, first.case_id)

    assert placed is not None
    assert book.stored(held).case_id == first.case_id
    assert Case.select().count() == 1


def test_an_ignored_message_can_be_held(book):
    first = book.customer(sender=DORA.user_id)
    incoming = remark(book)
    ignored = book.receive(incoming)

    held = hold(book, incoming)

    assert (held.ledger_id, held.case_id) == (ignored.ledger_id, None)
    assert book.place(held.ledger_id, first.case_id) is not None


@pytest.mark.parametrize("by_hand", [hold, take])
def test_a_message_with_a_case_stays_there(book, by_hand):
    incoming = book.message()
    first = book.receive(incoming)
    before = book.snapshot()

    again = by_hand(book, incoming)

    assert (again.case_id, again.known) == (first.case_id, True)
    assert book.snapshot() == before


def test_a_colleague_whom_an_admin_has_made_a_customer_is_one_in_their_case(book):
    taken = take(book, book.message(sender=HUGO.user_id))
    more = hold(book, remark(book, "and it is urgent"))

    book.place(more.ledger_id, taken.case_id)

    assert book.stored(more).standing == Standing.CUSTOMER
    assert book.case(taken.case_id).escalated


def test_a_deleted_message_is_kept_out_even_by_hand(book):
    incoming = remark(book, "my password is 12345")
    book.receive(incoming)
    book.delete(incoming)

    hold(book, incoming)

    (row,) = book.snapshot()["LedgerRow"]
    assert row["raw_bytes"] is None
    assert Message.select().count() == 0


def test_a_waiting_message_is_known(book):
    incoming = book.message("which case?")
    held = hold(book, incoming)

    again = book.receive(incoming)

    assert (again.known, again.ledger_id) == (True, held.ledger_id)
    assert database.work(lambda: ledger.waiting(held.ledger_id)) is not None
