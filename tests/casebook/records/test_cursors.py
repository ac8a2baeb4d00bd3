"""Read positions and beginnings of doors."""

from casebook import database, ledger
from casebook.records import cursors


def keep(book, **values):
    named = {f"slack:T0:{channel}": ts for channel, ts in values.items()}
    database.work(lambda: cursors.keep(named, now=book.noon))


def below(prefix="slack:T0:"):
    return database.work(lambda: cursors.below(prefix))


def beginnings():
    return database.work(lambda: cursors.beginnings("slack:T0:"))


def test_many_positions_are_kept_at_once_and_the_first_of_each_stays_its_beginning(book):
    keep(book, C1="10.0", C2="20.0")
    keep(book, C2="25.0", C3="30.0")

    assert below() == {"C1": "10.0", "C2": "25.0", "C3": "30.0"}
    assert beginnings() == {"C1": "10.0", "C2": "20.0", "C3": "30.0"}


def test_hundreds_are_kept_as_well(book):
    keep(book, **{f"C{number}": f"{number}.0" for number in range(450)})

    assert len(below()) == 450


def test_other_doors_are_left_alone(book):
    database.work(lambda: ledger.keep_position("slack:alive", "2026-03-02", now=book.noon))
    keep(book, C1="10.0")

    assert below() == {"C1": "10.0"}
    assert database.work(lambda: ledger.position("slack:alive")) == "2026-03-02"


def test_a_door_that_was_deleted_begins_anew(book):
    keep(book, C1="10.0", C2="20.0")
    database.work(lambda: cursors.forget("slack:T0:C1"))
    keep(book, C1="99.0")

    assert beginnings() == {"C1": "99.0", "C2": "20.0"}
