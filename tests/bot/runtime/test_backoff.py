"""Delays grow to their limit, and start again after a success."""

from bot.runtime.backoff import Backoff


def test_each_wait_is_at_most_twice_the_one_before_up_to_the_longest():
    backoff = Backoff(1.0, 4.0)

    waits = [backoff.next() for _ in range(5)]

    assert all(limit / 2 <= wait <= limit for wait, limit in zip(waits, [1, 2, 4, 4, 4], strict=True))


def test_after_a_reset_the_first_wait_is_short_again():
    backoff = Backoff(1.0, 60.0)
    for _ in range(5):
        backoff.next()

    backoff.reset()

    assert backoff.next() <= 1.0
