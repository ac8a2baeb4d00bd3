"""A quarantined item is stored again under its own row, once, with its time of arrival."""

import pytest

from casebook import database, ledger
from casebook.admin import quarantine
from casebook.errors import NoSuchRowError, NotQuarantinedError
from casebook.incoming import Standing
from casebook.models import LedgerRow, Message
from fixtures.cast import BEN, MAIL_CUSTOMERS

MIA, NOOR, _ = MAIL_CUSTOMERS
RAW = b"From: mia\r\n\r\n\x00\xff"


@pytest.fixture
def kept(book):
    """A mail that an older version of the program could not read."""
    return database.work(
        lambda: ledger.quarantine(
            source="email", external_id="sha256:abc", raw=RAW, reason="no sender", now=book.minutes(1)
        )
    )


def again(book, ledger_id, incoming):
    return database.work(lambda: quarantine.receive_again(ledger_id, incoming, now=book.hours(5), limits=book.limits))


def test_a_quarantined_item_has_its_reason_and_its_bytes(book, kept):
    (item,) = database.work(quarantine.held)

    assert (item.ledger_id, item.reason, item.size) == (kept.ledger_id, "no sender", len(RAW))
    assert item.received_at == book.minutes(1)
    assert database.work(lambda: quarantine.look(kept.ledger_id)) == item
    assert database.work(lambda: quarantine.bytes_of(kept.ledger_id)) == RAW


def test_what_can_be_read_now_becomes_a_message_under_the_same_row(book, kept):
    mail = book.mail_message("urgent", MIA, at=book.minutes(1))

    received = again(book, kept.ledger_id, mail)

    row = book.ledger_row(kept)
    assert (received.ledger_id, received.opened, received.escalated) == (kept.ledger_id, True, True)
    assert (row.outcome, row.reason, row.case_id, row.raw_bytes) == ("message", "", received.case_id, None)
    assert (row.external_id, row.received_at) == (mail.external_id, book.minutes(1))
    assert LedgerRow.select().count() == 1
    assert book.case(received.case_id).created_at == book.minutes(1)


def test_a_second_try_changes_nothing(book, kept):
    mail = book.mail_message("Hello", MIA)
    again(book, kept.ledger_id, mail)
    before = book.snapshot()

    assert again(book, kept.ledger_id, mail).known
    assert book.receive(mail).known
    assert book.snapshot() == before


def test_two_tries_at_once_store_it_once(book, kept):
    mail = book.mail_message("Hello", MIA)
    limits, now = book.limits, book.hours(5)

    def retry():
        return quarantine.receive_again(kept.ledger_id, mail, now=now, limits=limits)

    both = book.at_once(retry, retry)

    assert sorted(received.known for received in both) == [False, True]
    assert Message.select().count() == 1


def test_a_mail_without_a_message_id_keeps_its_external_id(book, kept):
    received = again(book, kept.ledger_id, book.mail_message("Hello", MIA, external_id="sha256:abc"))

    assert book.stored(received).external_id == "sha256:abc"


def test_what_arrived_another_way_meanwhile_is_not_stored_twice(book, kept):
    mail = book.mail_message("Hello", MIA)
    first = book.receive(mail)

    received = again(book, kept.ledger_id, mail)

    row = book.ledger_row(kept)
    assert (received.known, received.ledger_id) == (True, first.ledger_id)
    assert (row.outcome, row.case_id) == ("ignored", first.case_id)
    assert row.reason == f"it is in the book already, as ledger row {first.ledger_id}"
    assert database.work(quarantine.held) == ()


def test_what_belongs_to_no_case_is_ignored_under_the_same_row(book, kept):
    received = again(book, kept.ledger_id, book.mail_message("I am away", MIA, standing=Standing.AUTOMATIC))

    assert (received.ledger_id, book.ledger_row(kept).outcome) == (kept.ledger_id, "ignored")


def test_a_question_waits_under_the_same_row(book, kept):
    cases = [book.mail(sender=MIA), book.mail(sender=NOOR)]

    again(book, kept.ledger_id, book.mail_message("Both", BEN.email, standing=Standing.ADMIN, about=(MIA, NOOR)))

    (notice,) = book.notices("ask")
    assert notice.target == f"ledger:{kept.ledger_id}"
    assert book.place(kept.ledger_id, cases[0].case_id).case_id == cases[0].case_id


def test_what_still_cannot_be_read_stays_with_the_current_reason(book, kept):
    database.work(lambda: quarantine.still_unreadable(kept.ledger_id, "two senders"))

    (item,) = database.work(quarantine.held)
    assert (item.reason, database.work(lambda: quarantine.bytes_of(item.ledger_id))) == ("two senders", RAW)


def test_what_is_not_in_quarantine_raises_an_error(book):
    received = book.mail("Hello", MIA)

    with pytest.raises(NotQuarantinedError, match="is not in quarantine"):
        database.work(lambda: quarantine.look(received.ledger_id))
    with pytest.raises(NoSuchRowError):
        again(book, 999, book.mail_message())
