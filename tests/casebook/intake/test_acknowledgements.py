"""Acknowledgements: only if enabled, once a day for each customer, and never to a machine."""

from dataclasses import replace

import pytest

from casebook import database
from casebook.incoming import Standing
from casebook.notices import MAIL
from casebook.outbound import emails
from fixtures.cast import DORA, MAIL_CUSTOMERS, SHARED

MIA, NOOR, _ = MAIL_CUSTOMERS


@pytest.fixture
def polite(book):
    """A database with acknowledgements enabled."""
    book.limits = replace(book.limits, can_mail=True, acknowledge=True)
    return book


def test_nothing_is_acknowledged_unless_it_is_enabled(book):
    book.customer()
    book.mail()

    assert book.notices("acknowledge") == []


def test_the_message_that_opens_a_case_is_acknowledged_where_it_was_written(polite):
    polite.customer()
    polite.mail()

    in_slack, by_mail = polite.notices("acknowledge")

    assert (in_slack.lane, by_mail.lane) == (SHARED.channel_id, MAIL)
    assert polite.snapshot()["Message"][0]["thread"] in in_slack.payload
    assert "CASE-0001" in in_slack.payload


def test_further_messages_are_not_acknowledged(polite):
    first = polite.mail()
    polite.mail(under=first)

    assert len(polite.notices("acknowledge")) == 1


def test_a_customer_gets_at_most_one_acknowledgement_a_day(polite):
    for hours in (0, 1, 23.9, 24.1, 25):
        case_id = polite.mail(at=polite.hours(hours)).case_id
        polite.close(case_id, now=polite.hours(hours + 0.01))
    polite.mail(sender=NOOR, at=polite.hours(25))

    told = [row.created_at for row in polite.notices("acknowledge")]

    assert told == [polite.hours(0), polite.hours(24.1), polite.hours(25)]


def test_machines_admins_and_unreachable_customers_get_no_acknowledgement(polite):
    polite.mail(sender="no-reply@shop.example.com")
    polite.mail(standing=Standing.AUTOMATIC, sender=NOOR)
    polite.mail("Hello", "ben@casebook.example.org", standing=Standing.ADMIN, about=(MIA,))
    polite.limits = replace(polite.limits, can_mail=False)
    polite.mail(sender=NOOR)

    assert polite.notices("acknowledge") == []


def test_an_acknowledgement_by_mail_says_that_it_is_automatic_and_goes_to_its_sender_alone(polite):
    polite.mail(subject="Invoice 17")
    claimed = polite.claim(MAIL)

    letter = database.work(lambda: emails.write(claimed, domain="casebook.example.org", now=polite.hours(1)))

    assert (letter.automatic, letter.to, letter.copies, letter.quoted) == ("auto-replied", MIA, (), None)
    assert "Your message has arrived" in letter.text


def test_an_acknowledgement_is_no_answer(polite):
    case_id = polite.customer(sender=DORA.user_id).case_id
    polite.sent(polite.claim(SHARED.channel_id))

    case = polite.case(case_id)
    assert (case.answered_at, case.message_count) == (None, 1)
    assert case.waiting_since is not None


@pytest.mark.parametrize(("vouched", "told"), [(True, 1), (None, 1), (False, 0)])
def test_a_mail_with_an_unauthenticated_sender_is_not_acknowledged(polite, vouched, told):
    polite.mail(vouched=vouched)

    assert len(polite.notices("acknowledge")) == told


def test_at_most_thirty_acknowledgements_are_sent_in_an_hour(polite):
    for number in range(35):
        polite.mail(sender=f"person{number}@customer.example.com", at=polite.minutes(number))
    polite.mail(sender=NOOR, at=polite.minutes(61))

    told = [row.created_at for row in polite.notices("acknowledge")]

    assert len(told) == 31
    assert told[-1] == polite.minutes(61)


def test_an_acknowledgement_contains_no_text_of_the_sender_and_goes_to_the_sender_alone(polite):
    polite.mail(
        sender=MIA,
        sender_name="Buy now www.example.net",
        subject="Buy now www.example.net",
        reply_to="victim@example.net",
        is_reply_to_safe=True,
        addressed=(NOOR,),
    )
    claimed = polite.claim(MAIL)

    letter = database.work(lambda: emails.write(claimed, domain="casebook.example.org", now=polite.hours(1)))

    assert (letter.to, letter.to_name, letter.copies, letter.subject, letter.quoted) == (MIA, "", (), "", None)
    assert letter.is_receipt
