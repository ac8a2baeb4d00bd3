"""Queries for catching up on Slack."""

from datetime import timedelta

from casebook import database
from casebook.admin import backfill, reconciliation
from casebook.admin.backfill import Kept
from fixtures.cast import HOME_TEAM, SHARED, SUPPORT


def threads(now):
    return database.work(lambda: backfill.threads_of(backfill.cases_to_read(now=now)))


def kept(after="0", before="9999999999", channel=SHARED):
    return database.work(lambda: backfill.kept(HOME_TEAM, channel.channel_id, after=after, before=before))


def how_many(after="0", before="9999999999", channel=SHARED):
    return database.work(lambda: backfill.how_many(HOME_TEAM, channel.channel_id, after=after, before=before))


def test_an_open_case_has_a_thread_under_each_of_its_messages_and_under_its_card(book):
    first = book.message()
    received = book.receive(first)
    book.say_all()
    reply = book.message(under=received)
    book.receive(reply)

    found = threads(book.hours(1))

    assert found == {SHARED.channel_id: {first.thread}, SUPPORT.channel_id: {book.card_of(received.case_id)}}


def test_the_threads_of_a_closed_case_are_read_for_seven_more_days(book):
    received = book.customer()
    book.close(received.case_id, now=book.noon)

    assert SHARED.channel_id in threads(book.noon + timedelta(days=6, hours=23))
    assert threads(book.noon + timedelta(days=7, seconds=1)) == {}


def test_a_case_from_email_has_only_the_thread_under_its_card(book):
    received = book.mail()
    book.say_all()

    assert threads(book.hours(1)) == {SUPPORT.channel_id: {book.card_of(received.case_id)}}


def test_slack_should_still_have_every_message_that_is_stored_and_not_deleted(book):
    first, second, gone, elsewhere = (book.message() for _ in range(4))
    elsewhere = book.message(place="C0OTHER01")
    received = book.receive(first)
    reply = book.message(under=received)
    for message in (second, gone, elsewhere, reply):
        book.receive(message)
    book.delete(gone)

    assert kept() == (
        Kept(first.thread, first.thread),
        Kept(second.thread, second.thread),
        Kept(ts_of(reply), first.thread),
    )
    assert kept(after=first.thread, before=ts_of(reply)) == (Kept(second.thread, second.thread),)


def ts_of(message):
    return message.external_id.rpartition(":")[2]


def test_the_number_of_messages_in_a_channel_is_estimated_from_the_database(book):
    messages = [book.message() for _ in range(5)]
    for message in messages:
        book.receive(message)
    book.say_all()

    assert how_many() == 5
    assert how_many(after=messages[1].thread) == 3
    assert how_many(channel=SUPPORT) >= 1


def test_no_query_scans_the_ledger_or_the_messages(plans):
    known_plans = plans(lambda: reconciliation.known("slack", ["T0:C0:1", "T0:C0:2"]))
    counted = plans(lambda: backfill.how_many("T0", "C0", after="1", before="2"))
    stored = plans(lambda: backfill.kept("T0", "C0", after="1", before="2"))
    threads_plans = plans(lambda: backfill.threads_of(["CASE-0001", "CASE-0002"]))

    for plan in (*known_plans.values(), *counted.values(), *stored.values(), *threads_plans.values()):
        assert "SCAN ledger" not in plan
        assert "SCAN messages" not in plan
        assert "(source=?)" not in plan
