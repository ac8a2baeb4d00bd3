"""Many items are looked up in the ledger at once, and two emails with one Message-ID are distinguished."""

from casebook import ledger
from casebook.admin import reconciliation
from casebook.admin.reconciliation import BATCH
from casebook.incoming import Source
from casebook.outcomes import Outcome
from fixtures.cast import MAIL_CUSTOMERS


def test_exactly_the_items_with_a_row_are_known(book):
    stored = book.mail("It is empty", external_id="1@customer.example.com")
    ledger.ignore(Source.EMAIL, "2@customer.example.com", reason="a list's mail", now=book.noon)

    found = reconciliation.known(Source.EMAIL, [f"{number}@customer.example.com" for number in (1, 2, 3)])

    assert {name: (row.outcome, row.reason) for name, row in found.items()} == {
        "1@customer.example.com": (Outcome.MESSAGE, ""),
        "2@customer.example.com": (Outcome.IGNORED, "a list's mail"),
    }
    assert found["1@customer.example.com"].ledger_id == stored.ledger_id
    assert reconciliation.known(Source.SLACK, ["1@customer.example.com"]) == {}
    assert reconciliation.known(Source.EMAIL, []) == {}


def test_more_items_than_fit_into_one_query_are_all_looked_up(book):
    names = [f"T:C:{number}.000000" for number in range(2 * BATCH + 1)]
    for name in (names[0], names[BATCH], names[-1]):
        ledger.ignore(Source.SLACK, name, reason="a bot wrote it", now=book.noon)

    found = reconciliation.known(Source.SLACK, names)

    assert set(found) == {names[0], names[BATCH], names[-1]}


def test_stored_messages_are_known_among_many_unknown_ones(book):
    first, second = book.message(), book.message()
    book.receive(first)
    book.receive(second)
    others = [f"T0:C0:{number}" for number in range(1200)]

    found = reconciliation.known(Source.SLACK, [first.external_id, *others, second.external_id])

    assert set(found) == {first.external_id, second.external_id}
    assert reconciliation.known(Source.EMAIL, [first.external_id]) == {}


def test_a_second_email_with_a_known_message_id_has_a_row_of_its_own(book):
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
