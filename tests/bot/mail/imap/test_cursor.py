"""The read position of a folder: text form, stored and pending mails."""

from datetime import date

from bot.mail.imap.cursor import Position

POSITION = Position(uid_validity=42, uid=9, since=date(2026, 3, 3), pending=(3, 5))


def test_a_position_is_read_as_it_was_written():
    assert Position.parse(str(POSITION)) == POSITION


def test_taking_a_pending_mail_leaves_the_others():
    assert POSITION.taken((3,)) == Position(42, 9, date(2026, 3, 3), (5,))


def test_taking_a_new_mail_moves_the_position_and_leaves_pending_mails():
    assert POSITION.taken((11, 12)) == Position(42, 12, date(2026, 3, 3), (3, 5))


def test_a_postponed_mail_is_pending_with_the_unread_ones_before_it():
    assert POSITION.postponing(11, (3, 5, 10, 11, 12)) == Position(42, 11, date(2026, 3, 3), (3, 5, 10, 11))


def test_taking_nothing_moves_nothing():
    assert POSITION.taken(()) == POSITION
