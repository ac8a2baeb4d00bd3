"""When a mail that the server does not deliver is given up, and when the server itself is at fault."""

import math

from bot.mail.imap.undeliverable import LONG, TRIES, UndeliverableMails


def test_failed_mails_are_requested_last_and_alone_by_their_number_of_failures():
    doubts = UndeliverableMails()
    doubts.failed([2, 3])
    doubts.failed([2])

    assert list(doubts.groups([1, 2, 3, 4, 5, 6], 3)) == [[1, 4, 5], [6], [3], [2]]


def test_a_mail_is_hopeless_after_three_failures_while_others_are_delivered():
    doubts = UndeliverableMails()
    for _ in range(TRIES):
        doubts.failed([2])
    doubts.delivered([3])
    before = doubts.is_hopeless(2)

    doubts.failed([2])

    assert (before, doubts.is_hopeless(2)) == (False, True)


def test_a_server_that_delivers_nothing_makes_no_mail_hopeless():
    doubts = UndeliverableMails()
    doubts.delivered([1])
    for _ in range(100):
        doubts.failed([2, 3])

    assert not doubts.is_hopeless(2)


def test_a_mail_that_was_delivered_after_all_is_no_longer_failed():
    doubts = UndeliverableMails()
    doubts.failed([2])

    doubts.delivered([2])

    assert doubts.among([1, 2]) == []


def test_a_new_uidvalidity_deletes_all_failures():
    doubts = UndeliverableMails()
    doubts.in_folder(41)
    doubts.failed([2])
    doubts.in_folder(41)
    before = doubts.among([2])

    doubts.in_folder(42)

    assert (before, doubts.among([2])) == ([2], [])


def test_a_mail_missing_in_a_good_response_is_requested_after_growing_waits():
    doubts = UndeliverableMails(again_after=5)
    doubts.left_out([2], at=100)
    waits = [doubts.next_at()]
    for _ in range(2):
        doubts.left_out([2], at=waits[-1])
        waits.append(doubts.next_at())

    assert waits == [105, 115, 135]
    assert doubts.due([1, 2], at=134.9) == [1]
    assert doubts.due([1, 2], at=135) == [1, 2]


def test_the_longest_wait_is_ten_minutes():
    doubts = UndeliverableMails()
    for _ in range(2_000):
        doubts.left_out([2], at=0)

    assert doubts.next_at() == 600


def test_a_mail_that_is_missing_for_long_like_all_others_is_reported_once():
    doubts = UndeliverableMails()
    heard = []
    for tries in range(1, LONG + 6):
        doubts.left_out([2], at=0)
        heard.append(doubts.is_long_missed(2))
        if tries > LONG + 1:  # until then the database was unavailable
            doubts.reported([2])

    assert heard == [False] * (LONG - 1) + [True] * 3 + [False] * 3
    assert not doubts.is_hopeless(2)


def test_delivered_and_removed_mails_are_forgotten():
    doubts = UndeliverableMails()
    doubts.left_out([2, 3, 4], at=0)
    doubts.delivered([2])
    doubts.only([4, 5])
    before = doubts.next_at()

    doubts.settled([4])

    assert (before, doubts.next_at()) == (5, math.inf)
    assert doubts.among([2, 3, 4]) == []
