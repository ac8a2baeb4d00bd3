"""When a door was last open, and the one line after an outage."""

from datetime import UTC, datetime, timedelta

import pytest

from casebook import database
from casebook.admin import outages

DOOR = "slack:alive"


def mark_alive(book, minutes):
    at = book.minutes(minutes)
    database.work(lambda: outages.mark_alive(DOOR, at=at, now=at))


def last_alive():
    return database.work(lambda: outages.last_alive(DOOR))


def end(book, since, until, caught_up=0, **changes):
    given = {"since": book.minutes(since), "until": book.minutes(until), "now": book.minutes(until)} | changes
    return database.work(lambda: outages.end(DOOR, caught_up=caught_up, **given))


def at(hour, minute, second=0, day=2):
    return datetime(2026, 3, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "caught_up", "words"),
    [
        (at(2, 10), at(2, 31), 14, "I was away from 02:10 to 02:31 and have caught up 14 messages"),
        (at(2, 10), at(2, 31), 1, "I was away from 02:10 to 02:31 and have caught up 1 message"),
        (at(2, 10), at(2, 31), 0, "I was away from 02:10 to 02:31 and missed nothing"),
        (at(2, 10), at(2, 31), 1234, "I was away from 02:10 to 02:31 and have caught up 1,234 messages"),
        (at(2, 10, 5), at(2, 10, 40), 2, "I was away from 02:10:05 to 02:10:40 and have caught up 2 messages"),
        (
            at(23, 50),
            at(0, 10, day=3),
            2,
            "I was away from 2026-03-02 23:50 to 2026-03-03 00:10 and have caught up 2 messages",
        ),
    ],
)
def test_an_outage_is_described_with_its_times_and_what_was_missed(since, until, caught_up, words):
    assert outages.describe(since, until, caught_up) == words


def test_described_times_are_utc_and_never_run_backwards():
    there = at(2, 10).astimezone(tz=None)

    assert outages.describe(there, at(2, 5), 1) == "I was away from 02:10:00 to 02:10:00 and have caught up 1 message"


def test_a_door_that_was_never_open_had_no_outage(book):
    assert last_alive() is None
    assert not end(book, 0, 10, caught_up=3)
    assert book.notices("log") == []


def test_an_outage_is_reported_once_and_the_door_is_open_from_its_end_on(book):
    mark_alive(book, 0)

    reported = [end(book, 0, 21, caught_up=14), end(book, 0, 21, caught_up=14)]

    assert reported == [True, False]
    assert len(book.notices("log")) == 1
    assert last_alive() == book.minutes(21)


def test_one_of_two_processes_that_end_an_outage_at_once_reports_it(book):
    mark_alive(book, 0)

    reported = book.at_once(
        *[lambda: outages.end(DOOR, since=book.minutes(0), until=book.minutes(21), caught_up=2, now=book.minutes(21))]
        * 2
    )

    assert sorted(reported) == [False, True]
    assert len(book.notices("log")) == 1


def test_an_outage_of_one_process_is_not_reported_while_another_listens(book):
    mark_alive(book, 0)
    mark_alive(book, 20)

    assert not end(book, 0, 21, caught_up=1)
    assert book.notices("log") == []


def test_a_silent_outage_moves_the_mark_without_a_report(book):
    mark_alive(book, 0)

    assert end(book, 0, 1, silent=True)
    assert book.notices("log") == []
    assert last_alive() == book.minutes(1)


def test_the_mark_never_moves_back(book):
    mark_alive(book, 10)

    end(book, 10, 5)

    assert last_alive() == book.minutes(10)


def test_other_processes_may_listen_only_on_postgresql(book):
    several = database.work(database.is_postgresql)

    assert database.work(outages.others_may_listen) is several
    assert outages.describe(at(1, 0), at(1, 0) + timedelta(hours=1), 0).endswith("missed nothing")
