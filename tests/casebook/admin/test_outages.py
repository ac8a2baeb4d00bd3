"""When a door was last open, and the one line after an absence."""

from datetime import UTC, datetime, timedelta

import pytest

from casebook import database
from casebook.admin import outages

DOOR = "slack:alive"


def alive(book, minutes):
    at = book.minutes(minutes)
    database.work(lambda: outages.mark_alive(DOOR, at=at, now=at))


def last_alive():
    return database.work(lambda: outages.last_alive(DOOR))


def came_back(book, since, until, caught_up=0, **changes):
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
def test_an_absence_in_words(since, until, caught_up, words):
    assert outages.describe(since, until, caught_up) == words


def test_times_are_utc_and_never_run_backwards():
    there = at(2, 10).astimezone(tz=None)

    assert outages.describe(there, at(2, 5), 1) == "I was away from 02:10:00 to 02:10:00 and have caught up 1 message"


def test_a_door_that_was_never_open_was_never_away(book):
    assert last_alive() is None
    assert not came_back(book, 0, 10, caught_up=3)
    assert book.notices("log") == []


def test_an_absence_is_told_once_and_the_door_is_open_from_its_end_on(book):
    alive(book, 0)

    told = [came_back(book, 0, 21, caught_up=14), came_back(book, 0, 21, caught_up=14)]

    assert told == [True, False]
    assert len(book.notices("log")) == 1
    assert last_alive() == book.minutes(21)


def test_of_two_processes_that_come_back_together_one_tells(book):
    alive(book, 0)

    told = book.at_once(
        *[lambda: outages.end(DOOR, since=book.minutes(0), until=book.minutes(21), caught_up=2, now=book.minutes(21))]
        * 2
    )

    assert sorted(told) == [False, True]
    assert len(book.notices("log")) == 1


def test_who_was_away_while_another_process_listened_says_nothing(book):
    alive(book, 0)
    alive(book, 20)

    assert not came_back(book, 0, 21, caught_up=1)
    assert book.notices("log") == []


def test_a_short_absence_moves_the_mark_without_a_word(book):
    alive(book, 0)

    assert came_back(book, 0, 1, silent=True)
    assert book.notices("log") == []
    assert last_alive() == book.minutes(1)


def test_the_mark_never_goes_back(book):
    alive(book, 10)

    came_back(book, 10, 5)

    assert last_alive() == book.minutes(10)


def test_others_may_listen_where_several_processes_may_run(book):
    several = database.work(database.is_postgresql)

    assert database.work(outages.others_may_listen) is several
    assert outages.describe(at(1, 0), at(1, 0) + timedelta(hours=1), 0).endswith("missed nothing")
