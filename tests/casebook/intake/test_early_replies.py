"""A reply that arrives before the first message of its thread waits for it, and follows it into its case."""

from dataclasses import replace
from datetime import timedelta

import pytest

from casebook import database
from casebook.incoming import Standing
from casebook.intake import pending
from casebook.models import Early, LedgerRow, Message
from fixtures.cast import ANNA, BEN, DORA, EMIL, SUPPORT


def reply_before_its_thread(book, text="We are on it", **changes):
    """The first message of a thread, and an admin's reply that is received before it."""
    root = book.message(at=book.minutes(1))
    thread = {"thread": f"{root.timestamp.timestamp():.0f}.000001", "conversation": (root.external_id,)}
    root = replace(root, thread=thread["thread"])
    said = {"standing": Standing.ADMIN} | thread | changes
    reply = book.message(text, ANNA.user_id, at=book.minutes(2), **said)
    return root, reply, book.receive(reply, now=book.minutes(3))


def settle(book, now):
    return database.work(lambda: pending.settle_early(now=now, limits=book.limits))


@pytest.mark.parametrize("standing", [Standing.ADMIN, Standing.NOTE, Standing.REMARK])
def test_a_reply_that_arrives_before_its_thread_follows_it_into_its_case(book, standing):
    root, _, early = reply_before_its_thread(book, standing=standing)
    before = book.ledger_row(early)

    opened = book.receive(root, now=book.minutes(4))

    after = book.ledger_row(early)
    assert (before.outcome, before.reason) == ("ignored", "it waits for the first message of its thread")
    assert (after.outcome, after.reason, after.case_id, after.raw_bytes) == ("message", "", opened.case_id, None)
    assert book.stored(early).standing == standing
    assert Early.select().count() == 0


def test_after_an_answer_that_came_before_its_question_the_case_does_not_wait(book):
    root, *_ = reply_before_its_thread(book)

    case_id = book.receive(root, now=book.minutes(4)).case_id

    case = book.case(case_id)
    assert (case.waiting_since, case.answered_at, case.message_count) == (None, book.minutes(2), 2)


def test_words_that_close_and_came_before_their_thread_close_it_once_it_begins(book):
    root, *_ = reply_before_its_thread(book, "I'm closing this case.")

    received = book.receive(root, now=book.minutes(4))

    case = book.case(received.case_id)
    assert received.closed
    assert (case.status, case.closed_at) == ("closed", book.minutes(2))


def test_a_reply_that_came_early_is_not_given_to_the_only_open_case_of_its_channel(book):
    other = book.customer(sender=EMIL.user_id, at=book.minutes(0))
    root, _, early = reply_before_its_thread(book)

    received = book.receive(root, now=book.minutes(4))

    assert book.stored(early).case_id == received.case_id != other.case_id


def test_a_reply_that_came_early_twice_waits_once(book):
    root, reply, _ = reply_before_its_thread(book)
    before = book.snapshot()

    again = book.receive(reply, now=book.minutes(4))
    book.receive(root, now=book.minutes(5))

    assert again.known
    assert len(before["Early"]) == 1
    assert Message.select().count() == 2


def test_an_early_reply_that_was_edited_is_placed_with_its_new_text(book):
    root, reply, early = reply_before_its_thread(book)

    book.edit(reply, "I'm closing this case.", book.minutes(4))
    received = book.receive(root, now=book.minutes(5))

    assert received.closed
    assert book.ledger_row(early).outcome == "edited"


def test_an_early_reply_that_was_deleted_is_not_placed(book):
    root, reply, early = reply_before_its_thread(book)

    book.delete(reply, book.minutes(4))
    book.receive(root, now=book.minutes(5))
    settle(book, book.minutes(6))

    assert book.ledger_row(early).outcome == "deleted"
    assert (Message.select().count(), Early.select().count()) == (1, 0)


def test_a_note_under_a_card_whose_post_is_not_stored_yet_is_placed_at_the_next_check(book):
    received = book.customer()
    card = "1772452900.000001"
    note = book.message(
        "odd", BEN.user_id, standing=Standing.NOTE, place=SUPPORT.channel_id, thread=card,
        conversation=(f"T0HOME:{SUPPORT.channel_id}:{card}",), at=book.minutes(9),
    )  # fmt: skip
    early = book.receive(note)
    database.work(
        lambda: LedgerRow._meta.database.execute_sql(
            "INSERT INTO posts (key, case_id, channel, ts) VALUES "
            f"('card:{received.case_id}', '{received.case_id}', '{SUPPORT.channel_id}', '{card}')"
        )
    )

    placed = settle(book, book.minutes(10))

    assert placed == 1
    assert (early.case_id, book.ledger_row(early).case_id) == (None, received.case_id)
    assert book.stored(early).kind == "note"


def test_a_first_message_that_another_process_stored_at_the_same_moment_is_found_at_the_next_check(postgresql_book):
    book = postgresql_book
    for number in range(5):
        root = book.message(sender=f"U0{number:07d}", at=book.minutes(1))
        reply = book.message(
            "We are on it", ANNA.user_id, standing=Standing.ADMIN, thread=root.thread, conversation=(root.external_id,)
        )
        book.at_once(
            lambda reply=reply: book.receive(reply, now=book.hours(1)),
            lambda root=root: book.receive(root, now=book.hours(1)),
        )

    settle(book, book.hours(1))

    assert Early.select().count() == 0
    assert Message.select().count() == 10


def test_a_reply_whose_thread_never_begins_is_placed_without_it_after_ten_minutes(book):
    _, _, early = reply_before_its_thread(book)
    _, _, other = reply_before_its_thread(book, "I'm closing this case.")

    waited = settle(book, book.minutes(12))
    settled = settle(book, book.minutes(14))

    assert (waited, settled) == (0, 2)
    assert (
        book.ledger_row(early).reason == book.ledger_row(other).reason == "an admin's message that belongs to no case"
    )
    assert len(book.notices("private")) == 1
    assert Early.select().count() == 0


def test_a_thread_that_began_long_ago_is_not_waited_for(book):
    received = book.customer(sender=DORA.user_id)
    old = f"{(book.noon - timedelta(days=2)).timestamp():.0f}.000001"

    reply = book.admin(thread=old, conversation=(f"T0HOME:C0SHARED1:{old}",))

    assert reply.case_id == received.case_id


def test_a_reply_to_an_ignored_message_does_not_wait(book):
    root = book.message("good morning", BEN.user_id, standing=Standing.ADMIN)
    book.receive(root)

    reply = book.admin(thread=root.thread, conversation=(root.external_id,))

    assert reply.reason == "an admin's message that belongs to no case"
