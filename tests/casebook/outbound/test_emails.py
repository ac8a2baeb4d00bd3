"""Emails to customers: recipients, threading, Message-IDs, results of sending."""

from dataclasses import replace
from datetime import timedelta

import pytest

from casebook import database
from casebook import models as tables
from casebook.conversation import threads
from casebook.errors import (
    NoMailWrittenError,
    NoWayToAnswerError,
    TooLateError,
    UnattendedAddressError,
    WroteMeanwhileError,
)
from casebook.incoming import Source, Standing
from casebook.notices import MAIL
from casebook.outbound import emails, replies
from casebook.outbound.replies import AnswerState
from fixtures.cast import ANNA, MAIL_CUSTOMERS

MIA, NOOR, _ = MAIL_CUSTOMERS
DOMAIN = "casebook.example.org"


@pytest.fixture
def mailing(book):
    """A database with sending enabled."""
    book.limits = replace(book.limits, can_mail=True)
    return book


@pytest.fixture
def asked(mailing):
    """The case of a customer who wrote by email, with its card."""
    case_id = mailing.mail("It is urgent", subject="Invoice 17", sender_name="Mia Miller").case_id
    mailing.say_all(mailing.minutes(1.5))
    return case_id


def claim(book, now=None):
    return book.claim(MAIL, now or book.minutes(30))


def write(book, claimed, now=None):
    return database.work(lambda: emails.write(claimed, domain=DOMAIN, now=now or book.minutes(30)))


def sent(book, claimed, refused="", now=None):
    given = {"refused": refused, "now": now or book.minutes(30), "limits": book.limits}
    database.work(lambda: emails.sent(claimed, **given))


def refuse(book, claimed, retry_at=None, error="the mail server says 550 no such user"):
    database.work(lambda: emails.refused(claimed, error=error, retry_at=retry_at, now=book.minutes(30)))


def view(book, drafted):
    return database.work(lambda: replies.view(book.stored(drafted).id))


def check(book, case_id):
    return database.work(lambda: replies.check_answerable(str(case_id), book.limits))


# Where an answer goes


def test_an_answer_goes_by_mail_when_the_customer_wrote_last_by_mail(mailing, asked):
    mailing.answer(asked, "It is mended", sender_name="Anna Example")

    letter = write(mailing, claim(mailing))

    assert (letter.to, letter.to_name, letter.copies) == (MIA, "Mia Miller", ())
    assert (letter.author_name, letter.text, letter.subject) == ("Anna Example", "It is mended", "Invoice 17")
    assert letter.conversation == ("1.mail@customer.example.com",)
    assert letter.quoted == ("Mia Miller", "It is urgent", mailing.minutes(1))
    assert letter.automatic == ""


def test_without_a_mail_server_the_author_is_told_before_typing(book):
    case_id = book.mail().case_id
    book.say_all()

    with pytest.raises(NoMailWrittenError, match="mail program"):
        check(book, case_id)
    with pytest.raises(NoMailWrittenError):
        book.answer(case_id)


@pytest.mark.parametrize(
    "address",
    [
        "no-reply@shop.example.com",
        "NoReply+7@shop.example.com",
        "mailer-daemon@x.example.com",
        "bounces-1@x.example.com",
    ],
)
def test_nothing_goes_to_an_address_at_which_nobody_reads(mailing, address):
    case_id = mailing.mail(sender=address).case_id

    with pytest.raises(UnattendedAddressError, match="no-reply"):
        check(mailing, case_id)


@pytest.mark.parametrize("address", ["norbert@x.example.com", "noreen.reply@x.example.com", "bouncer@x.example.com"])
def test_people_whose_addresses_resemble_unattended_ones_are_answered(mailing, address):
    case_id = mailing.mail(sender=address).case_id

    assert check(mailing, case_id).named == address


@pytest.mark.parametrize(
    ("addressed", "copies", "named"),
    [((MIA, "info@x.example.com"), (MIA,), f"{NOOR}, with a copy to {MIA},"), ((), (), NOOR)],
)
def test_the_last_writer_is_answered_with_a_copy_to_participants_that_their_mail_addressed(
    mailing, addressed, copies, named
):
    first = mailing.mail("It is broken", MIA, addressed=(NOOR,), at=mailing.minutes(1))
    mailing.mail("I am a colleague", NOOR, under=first, addressed=addressed, at=mailing.minutes(2))
    mailing.say_all()
    told = check(mailing, first.case_id)
    mailing.answer(first.case_id)

    letter = write(mailing, claim(mailing))

    assert told.named == named
    assert (letter.to, letter.copies) == (NOOR, copies)


def test_an_admin_can_write_first_and_follow_up_from_slack(mailing):
    first = mailing.mail("Hello", "ben@casebook.example.org", standing=Standing.ADMIN, about=(MIA,))
    mailing.say_all()
    mailing.answer(first.case_id, "One more thing", at=mailing.minutes(9))

    letter = write(mailing, claim(mailing))

    assert (letter.to, letter.conversation, letter.quoted) == (MIA, (), None)


def test_a_case_without_messages_or_address_cannot_be_answered(mailing):
    case_id = mailing.customer().case_id
    tables.Message.update(standing=Standing.CLAIM).execute()

    with pytest.raises(NoWayToAnswerError, match="Nobody has written"):
        check(mailing, case_id)


# References


def test_the_mails_that_the_customers_mail_answered_are_kept_the_nearest_first(mailing):
    case_id = mailing.mail(conversation=("b@x.example", "a@x.example")).case_id
    mailing.say_all()
    mailing.answer(case_id)

    letter = write(mailing, claim(mailing))

    assert letter.conversation == ("1.mail@customer.example.com", "b@x.example", "a@x.example")


def test_a_very_long_chain_of_references_is_shortened(mailing):
    received = mailing.mail(conversation=tuple(f"{number}{'x' * 300}@x.example" for number in range(2000)))

    kept = mailing.stored(received).conversation

    assert len(kept) <= 4000
    assert kept.split()[0].startswith("0x")
    assert all(each.endswith("@x.example") for each in kept.split())


def test_ids_that_we_made_up_for_a_mail_are_not_referenced(mailing):
    mailing.mail("The first text", external_id="same@x.example")
    second = mailing.mail("Another text", external_id="same@x.example")
    without = mailing.mail("No name", external_id="sha256:" + "0" * 64, sender=NOOR)

    for received, known in ((second, ("same@x.example",)), (without, ())):
        mailing.say_all()
        mailing.answer(received.case_id)
        assert write(mailing, claim(mailing)).conversation == known


def test_a_deleted_message_is_not_quoted(mailing, asked):
    tables.Message.update(body="", new_text=None).execute()
    mailing.answer(asked)

    assert write(mailing, claim(mailing)).quoted is None


# Finding the case again


def test_a_reply_to_our_mail_finds_the_case_and_the_mail_its_answer(mailing, asked):
    drafted = mailing.answer(asked)
    letter = write(mailing, claim(mailing))

    reply = mailing.mail("Thanks", NOOR, conversation=(letter.message_id,), at=mailing.minutes(31))
    found = database.work(lambda: threads.case_of_message(Source.EMAIL, letter.message_id))

    assert reply.case_id == found.case_id == asked
    assert database.work(lambda: threads.case_of_message(Source.EMAIL, "unknown@x.example")) is None
    assert [(row.external_id, row.message_id) for row in tables.Letter.select()] == [
        (letter.message_id, mailing.stored(drafted).id)
    ]


def test_a_reply_finds_the_case_by_the_signature_when_the_book_was_restored_from_before_our_mail(mailing, asked):
    mailing.answer(asked)
    letter = write(mailing, claim(mailing))
    tables.Letter.delete().execute()

    reply = mailing.mail("Thanks", NOOR, conversation=(letter.message_id,), at=mailing.minutes(31))

    assert reply.case_id == asked


def test_a_forged_tag_gets_a_stranger_a_case_of_their_own(mailing, asked):
    mailing.answer(asked)
    write(mailing, claim(mailing))
    forged = f"{asked.lower()}.aaaaaaaa.aaaaaaaaaaaaaaaa@{DOMAIN}"

    reply = mailing.mail("Let me see", NOOR, conversation=(forged,), at=mailing.minutes(31))

    assert reply.case_id != asked


def test_each_attempt_has_the_same_message_id_and_each_email_its_own(mailing, asked):
    mailing.answer(asked)
    claimed = claim(mailing)
    first, again = write(mailing, claimed), write(mailing, claimed)
    mailing.answer(asked, "One more thing")
    other = write(mailing, claim(mailing))

    assert first.message_id == again.message_id != other.message_id


def test_the_key_is_generated_once_per_database(mailing):
    first, again = (database.work(emails.conversation_key) for _ in range(2))

    assert first == again
    assert len(first) == 64


def test_mail_of_ours_that_comes_back_changes_nothing(mailing, asked):
    mailing.answer(asked)
    letter = write(mailing, claim(mailing))
    before = mailing.case(asked).__data__

    back = mailing.mail("It is mended", NOOR, external_id=letter.message_id, at=mailing.minutes(31))

    assert (back.outcome, back.reason, back.case_id) == ("ignored", "mail of ours that came back", None)
    assert mailing.case(asked).__data__ == before


# Results of sending


def test_an_answer_counts_when_it_is_sent(mailing, asked):
    drafted = mailing.answer(asked, "Done. I'm closing this case.")
    claimed = claim(mailing)
    before = mailing.case(asked).status

    sent(mailing, claimed)

    assert (before, mailing.case(asked).status) == ("open", "closed")
    assert mailing.stored(drafted).standing == "admin"
    assert view(mailing, drafted).state is AnswerState.SENT
    assert tables.Post.get_or_none(tables.Post.channel == "") is None


def test_a_refused_recipient_is_named_in_the_log_channel_and_the_history(mailing, asked):
    mailing.answer(asked)

    sent(mailing, claim(mailing), refused=f"{NOOR}: 550 no such user")

    assert mailing.notices("log")[-1].payload.count("550 no such user") == 1
    assert "not delivered" in mailing.history(asked)


def test_a_refused_answer_stays_in_the_outbox_and_is_shown_where_it_was_written(mailing, asked):
    drafted = mailing.answer(asked)

    refuse(mailing, claim(mailing), retry_at=mailing.hours(2))

    shown = view(mailing, drafted)
    assert (shown.state, shown.error) == (AnswerState.REFUSED, "the mail server says 550 no such user")
    assert mailing.notices("answer")[0].state == "failed"
    assert claim(mailing, mailing.hours(1.9)) is None
    assert claim(mailing, mailing.hours(2)) is not None


def test_a_refused_answer_can_be_tried_again_at_once_or_taken_back(mailing, asked):
    drafted = mailing.answer(asked)
    message_id = mailing.stored(drafted).id
    refuse(mailing, claim(mailing), retry_at=mailing.hours(20))

    database.work(lambda: replies.try_again(message_id, by=ANNA.user_id, now=mailing.minutes(31)))
    tried = claim(mailing, mailing.minutes(31))
    refuse(mailing, tried, retry_at=mailing.hours(20))
    database.work(lambda: replies.take_back(message_id, by=ANNA.user_id, now=mailing.minutes(32)))

    assert tried is not None
    assert view(mailing, drafted).state is AnswerState.TAKEN_BACK
    with pytest.raises(TooLateError):
        database.work(lambda: replies.try_again(message_id, by=ANNA.user_id, now=mailing.minutes(33)))


def test_while_the_server_is_away_an_answer_can_be_taken_back_unless_it_may_have_been_sent(mailing, asked):
    drafted = mailing.answer(asked)
    message_id = mailing.stored(drafted).id

    def put_off(*, maybe_sent):
        claimed = claim(mailing)
        given = {"error": "The server is away.", "retry_at": mailing.minutes(29), "maybe_sent": maybe_sent}
        database.work(lambda: emails.put_off(claimed, now=mailing.minutes(30), **given))

    put_off(maybe_sent=True)
    with pytest.raises(TooLateError):
        database.work(lambda: replies.take_back(message_id, by=ANNA.user_id, now=mailing.minutes(31)))
    put_off(maybe_sent=False)
    still_uncertain = mailing.notices("answer")[0].claimed_until is not None

    assert still_uncertain
    assert view(mailing, drafted).state is AnswerState.REFUSED


def test_an_automatic_email_is_dropped_with_a_line_in_the_log_channel(mailing, asked):
    mailing.limits = replace(mailing.limits, tell_customer=True)
    mailing.close(asked)

    refuse(mailing, claim(mailing, mailing.hours(1)))

    assert [row.state for row in mailing.notices("tell")] == ["dropped"]
    assert "was not told by mail: the mail server says 550" in mailing.notices("log")[-1].payload


def test_the_sentence_about_a_closing_is_automatic_and_the_last_word_of_an_admin_is_not(mailing, asked):
    mailing.limits = replace(mailing.limits, tell_customer=True)
    mailing.close(asked, word="Take care!")

    word, sentence = (write(mailing, claim(mailing, mailing.hours(1))) for _ in range(2))

    assert (word.text, word.automatic) == ("Take care!", "")
    assert (sentence.automatic, sentence.quoted) == ("auto-generated", None)
    assert sentence.text.startswith(f"Your case {asked} is closed.")


def test_closing_sends_no_mail_where_none_can_be_sent(book):
    case_id = book.mail().case_id

    book.close(case_id, word="Take care!")

    assert book.notices("tell") == []


def test_a_notice_without_a_case_has_nothing_to_send(mailing, asked):
    mailing.answer(asked)
    claimed = claim(mailing)
    tables.Notice.delete().execute()
    tables.Message.delete().where(tables.Message.standing == "draft").execute()

    assert write(mailing, claimed) is None


def test_many_at_once_generate_one_key(mailing):
    drawn = mailing.at_once(*[emails.conversation_key] * 4)

    assert len(set(drawn)) == 1


# Reply-To


def answer_to(book, case_id, to, seen=None):
    """Anna answers with the form, where she may choose an address."""
    drafted = book.message("Try again", ANNA.user_id, standing=Standing.NOTE, cases_named=(1,))
    given = {"now": drafted.timestamp, "undo": timedelta(seconds=10), "limits": book.limits, "to": to, "seen": seen}
    return database.work(lambda: replies.draft(drafted, **given))


def more(book, text, **changes):
    """Mia continues her first email's conversation."""
    first = tables.LedgerRow.get().external_id
    return book.mail(text, MIA, conversation=(first,), at=book.minutes(3), **changes)


PRIVATE = "mia@private.example.net"


def asking(mailing, **changes):
    """Mia's email, with a Reply-To to her private address."""
    case_id = mailing.mail("I leave on Friday", MIA, reply_to=PRIVATE, **changes).case_id
    mailing.say_all()
    return str(case_id)


@pytest.mark.parametrize(
    ("changes", "to", "choices"),
    [
        ({"vouched": True, "is_reply_to_safe": True}, PRIVATE, ()),
        ({"vouched": None, "is_reply_to_safe": True}, PRIVATE, ()),  # both addresses have the same domain
        ({"vouched": None}, PRIVATE, (PRIVATE, MIA)),  # senders are not authenticated, and nobody else wrote
        ({"vouched": False}, MIA, (MIA, PRIVATE)),
    ],
)
def test_an_answer_goes_to_reply_to_as_far_as_that_is_safe(mailing, changes, to, choices):
    case_id = asking(mailing, **changes)
    readers = check(mailing, case_id)
    mailing.answer(case_id)

    assert write(mailing, claim(mailing)).to == to
    assert readers.choices == choices


def test_in_a_case_with_several_writers_an_unproven_reply_to_is_not_used(mailing, asked):
    more(mailing, "Answer me there", reply_to=PRIVATE)
    mailing.answer(asked)

    assert write(mailing, claim(mailing)).to == MIA
    assert check(mailing, asked).choices == (MIA, PRIVATE)


@pytest.mark.parametrize("chosen", [MIA, PRIVATE])
def test_the_author_of_an_answer_may_choose_the_address(mailing, chosen):
    case_id = asking(mailing)
    answer_to(mailing, case_id, chosen)

    assert write(mailing, claim(mailing)).to == chosen


def test_an_address_that_the_mail_does_not_name_cannot_be_chosen(mailing):
    case_id = asking(mailing)

    with pytest.raises(NoWayToAnswerError, match="asked for an answer to"):
        answer_to(mailing, case_id, "somebody@else.example.net")


def test_a_message_written_meanwhile_is_shown_before_the_answer_is_sent(mailing, asked):
    seen = check(mailing, asked).last
    more(mailing, "Never mind")

    with pytest.raises(WroteMeanwhileError) as told:
        answer_to(mailing, asked, "", seen=seen)

    assert (told.value.writer, told.value.text) == (MIA, "Never mind")
    assert mailing.notices("answer") == []
    assert not answer_to(mailing, asked, "", seen=told.value.message_id).known
