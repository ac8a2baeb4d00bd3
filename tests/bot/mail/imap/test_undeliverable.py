"""When a mail that the server does not deliver is given up, and when the server itself is at fault."""

import math

from bot.mail.imap.undeliverable import LONG, TRIES, UndeliverableMails


def test_failed_mails_are_requested_last_and_alone_by_their_number_of_failures():
    undeliverable = UndeliverableMails()
    undeliverable.failed([2, 3])
    undeliverable.failed([2])

    assert list(undeliverable.groups([1, 2, 3, 4, 5, 6], 3)) == [[1, 4, 5], [6], [3], [2]]


def test_a_mail_is_hopeless_after_three_failures_while_others_are_delivered():
    undeliverable = UndeliverableMails()
    for _ in range(TRIES):
        undeliverable.failed([2])
    undeliverable.delivered([3])
    before = undeliverable.is_hopeless(2)

    undeliverable.failed([2])

    assert (before, undeliverable.is_hopeless(2)) == (False, True)


def test_a_server_that_delivers_nothing_makes_no_mail_hopeless():
    undeliverable = UndeliverableMails()
    undeliverable.delivered([1])
    for _ in range(100):
        undeliverable.failed([2, 3])

    assert not undeliverable.is_hopeless(2)


def test_a_mail_that_was_delivered_after_all_is_no_longer_failed():
    undeliverable = UndeliverableMails()
    undeliverable.failed([2])

    undeliverable.delivered([2])

    assert undeliverable.among([1, 2]) == []


def test_a_new_uidvalidity_deletes_all_failures():
    undeliverable = UndeliverableMails()
    undeliverable.in_folder(41)
    undeliverable.failed([2])
    undeliverable.in_folder(41)
    before = undeliverable.among([2])

    undeliverable.in_folder(42)

    assert (before, undeliverable.among([2])) == ([2], [])


def test_a_mail_missing_in_a_good_response_is_requested_after_growing_waits():
    undeliverable = UndeliverableMails(again_after=5)
    undeliverable.left_out([2], at=100)
    waits = [undeliverable.next_at()]
    for _ in range(2):
        undeliverable.left_out([2], at=waits[-1])
        waits.append(undeliverable.next_at())

    assert waits == [105, 115, 135]
    assert undeliverable.due([1, 2], at=134.9) == [1]
    assert undeliverable.due([1, 2], at=135) == [1, 2]


def test_the_longest_wait_is_ten_minutes():
    undeliverable = UndeliverableMails()
    for _ in range(2_000):
        undeliverable.left_out([2], at=0)

    assert undeliverable.next_at() == 600


def test_a_mail_that_is_missing_for_long_like_all_others_is_reported_once():
    undeliverable = UndeliverableMails()
    heard = []
    for tries in range(1, LONG + 6):
        undeliverable.left_out([2], at=0)
        heard.append(undeliverable.is_long_missed(2))
        if tries > LONG + 1:  # until then the database was unavailable
            undeliverable.reported([2])

    assert heard == [False] * (LONG - 1) + [True] * 3 + [False] * 3
    assert not undeliverable.is_hopeless(2)


def test_delivered_and_removed_mails_are_forgotten():
    undeliverable = UndeliverableMails()
    undeliverable.left_out([2, 3, 4], at=0)
    undeliverable.delivered([2])
    undeliverable.only([4, 5])
    before = undeliverable.next_at()

    undeliverable.settled([4])

    assert (before, undeliverable.next_at()) == (5, math.inf)
    assert undeliverable.among([2, 3, 4]) == []
