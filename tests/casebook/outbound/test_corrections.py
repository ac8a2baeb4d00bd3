"""Edits keep the earlier text and are checked again; deletions remove the text everywhere but keep the row."""

import itertools
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from casebook import database, ledger, notices, queries
from casebook.incoming import Standing
from casebook.models import Case, LedgerRow, Message, Version
from casebook.outbound import corrections
from casebook.outcomes import NoticeKind, Outcome
from fixtures.cast import ANNA, DORA, EMIL

SECRET = "my password is 12345"


# Edits


def test_an_edit_changes_the_text_and_keeps_what_was_said_before(book):
    incoming = book.message("It does not wrok")
    received = book.receive(incoming)

    book.edit(incoming, "It does not work", book.minutes(5))
    book.edit(incoming, "It works", book.minutes(6))

    message = book.stored(received)
    versions = [(row.body, row.at) for row in Version.select().order_by(Version.id)]
    assert (message.body, message.new_text, message.edited_at) == ("It works", None, book.minutes(6))
    assert versions == [("It does not wrok", book.minutes(5)), ("It does not work", book.minutes(6))]


def test_an_edit_sets_the_outcome_of_its_messages_row(book):
    incoming = book.message()
    received = book.receive(incoming)

    edited = book.edit(incoming, "something else")

    assert (edited.outcome, edited.ledger_id, edited.case_id) == (Outcome.EDITED, received.ledger_id, received.case_id)
    assert book.ledger_row(received).outcome == "edited"
    assert LedgerRow.select().count() == 1


def test_an_edit_moves_no_time_and_no_count(book):
    incoming = book.message(at=book.minutes(1))
    received = book.receive(incoming)
    before = book.case(received.case_id)

    book.edit(incoming, "something else", book.hours(5))

    assert book.case(received.case_id).__data__ == before.__data__
    assert book.stored(received).timestamp == book.minutes(1)


def test_an_edit_to_the_same_text_changes_nothing(book):
    incoming = book.message("It does not work")
    book.receive(incoming)
    before = book.snapshot()

    again = book.edit(incoming, "It does not work", book.hours(1))

    assert again.known
    assert book.snapshot() == before


def test_an_edit_that_is_delivered_twice_is_one_version(book):
    incoming = book.message("one")
    book.receive(incoming)
    book.edit(incoming, "two")
    before = book.snapshot()

    assert book.edit(incoming, "two", book.hours(1)).known
    assert book.snapshot() == before


def test_keywords_are_checked_again(book):
    incoming = book.message("It does not work")
    received = book.receive(incoming)

    edited = book.edit(incoming, "It does not work and it is urgent")

    assert edited.escalated
    assert book.reasons(received.case_id) == [("keywords", 'says "urgent"')]


def test_an_urgent_word_from_before_the_edit_stays_one_reason(book):
    incoming = book.message("urgent")
    received = book.receive(incoming)

    edited = book.edit(incoming, "It is urgent")

    assert not edited.escalated
    assert len(book.episodes(received.case_id)) == len(book.reasons(received.case_id)) == 1


def test_an_urgent_word_that_is_edited_away_leaves_the_episode_open(book):
    incoming = book.message("urgent")
    received = book.receive(incoming)

    book.edit(incoming, "no hurry")

    assert book.case(received.case_id).escalated


def test_what_was_answered_is_not_made_urgent_by_an_edit(book):
    incoming = book.message("It does not work")
    received = book.receive(incoming)
    book.admin(under=received)

    assert not book.edit(incoming, "urgent", book.minutes(9)).escalated


def test_edits_are_no_follow_ups(book):
    incoming = book.message("one")
    received = book.receive(incoming)
    for number in range(5):
        book.edit(incoming, f"edit {number}")

    assert not book.case(received.case_id).escalated
    assert book.case(received.case_id).message_count == 1


@pytest.mark.parametrize("standing", [Standing.ADMIN, Standing.REMARK, Standing.CLAIM])
def test_nobody_but_a_customer_makes_a_case_urgent_by_an_edit(book, standing):
    first = book.customer()
    incoming = book.message("hm", ANNA.user_id, standing=standing, under=first)
    book.receive(incoming)

    assert not book.edit(incoming, "urgent").escalated


def test_an_edit_before_its_message_brings_the_whole_message(book):
    incoming = book.message("It does not wrok", at=book.minutes(1))

    edited = book.edit(incoming, "It does not work, urgent", book.minutes(2))
    late = book.receive(incoming, now=book.minutes(3))

    message = book.stored(edited)
    assert (edited.outcome, edited.opened, edited.escalated) == (Outcome.EDITED, True, True)
    assert (message.body, message.timestamp) == ("It does not work, urgent", book.minutes(1))
    assert (late.known, late.ledger_id) == (True, edited.ledger_id)
    assert book.case(edited.case_id).message_count == 1


def test_an_edit_after_the_closing_changes_the_text_alone(book):
    incoming = book.message("It does not work")
    received = book.receive(incoming)
    book.close(received.case_id)

    edited = book.edit(incoming, "urgent", book.hours(2))

    assert (edited.outcome, edited.escalated) == (Outcome.EDITED, False)
    assert book.stored(received).body == "urgent"
    assert (book.case(received.case_id).status, Case.select().count()) == ("closed", 1)


def test_a_waiting_message_is_placed_with_its_edited_text(book):
    book.customer(sender=DORA.user_id)
    book.customer(sender=EMIL.user_id)
    incoming = book.message("Done.", ANNA.user_id, standing=Standing.ADMIN)
    asked = book.receive(incoming)

    book.edit(incoming, "I'm closing this case.")
    placed = book.place(asked.ledger_id, "CASE-0001")

    assert placed is not None
    assert placed.closed


def test_an_edit_of_what_was_ignored_changes_nothing(book):
    incoming = book.message("good morning", ANNA.user_id, standing=Standing.ADMIN)
    book.receive(incoming)
    before = book.snapshot()

    edited = book.edit(incoming, "good evening")

    assert (edited.known, edited.outcome) == (True, Outcome.IGNORED)
    assert book.snapshot() == before


def test_an_edit_of_what_was_deleted_brings_nothing_back(book):
    incoming = book.message(SECRET)
    received = book.receive(incoming)
    book.delete(incoming)

    book.edit(incoming, SECRET + "!")

    assert book.stored(received).body == ""
    assert book.ledger_row(received).outcome == "deleted"
    assert SECRET not in json.dumps(book.snapshot(), default=str)


def test_an_edit_keeps_new_and_quoted_text_separate(book):
    incoming = book.mail_message("one")
    received = book.receive(incoming)

    changed = replace(incoming, body="two\n> urgent", new_text="two")
    edited = database.work(lambda: corrections.edit(changed, now=book.hours(1), limits=book.limits))

    assert not edited.escalated
    assert (book.stored(received).body, book.stored(received).new_text) == ("two\n> urgent", "two")


# Deletions


def test_a_deletion_blanks_the_text_everywhere_and_keeps_the_row(book):
    incoming = book.message(f"urgent: {SECRET}", subject=SECRET)
    received = book.receive(incoming)
    book.edit(incoming, f"{SECRET}!")
    book.edit(incoming, f"{SECRET}!!")

    deleted = book.delete(incoming, book.minutes(9))

    message, row = book.stored(received), book.ledger_row(received)
    assert (deleted.outcome, deleted.case_id) == (Outcome.DELETED, received.case_id)
    assert (message.body, message.new_text, message.deleted_at) == ("", None, book.minutes(9))
    assert (row.outcome, row.case_id) == ("deleted", received.case_id)
    assert Message.select().count() == 1
    assert SECRET not in json.dumps({k: v for k, v in book.snapshot().items() if k != "Case"}, default=str)


def test_the_subject_that_a_deleted_message_gave_its_case_is_blanked_too(book):
    incoming = book.mail_message(subject=SECRET)
    received = book.receive(incoming)

    book.delete(incoming)

    assert book.case(received.case_id).subject == ""


def test_a_deletion_moves_no_count_and_no_time(book):
    incoming = book.message()
    received = book.receive(incoming)
    before = book.case(received.case_id)

    book.delete(incoming)

    case = book.case(received.case_id)
    assert (case.message_count, case.last_message_at) == (before.message_count, before.last_message_at)
    assert case.status == "open"


def test_deleting_twice_changes_nothing(book):
    incoming = book.message()
    book.receive(incoming)
    book.delete(incoming)
    before = book.snapshot()

    assert book.delete(incoming, book.hours(1)).known
    assert book.snapshot() == before


def test_a_deletion_before_its_message_keeps_the_message_out(book):
    incoming = book.message(SECRET)

    deleted = book.delete(incoming)
    late = book.receive(incoming)
    edited = book.edit(incoming, SECRET + "!")

    assert deleted.outcome is Outcome.DELETED
    assert (late.known, late.outcome, edited.outcome) == (True, Outcome.DELETED, Outcome.DELETED)
    assert book.ledger_row(deleted).reason == "deleted before it was seen"
    assert Case.select().count() == Message.select().count() == 0


def test_a_deleted_message_is_no_follow_up(book):
    incoming = book.message("by mistake")
    first = book.receive(incoming)
    book.delete(incoming)

    escalated = [book.customer(f"message {number}").escalated for number in range(4)]

    assert escalated == [False, False, False, True]
    assert first.case_id == "CASE-0001"


def test_a_customer_who_deleted_all_messages_does_not_wait(book):
    book.limits = replace(book.limits, quiet=False)
    first = book.customer()
    book.admin(under=first, at=book.minutes(2))
    incoming = book.message("by mistake", at=book.minutes(3))
    book.receive(incoming)

    book.delete(incoming)

    assert book.case(first.case_id).waiting_since is None


def test_a_deletion_of_what_was_ignored_keeps_its_reason(book):
    incoming = book.message("good morning", ANNA.user_id, standing=Standing.ADMIN)
    ignored = book.receive(incoming)

    book.delete(incoming)

    assert book.ledger_row(ignored).outcome == "deleted"
    assert "belongs to no case" in book.ledger_row(ignored).reason


def test_a_deletion_of_what_waits_leaves_no_text_behind(book):
    book.customer(sender=DORA.user_id)
    book.customer(sender=EMIL.user_id)
    incoming = book.message(SECRET, ANNA.user_id, standing=Standing.ADMIN)
    asked = book.receive(incoming)

    book.delete(incoming)

    assert database.work(lambda: ledger.waiting(asked.ledger_id)) is None
    assert book.ledger_row(asked).raw_bytes is None


# Posts


@pytest.mark.parametrize("change", ["edit", "delete"])
def test_the_copy_under_the_card_is_changed_too(book, change):
    book.customer()
    incoming = book.message("more")
    received = book.receive(incoming)
    book.say_all()

    book.edit(incoming, "less") if change == "edit" else book.delete(incoming)

    updates = {notice.kind: notice for notice in book.notices() if notice.state == "pending"}
    assert set(updates) == {"card", "copy"}
    assert updates["copy"].target == f"message:{book.stored(received).id}"
    assert all(claimed.items[0].post is not None for claimed in book.say_all())


def test_the_first_message_stands_on_the_card_alone(book):
    incoming = book.message()
    book.receive(incoming)
    book.say_all()

    book.edit(incoming, "something else")

    assert [notice.kind for notice in book.notices() if notice.state == "pending"] == ["card"]


def test_a_change_before_the_copy_is_posted_waits_for_it(book):
    book.customer()
    incoming = book.message("more")
    book.receive(incoming)

    book.edit(incoming, "less")
    kinds = [claimed.items[0].kind for claimed in book.say_all()]

    assert kinds.index(NoticeKind.COPY) > kinds.index(NoticeKind.THREAD) > kinds.index(NoticeKind.CARD)


def test_what_is_posted_after_a_deletion_shows_nothing_of_the_text(book):
    book.customer()
    incoming = book.message(SECRET)
    received = book.receive(incoming)
    book.delete(incoming)

    claimed = book.claim(notices.SUPPORT)
    shown = queries.messages([book.stored(received).id])

    assert claimed is not None
    assert [(view.text, view.body, view.deleted) for view in shown] == [("", "", True)]


# Order of arrival


def edit_of(book, incoming, text, minute):
    """An edit made at that minute, received an hour later."""
    edited = replace(incoming, body=text, new_text=text, edited_at=book.minutes(minute))
    return database.work(lambda: corrections.edit(edited, now=book.hours(1), limits=book.limits))


@pytest.mark.parametrize("arrival", list(itertools.permutations(range(4))))
def test_of_several_edits_the_one_that_was_made_last_counts_whichever_arrives_last(sqlite_book, arrival):
    book = sqlite_book
    incoming = book.message("one", at=book.minutes(1))
    steps = [
        lambda: book.receive(incoming, now=book.hours(1)),
        lambda: edit_of(book, incoming, "two", 2),
        lambda: edit_of(book, incoming, "one", 3),
        lambda: edit_of(book, incoming, "three", 4),
    ]

    for index in arrival:
        received = steps[index]()

    message = book.stored(received)
    assert (message.body, message.edited_at) == ("three", book.minutes(4))
    assert {row.body for row in Version.select()} == {"one", "two"}
    assert book.ledger_row(received).outcome == "edited"


def test_an_older_edit_that_arrives_last_makes_nothing_urgent(book):
    incoming = book.message("hm", at=book.minutes(1))
    received = book.receive(incoming, now=book.hours(1))
    edit_of(book, incoming, "no hurry", 4)

    late = edit_of(book, incoming, "urgent", 2)

    assert (late.known, late.escalated, book.stored(received).body) == (True, False, "no hurry")


def test_a_preview_of_a_link_that_arrives_after_an_edit_brings_no_old_words_back(book):
    incoming = book.message("see https://example.org", at=book.minutes(1))
    received = book.receive(incoming, now=book.hours(1))
    edit_of(book, incoming, "see https://example.com", 4)

    edit_of(book, incoming, "see https://example.org", 1)

    assert book.stored(received).body == "see https://example.com"


def test_words_from_before_an_edit_that_arrive_after_the_deletion_are_not_kept(book):
    incoming = book.message(SECRET, at=book.minutes(1))
    edit_of(book, incoming, "nothing", 2)
    book.delete(incoming, book.hours(1))

    book.receive(incoming, now=book.hours(1))
    edit_of(book, incoming, SECRET + "!", 3)

    assert SECRET not in json.dumps(book.snapshot(), default=str)


def test_a_name_that_becomes_known_is_no_edit(book):
    asked = book.message("@U0EMIL001 it does not work")
    received = book.receive(asked)
    book.say_all()
    text = "@Emil Exempel it does not work"
    named = replace(asked, body=text, new_text=text)

    done = [database.work(lambda: corrections.name_people(asked, named=named, now=book.hours(1))) for _ in range(2)]

    message = book.stored(received)
    assert done == [True, False]
    assert (message.body, message.new_text, message.edited_at) == (text, None, None)
    assert Version.select().count() == 0
    assert book.ledger_row(received).outcome == "message"
    assert [notice.kind for notice in book.notices() if notice.state == "pending"] == ["card"]


def test_a_name_is_not_put_where_something_else_stands_by_now(book):
    asked = book.message("@U0EMIL001 it does not work")
    received = book.receive(asked)
    book.edit(asked, "It works")
    text = "@Emil it does not work"
    name = {"named": replace(asked, body=text, new_text=text), "now": book.hours(1)}
    edited = database.work(lambda: corrections.name_people(asked, **name))
    book.delete(asked)
    deleted = database.work(lambda: corrections.name_people(asked, **name))

    assert (edited, deleted) == (False, False)
    assert book.stored(received).body == ""


def test_what_slack_calls_an_edit_is_none_where_only_a_name_was_not_known(book):
    asked = book.message("@Emil Exempel it does not work")
    received = book.receive(asked)
    preview = replace(asked, edited_at=asked.timestamp)

    book.edit(preview, "@U0EMIL001 it does not work")

    assert book.stored(received).body == "@Emil Exempel it does not work"
    assert Version.select().count() == 0
    assert book.ledger_row(received).outcome == "message"


def test_whom_somebody_mentions_instead_is_an_edit(book):
    asked = book.message("@U0EMIL001 it does not work")
    received = book.receive(asked)
    later = replace(asked, edited_at=asked.timestamp + timedelta(minutes=1))

    book.edit(later, "@here it does not work")

    assert book.stored(received).body == "@here it does not work"
    assert book.ledger_row(received).outcome == "edited"
