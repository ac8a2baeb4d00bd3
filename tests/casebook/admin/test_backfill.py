"""What reading back on Slack asks the book."""

from datetime import timedelta

from casebook import database
from casebook.admin import backfill
from casebook.admin.backfill import Kept
from fixtures.cast import HOME_TEAM, SHARED, SUPPORT


def known(*external_ids, source="slack"):
    return database.work(lambda: backfill.known_ids(source, external_ids))


def threads(now):
    return database.work(lambda: backfill.threads(now=now))


def kept(after="0", before="9999999999", channel=SHARED):
    return database.work(lambda: backfill.kept(HOME_TEAM, channel.channel_id, after=after, before=before))


def how_many(after="0", before="9999999999", channel=SHARED):
    return database.work(lambda: backfill.how_many(HOME_TEAM, channel.channel_id, after=after, before=before))


def test_the_known_are_told_from_the_unknown_many_at_once(book):
    first, second = book.message(), book.message()
    book.receive(first)
    book.receive(second)
    others = [f"T0:C0:{number}" for number in range(1200)]

    assert known(first.external_id, *others, second.external_id) == {first.external_id, second.external_id}
    assert known(first.external_id, source="email") == frozenset()
    assert known() == frozenset()


def test_replies_are_looked_for_under_every_message_of_an_open_case_and_under_its_card(book):
    first = book.message()
    received = book.receive(first)
    book.say_all()
    reply = book.message(under=received)
    book.receive(reply)

    found = threads(book.hours(1))

    assert found == {SHARED.channel_id: (first.thread,), SUPPORT.channel_id: (book.card_of(received.case_id),)}


def test_a_case_that_was_closed_is_looked_at_for_seven_days_more(book):
    received = book.customer()
    book.close(received.case_id, now=book.noon)

    assert SHARED.channel_id in threads(book.noon + timedelta(days=6, hours=23))
    assert threads(book.noon + timedelta(days=7, seconds=1)) == {}


def test_mail_has_no_threads_on_slack_but_its_card_has(book):
    received = book.mail()
    book.say_all()

    assert threads(book.hours(1)) == {SUPPORT.channel_id: (book.card_of(received.case_id),)}


def test_what_ought_to_stand_in_a_channel_is_what_was_stored_there_and_not_deleted(book):
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


def test_how_much_stands_in_a_channel_is_about_what_the_book_knows_of_it(book):
    messages = [book.message() for _ in range(5)]
    for message in messages:
        book.receive(message)
    book.say_all()

    assert how_many() == 5
    assert how_many(after=messages[1].thread) == 3
    assert how_many(channel=SUPPORT) >= 1


def test_a_long_ledger_is_not_read_through(plans):
    known_plans = plans(lambda: backfill.known_ids("slack", ["T0:C0:1", "T0:C0:2"]))
    counted = plans(lambda: backfill.how_many("T0", "C0", after="1", before="2"))
    stored = plans(lambda: backfill.kept("T0", "C0", after="1", before="2"))

    threads_plans = plans(lambda: backfill.threads_of(["CASE-0001", "CASE-0002"]))

    for plan in (*known_plans.values(), *counted.values(), *stored.values(), *threads_plans.values()):
        assert "SCAN ledger" not in plan
        assert "SCAN messages" not in plan
        assert "(source=?)" not in plan
