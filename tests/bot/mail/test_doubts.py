"""When a mail that the server does not deliver is given up, and when the server is what fails."""

from bot.mail.doubts import TRIES, Doubts


def test_mails_in_doubt_are_asked_for_last_and_alone_and_the_most_doubtful_at_the_end():
    doubts = Doubts()
    doubts.failed([2, 3])
    doubts.failed([2])

    assert list(doubts.groups([1, 2, 3, 4, 5, 6], 3)) == [[1, 4, 5], [6], [3], [2]]


def test_a_mail_is_hopeless_after_three_tries_when_it_fails_while_others_come():
    doubts = Doubts()
    for _ in range(TRIES):
        doubts.failed([2])
    doubts.delivered([3])
    before = doubts.is_hopeless(2)

    doubts.failed([2])

    assert (before, doubts.is_hopeless(2)) == (False, True)


def test_a_server_that_delivers_nothing_makes_no_mail_hopeless():
    doubts = Doubts()
    doubts.delivered([1])
    for _ in range(100):
        doubts.failed([2, 3])

    assert not doubts.is_hopeless(2)


def test_a_mail_that_came_after_all_is_not_in_doubt_any_more():
    doubts = Doubts()
    doubts.failed([2])

    doubts.delivered([2])

    assert doubts.among([1, 2]) == []


def test_in_a_folder_that_was_built_anew_nothing_is_in_doubt():
    doubts = Doubts()
    doubts.in_folder(41)
    doubts.failed([2])
    doubts.in_folder(41)
    before = doubts.among([2])

    doubts.in_folder(42)

    assert (before, doubts.among([2])) == ([2], [])
