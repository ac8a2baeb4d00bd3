"""The ledger is asked for many items at once, and two mails of one name are told apart."""

from casebook import ledger
from casebook.admin import reconciliation
from casebook.admin.reconciliation import BATCH
from casebook.incoming import Source
from casebook.outcomes import Outcome
from fixtures.cast import MAIL_CUSTOMERS


def test_every_item_that_has_a_row_is_known_and_no_other(book):
    stored = book.mail("It is empty", external_id="1@customer.example.com")
    ledger.ignore(Source.EMAIL, "2@customer.example.com", reason="a list's mail", now=book.noon)

    found = reconciliation.known(Source.EMAIL, [f"{number}@customer.example.com" for number in (1, 2, 3)])

    assert {name: (row.outcome, row.reason) for name, row in found.items()} == {
        "1@customer.example.com": (Outcome.MESSAGE, ""),
        "2@customer.example.com": (Outcome.IGNORED, "a list's mail"),
    }
    assert found["1@customer.example.com"].ledger_id == stored.ledger_id
    assert reconciliation.known(Source.SLACK, ["1@customer.example.com"]) == {}


def test_more_items_than_one_question_takes_are_all_asked_for(book):
    names = [f"T:C:{number}.000000" for number in range(2 * BATCH + 1)]
    for name in (names[0], names[BATCH], names[-1]):
        ledger.ignore(Source.SLACK, name, reason="a bot wrote it", now=book.noon)

    found = reconciliation.known(Source.SLACK, names)

    assert set(found) == {names[0], names[BATCH], names[-1]}


def test_a_second_mail_with_a_known_message_id_is_another_one(book):
    first = book.mail_message("It is empty", MAIL_CUSTOMERS[0], external_id="1@customer.example.com")
    second = book.mail_message("It is full", MAIL_CUSTOMERS[0], external_id="1@customer.example.com")
    book.receive(first)

    def row_of(mail):
        names = ledger.names_of(mail.external_id, mail.digests)
        return reconciliation.row_of(mail.external_id, mail.digests, reconciliation.known(Source.EMAIL, names))

    before = row_of(second)
    book.receive(second)
    after = row_of(second)

    assert row_of(first)[1] is not None
    assert before == (f"1@customer.example.com#{second.digest[:8]}", None)
    assert after[0] == before[0]
    assert after[1] is not None
