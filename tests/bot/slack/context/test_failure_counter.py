"""An item is put aside when it has failed at three different times, and not because one moment was bad."""

import pytest

from bot.slack.context.failure_counter import SECONDS_BETWEEN_TRIES, FailureCounter


def put_aside(*moments):
    """At which of these moments the item is put aside; None: at none of them."""
    failure_counter = FailureCounter()
    return next((moment for moment in moments if failure_counter.failed("message:1", at=moment)), None)


@pytest.mark.parametrize(
    ("moments", "when"),
    [
        ([0, 0.01, 0.05], None),
        ([each / 10 for each in range(500)], None),
        ([0, 1, 60, 300], 300),  # as Slack sends an event again
        (range(0, 200, 8), 112),  # as reading back tries again
        ([0, 49, 50, 99, 100], 100),
        ([0, 5000, 90_000], 90_000),
        ([-1000, -900, -800], -800),
    ],
)
def test_tries_of_one_moment_are_one_try(moments, when):
    assert SECONDS_BETWEEN_TRIES == 50
    assert put_aside(*moments) == when


def test_each_item_has_its_own_count():
    failure_counter = FailureCounter()

    assert not any(failure_counter.failed(f"message:{number}", at=number * 60) for number in range(20))


def test_who_was_put_aside_begins_anew():
    failure_counter = FailureCounter()
    tries = [failure_counter.failed("message:1", at=number * 60) for number in range(6)]

    assert tries == [False, False, True] * 2
