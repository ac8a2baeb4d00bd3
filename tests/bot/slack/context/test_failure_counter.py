"""An item is quarantined after failures at three different times, not after many failures at once."""

import pytest

from bot.slack.context.failure_counter import SECONDS_BETWEEN_TRIES, FailureCounter


def last_try(*times):
    """The first of these times at which the failure counts as the last try; None if there is none."""
    failure_counter = FailureCounter()
    return next((time for time in times if failure_counter.failed("message:1", at=time)), None)


@pytest.mark.parametrize(
    ("times", "when"),
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
def test_failures_close_together_count_once(times, when):
    assert SECONDS_BETWEEN_TRIES == 50
    assert last_try(*times) == when


def test_each_item_has_its_own_count():
    failure_counter = FailureCounter()

    assert not any(failure_counter.failed(f"message:{number}", at=number * 60) for number in range(20))


def test_counting_starts_again_after_the_last_try():
    failure_counter = FailureCounter()
    tries = [failure_counter.failed("message:1", at=number * 60) for number in range(6)]

    assert tries == [False, False, True] * 2
