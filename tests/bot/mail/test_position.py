"""How far a folder has been read survives being written down."""

from datetime import date

from bot.mail.position import Position

POSITION = Position(uid_validity=42, uid=9, since=date(2026, 3, 3), pending=(3, 5))


def test_a_position_is_read_as_it_was_written():
    assert Position.parse(str(POSITION)) == POSITION


def test_taking_a_pending_mail_leaves_the_later_ones():
    assert POSITION.after(3) == Position(42, 9, date(2026, 3, 3), (5,))


def test_taking_a_new_mail_moves_the_position():
    assert POSITION.after(12) == Position(42, 12, date(2026, 3, 3))
