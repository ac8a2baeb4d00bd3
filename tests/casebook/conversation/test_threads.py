"""Who may join a case by answering one of its mails: a Message-ID alone is no key (design 3.3)."""

from datetime import timedelta

import pytest

from casebook import database, notices
from casebook.conversation import threads
from casebook.incoming import Standing
from casebook.models import Participant
from casebook.notices import MAIL
from casebook.outbound import emails
from fixtures.cast import ANNA, DORA, MAIL_CUSTOMERS

MIA, NOOR, OTTO = MAIL_CUSTOMERS
PHISHER = "service@bank.example.net"


@pytest.fixture
def asked(book):
    """Mia's case, which Noor knows of by the copy that she got."""
    return book.mail("It is broken", MIA, addressed=("support@casebook.example.org", NOOR))


def test_the_customer_joins_by_their_own_mail(book, asked):
    assert book.mail("More", MIA, under=asked).case_id == asked.case_id


def test_somebody_whom_the_customer_addressed_joins_and_takes_part_from_then_on(book, asked):
    joined = book.mail("I saw it too", NOOR, under=asked)

    assert joined.case_id == asked.case_id
    assert [(row.person, row.stranger) for row in Participant.select()] == [(NOOR, True)]
    assert book.mail("And again", NOOR, under=joined).case_id == asked.case_id


def test_somebody_whom_an_admin_addressed_joins(book, asked):
    answer = book.mail("Otto can help", ANNA.email, standing=Standing.ADMIN, under=asked, addressed=(MIA, OTTO))

    assert book.mail("I can", OTTO, under=answer).case_id == asked.case_id


def test_somebody_whom_only_a_program_or_a_claim_addressed_does_not_join(book, asked):
    for standing in (Standing.AUTOMATIC, Standing.CLAIM):
        book.mail("Away", MIA, standing=standing, under=asked, addressed=(OTTO,))

    assert book.mail("Let me in", OTTO, under=asked).case_id != asked.case_id


def test_who_only_knows_a_message_id_gets_a_case_that_may_belong_to_the_other(book, asked):
    own = book.mail("Tell me more", OTTO, under=asked)

    case = book.case(own.case_id)
    assert (own.opened, case.customer_identifier, case.may_belong_to) == (True, OTTO, asked.case_id)
    assert book.case(asked.case_id).message_count == 1
    assert Participant.select().count() == 0


def test_who_has_an_open_case_keeps_to_it_and_it_is_not_said_to_belong_elsewhere(book, asked):
    own = book.mail("My own matter", OTTO)

    again = book.mail("Tell me more", OTTO, under=asked)

    assert again.case_id == own.case_id
    assert book.case(own.case_id).may_belong_to is None


def test_a_closed_case_is_not_named_to_who_has_no_part_in_it(book, asked):
    book.close(asked.case_id)

    own = book.mail("Tell me more", OTTO, under=asked, at=book.hours(2))

    assert (book.case(own.case_id).may_belong_to, book.case(own.case_id).follows) == (None, None)


def test_a_phish_that_a_customer_passes_on_does_not_lead_to_the_phishers_case(book):
    phish = book.mail("Your account is locked", PHISHER, external_id="chosen@bank.example.net", addressed=("all@x",))

    asked = book.mail("Is this real? My password is swordfish", MIA, conversation=("chosen@bank.example.net",))

    assert asked.case_id != phish.case_id
    assert book.case(asked.case_id).customer_identifier == MIA


def test_whoever_answers_our_own_mail_joins_as_a_stranger(book, asked):
    book.limits = book.limits.__class__(can_mail=True)
    book.say_all()
    book.answer(asked.case_id, at=book.minutes(5))
    claimed = database.work(lambda: notices.claim(MAIL, now=book.hours(1), lease=timedelta(minutes=5)))
    letter = database.work(lambda: emails.write(claimed, domain="casebook.example.org", now=book.hours(1)))

    joined = book.mail("She is on leave, I take over", OTTO, conversation=(letter.message_id,), at=book.hours(2))

    assert joined.case_id == asked.case_id
    assert [(row.person, row.stranger) for row in Participant.select()] == [(OTTO, True)]


def test_an_admin_and_a_claim_find_the_case_whoever_began_it(book, asked):
    answered = book.mail("On it", ANNA.email, standing=Standing.ADMIN, under=asked)
    claimed = book.mail("Close it", ANNA.email, standing=Standing.CLAIM, under=asked)

    assert {answered.case_id, claimed.case_id} == {asked.case_id}


def test_in_slack_a_thread_is_open_to_everybody_who_can_write_there(book):
    asked = book.customer("It is broken", DORA.user_id)

    assert book.customer("Here too", "U0EMIL001", under=asked).case_id == asked.case_id


def test_the_nearest_mail_that_opens_the_way_counts_and_not_a_nearer_one_that_does_not(book, asked):
    other = book.mail("Another matter", PHISHER)
    named = (book.stored(other).external_id, book.stored(asked).external_id)

    assert book.mail("More", MIA, conversation=named).case_id == asked.case_id


def test_who_may_join_is_asked_once_for_each_case(book, asked, caplog):
    names = []
    for number in range(5):
        more = book.mail(f"More {number}", MIA, under=asked)
        names.append(book.stored(more).external_id)
    mail = book.mail_message("Let me in", OTTO, conversation=tuple(names))

    with caplog.at_level("DEBUG", logger="peewee"):
        database.work(lambda: threads.joined_by(mail))

    assert sum('"participants"' in record.getMessage() for record in caplog.records) == 1
