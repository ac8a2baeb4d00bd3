"""The ledger: one row for every item, recognition of known items, and the positions of the doors."""

from collections import Counter
from dataclasses import replace

import pytest
from peewee import IntegrityError

from casebook import database, ledger
from casebook.incoming import IncomingFile, Standing
from casebook.models import LedgerRow, Message
from casebook.outcomes import Outcome
from fixtures.cast import ANNA, DORA, EMIL, MAIL_CUSTOMERS, SUPPORT


def ignore(book, external_id="T:C:1", reason="a bot wrote it"):
    return database.work(lambda: ledger.ignore("slack", external_id, reason=reason, now=book.noon))


def quarantine(book, reason="its headers have no end"):
    return database.work(
        lambda: ledger.quarantine(source="email", external_id="1@x", raw=b"From\x00\xff", reason=reason, now=book.noon)
    )


def answer_privately(book, incoming):
    return database.work(
        lambda: ledger.answer_privately(incoming, text="What you can do: ...", reason="help", now=book.noon)
    )


def test_an_ignored_item_has_a_row_with_its_reason(book):
    received = ignore(book)

    row = book.ledger_row(received)
    assert (row.source, row.external_id, row.outcome) == ("slack", "T:C:1", "ignored")
    assert (row.reason, row.case_id, row.received_at) == ("a bot wrote it", None, book.noon)


def test_every_item_has_one_row_with_its_source_and_outcome(book):
    incoming = book.message()
    book.receive(incoming)
    book.edit(incoming, "something else")
    book.customer("more")
    book.mail()
    for external_id in ("T:C:1", "T:C:2"):
        ignore(book, external_id)

    assert Counter((row.source, row.outcome) for row in LedgerRow.select()) == {
        ("slack", "edited"): 1,
        ("slack", "message"): 1,
        ("slack", "ignored"): 2,
        ("email", "message"): 1,
    }


def test_what_is_ignored_twice_keeps_its_first_reason(book):
    first = ignore(book)
    again = ignore(book, reason="another reason")

    assert (again.ledger_id, again.known, again.reason) == (first.ledger_id, True, "a bot wrote it")
    assert LedgerRow.select().count() == 1


def test_one_id_may_come_through_both_doors(book):
    slack = ignore(book)
    mail = database.work(lambda: ledger.ignore("email", "T:C:1", reason="a list", now=book.noon))

    assert not mail.known
    assert mail.ledger_id != slack.ledger_id


def test_an_unreadable_item_is_stored_with_its_bytes_and_reported_once(book):
    first, again = quarantine(book), quarantine(book)

    row = book.ledger_row(first)
    assert (row.outcome, row.reason, bytes(row.raw_bytes)) == (
        "quarantined",
        "its headers have no end",
        b"From\x00\xff",
    )
    assert (first.known, again.known) == (False, True)
    (line,) = book.notices("log")
    assert f"ledger row {first.ledger_id}: its headers have no end" in line.payload
    assert "Email item could not be read" in line.payload


def test_a_private_answer_is_given_once(book):
    incoming = book.message("hello", ANNA.user_id, standing=Standing.NOTE, place="D0ANNA001")

    first, again = answer_privately(book, incoming), answer_privately(book, incoming)

    assert (first.outcome, first.known, again.known) == (Outcome.IGNORED, False, True)
    (notice,) = book.notices("private")
    assert notice.lane == "D0ANNA001"
    assert ANNA.user_id in notice.payload
    assert Message.select().count() == 0


def test_the_same_mail_again_is_known(book):
    mail = book.mail_message("It is broken")
    first, again = book.receive(mail), book.receive(mail)

    assert (again.known, again.ledger_id, again.case_id) == (True, first.ledger_id, first.case_id)


def test_a_known_message_id_with_another_text_is_a_separate_message(book):
    mail = book.mail_message("It is broken")
    other = replace(mail, body="It is on fire", new_text="It is on fire")
    book.receive(mail)

    received, again = book.receive(other), book.receive(other)

    assert not received.known
    assert book.stored(received).external_id == f"{mail.external_id}#{other.digest[:8]}"
    assert (again.known, again.ledger_id) == (True, received.ledger_id)
    assert book.case(received.case_id).message_count == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"sender": MAIL_CUSTOMERS[1]},
        {"subject": "Another subject"},
        {"attachments": (IncomingFile(name="scan.pdf", content_type="application/pdf", size=9, digest="bb"),)},
    ],
)
def test_a_known_message_id_with_another_sender_subject_or_file_is_a_separate_message(book, changes):
    scan = IncomingFile(name="scan.pdf", content_type="application/pdf", size=9, digest="aa")
    mail = book.mail_message("Please find the scan attached.", MAIL_CUSTOMERS[0], attachments=(scan,))
    other = replace(mail, **changes)
    book.receive(mail)

    received, again = book.receive(other), book.receive(other)

    assert not received.known
    assert book.stored(received).external_id == f"{mail.external_id}#{other.digest[:8]}"
    assert (again.known, again.ledger_id) == (True, received.ledger_id)


@pytest.mark.parametrize("text", ["first", "second"])
def test_an_item_stored_by_an_older_version_is_recognised_by_its_text_alone(book, text):
    first = book.mail_message("first", subject="Ink")
    second = replace(first, body="second", new_text="second")
    for mail in (first, second):
        row = book.ledger_row(book.receive(mail))
        row.digest = mail.digests[1]
        row.external_id = mail.external_id if mail is first else f"{mail.external_id}#{mail.digests[1][:8]}"
        row.save()

    again = book.receive(first if text == "first" else second)

    assert again.known


def test_every_further_text_under_one_message_id_is_a_separate_message(book):
    mail = book.mail_message("text 0")

    received = [book.receive(replace(mail, body=f"text {number}")) for number in (0, 1, 2, 0, 1, 2)]

    assert [one.known for one in received] == [False, False, False, True, True, True]
    assert len({one.ledger_id for one in received}) == 3


def test_a_slack_message_is_recognised_whatever_its_text_is_now(book):
    message = book.message("It is broken")
    first = book.receive(message)

    again = book.receive(replace(message, body="It is fine", new_text="It is fine"))

    assert (again.known, again.ledger_id) == (True, first.ledger_id)
    assert book.stored(first).body == "It is broken"


def test_no_item_has_two_rows_whatever_happens(book):
    received = ignore(book)

    with pytest.raises(IntegrityError):
        database.work(lambda: ledger.enter("slack", "T:C:1", Outcome.MESSAGE, now=book.noon))

    assert database.work(lambda: [row.id for row in LedgerRow.select()]) == [received.ledger_id]


def test_a_message_that_waits_comes_back_as_it_was(book):
    book.customer(sender=DORA.user_id)
    book.customer(sender=EMIL.user_id)
    incoming = book.message(
        "Grüße", ANNA.user_id, standing=Standing.ADMIN, about=(DORA.user_id, EMIL.user_id), cases_named=(1, 2),
        conversation=("T:C:none",), sender_name="Anna Example", cut=True,
    )  # fmt: skip

    asked = book.receive(incoming)

    assert database.work(lambda: ledger.waiting(asked.ledger_id)) == incoming


def test_a_message_that_does_not_wait_cannot_be_placed(book):
    ignored, stored = ignore(book), book.customer()

    waiting = [database.work(lambda i=i: ledger.waiting(i)) for i in (ignored.ledger_id, stored.ledger_id, 999)]

    assert waiting == [None, None, None]


def test_settling_deletes_the_waiting_message(book):
    book.customer(sender=DORA.user_id)
    book.customer(sender=EMIL.user_id)
    asked = book.admin()

    database.work(lambda: ledger.settle(asked.ledger_id, Outcome.DELETED, reason="gone"))

    row = book.ledger_row(asked)
    assert (row.outcome, row.reason, row.raw_bytes) == ("deleted", "gone", None)


def test_a_door_that_was_never_read_has_no_position(book):
    assert database.work(lambda: ledger.position(f"slack:{SUPPORT.channel_id}")) is None


def test_the_position_of_a_door_is_the_last_one_kept(book):
    for value in ("7:1", "7:2", "8:1"):
        database.work(lambda value=value: ledger.keep_position("email:INBOX", value, now=book.noon))
    database.work(lambda: ledger.keep_position("slack:C1", "1.5", now=book.noon))

    assert database.work(lambda: ledger.position("email:INBOX")) == "8:1"
    assert database.work(lambda: ledger.position("slack:C1")) == "1.5"
