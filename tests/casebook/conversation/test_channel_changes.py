"""A channel gets another ID: its messages, threads, posts, notices and positions move to the new one."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from casebook import database, ledger, notices, queries
from casebook.admin import inspection, reconciliation
from casebook.conversation import channel_changes
from casebook.incoming import Standing
from casebook.intake import pending
from casebook.models import Case, Early, LedgerRow, Message, Notice, Participant, Post, Thread
from casebook.records import cursors
from casebook.rules import Limits
from fixtures.cast import ANNA, DORA, EMIL, HOME_TEAM, SHARED, SUPPORT

OLD, NEW, NEWEST = SHARED.channel_id, "C0NEWID01", "C0NEWID02"
LONG_AGO = "1700000000.000001"


def follow(book, old=OLD, new=NEW, now=None, words=""):
    now = now or book.hours(1)
    return database.work(lambda: channel_changes.follow(HOME_TEAM, old, new, now=now, limits=book.limits, words=words))


def keep(book, **values):
    doors = {f"slack:{HOME_TEAM}:{channel}": value for channel, value in values.items()}
    database.work(lambda: cursors.keep(doors, now=book.noon))


def moved(message, old=OLD, new=NEW):
    """The same message as history shows it under the other ID."""
    changes = {name: getattr(message, name).replace(old, new) for name in ("external_id", "place")}
    changes["conversation"] = tuple(each.replace(old, new) for each in message.conversation)
    return replace(message, **changes)


def everywhere(book):
    """The whole content of the database, as text."""
    return str({name: rows for name, rows in book.snapshot().items() if name != "ChannelChange"})


def fill(book):
    """Store one of everything that refers to the channel."""
    asked = book.message("The export is broken")
    opened = book.receive(asked)
    book.say_all()
    book.answer(opened.case_id, place=SUPPORT.channel_id)
    for customer in (f"A0PORTAL/{OLD}", f"USLACKBOT/{OLD}/wendy@example.org"):
        book.customer("A form was filled in", customer)
        book.customer("An app writes in somebody's thread", customer, under=opened)
        held = book.message("to be added to a case", customer)
        database.work(lambda held=held: pending.hold(held, now=held.timestamp))
    early = book.message("In a thread whose beginning comes later", EMIL.user_id, standing=Standing.ADMIN)
    root = f"{early.timestamp.timestamp() - 60:.6f}"
    book.receive(replace(early, thread=root, conversation=(f"{HOME_TEAM}:{OLD}:{root}",)))
    in_old_thread = book.message("Somebody's thread from before our time", EMIL.user_id)
    book.receive(replace(in_old_thread, thread=LONG_AGO, conversation=(f"{HOME_TEAM}:{OLD}:{LONG_AGO}",)))
    book.receive(book.message("Which of the two?", ANNA.user_id, standing=Standing.ADMIN))
    database.work(lambda: ledger.ignore("slack", f"{HOME_TEAM}:{OLD}:1800000000.5", reason="a join", now=book.noon))
    database.work(lambda: notices.put_private(OLD, DORA.user_id, "for you", now=book.noon))
    keep(book, **{OLD: "20.0"})
    return asked, opened


def test_the_old_id_is_not_stored_anywhere_any_more(book):
    fill(book)
    before = {table: table.select().count() for table in (Message, LedgerRow, Early, Post, Notice, Thread)}
    assert all(before.values())

    assert follow(book)

    assert OLD not in everywhere(book)
    assert before == {table: table.select().count() for table in before}


def test_messages_in_the_history_under_the_new_id_are_known(book):
    asked, opened = fill(book)
    follow(book)

    again = book.receive(moved(asked))
    known = database.work(lambda: reconciliation.known("slack", [moved(asked).external_id]))

    assert (again.known, again.case_id) == (True, opened.case_id)
    assert set(known) == {moved(asked).external_id}


def test_a_thread_still_finds_its_case_and_the_answer_goes_to_the_new_channel(book):
    opened = book.receive(book.message("The export is broken"))
    book.say_all()
    follow(book)

    reply = book.receive(book.message("Also in the thread", EMIL.user_id, under=opened))
    book.answer(opened.case_id)

    assert reply.case_id == opened.case_id
    assert [notice.lane for notice in book.notices("answer")] == [NEW]


def test_a_waiting_message_is_placed_with_its_new_id(book):
    for person in (DORA, EMIL):
        book.customer("Help", person.user_id)
    waits = book.receive(book.message("Which of the two?", ANNA.user_id, standing=Standing.ADMIN))
    assert waits.candidates
    follow(book)

    book.place(waits.ledger_id, waits.candidates[0])

    message = book.stored(waits)
    assert (message.place, message.external_id.split(":")[1]) == (NEW, NEW)


def test_an_early_reply_follows_its_thread_under_the_new_id(book):
    root = book.message("The beginning")
    reply = book.message("An answer that overtook it", ANNA.user_id, standing=Standing.ADMIN)
    book.receive(replace(reply, thread=root.thread, conversation=(root.external_id,)))
    follow(book)

    opened = book.receive(moved(root))

    assert [row.body for row in Message.select().order_by(Message.timestamp)] == [root.body, reply.body]
    assert {row.case_id for row in Message.select()} == {opened.case_id}
    assert database.work(lambda: pending.settle_early(now=book.hours(1), limits=book.limits)) == 0


def test_a_card_in_a_staff_channel_is_found_and_kept_up_to_date(book):
    opened = book.customer()
    book.say_all()
    card = book.card_of(opened.case_id)
    follow(book, SUPPORT.channel_id, NEW)

    note = book.note(place=NEW, thread=card, conversation=(f"{HOME_TEAM}:{NEW}:{card}",))

    assert note.case_id == opened.case_id
    assert database.work(lambda: queries.post_of(f"card:{opened.case_id}")) == (NEW, card)
    assert [row.lane for row in book.notices("card")] == [notices.SUPPORT]


def test_other_channels_whose_ids_begin_alike_stay(book):
    longer = f"{OLD}X"
    book.receive(book.message("elsewhere", place=longer))
    keep(book, **{longer: "1.0"})
    before = everywhere(book)

    follow(book)

    assert everywhere(book) == before


def test_the_same_change_may_be_reported_any_number_of_times(book):
    fill(book)
    told = [follow(book, words="the ID has changed") for _ in range(3)]

    assert told == [True, False, False]
    assert len([row for row in book.notices("log") if "the ID has changed" in row.payload]) == 1


def test_changes_that_follow_each_other_lead_to_the_last_whatever_comes_late(book):
    asked, _ = fill(book)
    follow(book, OLD, NEW)
    follow(book, NEW, NEWEST)
    follow(book, OLD, NEW)

    assert database.work(channel_changes.known) == {OLD: NEWEST, NEW: NEWEST}
    assert book.receive(moved(asked, new=NEWEST)).known


def test_a_channel_can_get_its_old_id_back(book):
    follow(book, OLD, NEW)
    follow(book, NEW, OLD)

    assert database.work(channel_changes.known) == {NEW: OLD}


def test_messages_stored_under_the_old_id_meanwhile_move_later(book):
    follow(book)
    late = book.message("taken in by a process that had not heard of it")
    book.receive(late)

    known = database.work(lambda: channel_changes.settle(HOME_TEAM, now=book.hours(1), limits=book.limits))

    assert known == {OLD: NEW}
    assert book.receive(moved(late)).known


def test_a_message_stored_under_both_ids_stays_and_nothing_fails(book):
    first = book.message("twice")
    book.receive(first)
    book.receive(moved(first))

    assert follow(book)

    assert Message.select().count() == 2
    assert book.receive(moved(first)).known


APPS = pytest.mark.parametrize("name", ["A0PORTAL/{}", "USLACKBOT/{}/wendy@example.org"])


@APPS
def test_a_case_of_an_app_in_the_channel_goes_on_under_the_new_id(book, name):
    opened = book.customer("A form was filled in", name.format(OLD))
    other = book.customer("elsewhere", name.format(f"{OLD}X"))
    closed = book.customer("of long ago", name.format(f"{OLD}Y"))
    book.close(closed.case_id)
    follow(book)

    again = book.customer("Another one", name.format(NEW), place=NEW)

    assert again.case_id == opened.case_id
    assert book.case(opened.case_id).customer_identifier == name.format(NEW)
    assert book.case(other.case_id).customer_identifier == name.format(f"{OLD}X")
    assert Participant.select().count() == 0


def test_an_address_that_ends_like_a_channel_stays(book):
    address = f"a@b/{OLD}"
    opened = book.mail(sender=address)
    follow(book)

    assert book.case(opened.case_id).customer_identifier == address


@APPS
def test_the_cases_of_an_app_under_both_ids_become_the_older_one(book, name):
    older = book.customer("before the change", name.format(OLD))
    younger = book.customer("before we heard of it", name.format(NEW), place=NEW)
    for _ in range(2):
        follow(book)
    again = book.customer("after", name.format(NEW), place=NEW)

    assert again.case_id == older.case_id
    assert [(row.case_id, row.status, row.moved_to) for row in Case.select().order_by(Case.number)] == [
        (older.case_id, "open", None),
        (younger.case_id, "closed", older.case_id),
    ]
    assert {(row.sender, row.case_id) for row in Message.select()} == {(name.format(NEW), older.case_id)}
    assert Participant.select().count() == 0


@APPS
def test_while_an_answer_is_pending_the_other_case_is_moved_into_its_case(book, name):
    older = book.customer("before the change", name.format(OLD))
    younger = book.customer("before we heard of it", name.format(NEW), place=NEW)
    book.say_all()
    book.answer(younger.case_id)
    follow(book)

    assert [(row.case_id, row.moved_to) for row in Case.select().where(Case.status == "open")] == [
        (younger.case_id, None)
    ]
    assert book.case(older.case_id).moved_to == younger.case_id


@APPS
def test_while_answers_are_pending_in_both_the_cases_are_joined_later(book, name):
    for each in (OLD, NEW):
        opened = book.customer("a form", name.format(each), place=each)
        book.say_all()
        book.answer(opened.case_id)
    assert follow(book)
    assert Case.select().where(Case.status == "open").count() == 2
    Notice.update(state="sent").where(Notice.kind == "answer").execute()

    database.work(lambda: channel_changes.settle(HOME_TEAM, now=book.hours(1), limits=book.limits))

    assert [row.customer_identifier for row in Case.select().where(Case.status == "open")] == [name.format(NEW)]


@pytest.mark.parametrize(("there", "expected"), [(None, "20.0"), ("15.0", "15.0"), ("30.0", "20.0")])
def test_the_position_is_the_earlier_of_the_two(book, there, expected):
    keep(book, **{OLD: "20.0"} | ({NEW: there} if there else {}))

    follow(book)

    assert database.work(lambda: cursors.below(f"slack:{HOME_TEAM}:")) == {NEW: expected}
    assert database.work(lambda: cursors.beginnings(f"slack:{HOME_TEAM}:")) == {NEW: expected}


def test_before_the_book_is_opened_its_changes_are_seen_and_nothing_is_made(tmp_path):
    path = tmp_path / "book.db"
    url = f"sqlite:///{path}"
    missing = inspection.channel_changes(url)
    there = path.exists()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE cases (case_id)")
    older = inspection.channel_changes(url)

    assert (missing, there, older) == ({}, False, {})
    assert list(tmp_path.iterdir()) == [path]


def test_before_the_book_is_opened_its_changes_are_seen_on_both_databases(database_url):
    with database.opened(database_url):
        database.work(
            lambda: channel_changes.follow(HOME_TEAM, OLD, NEW, now=datetime(2026, 3, 2, tzinfo=UTC), limits=Limits())
        )

    assert inspection.channel_changes(database_url) == {OLD: NEW}
