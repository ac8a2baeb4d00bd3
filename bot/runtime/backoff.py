"""Exponential backoff: how long to wait before another attempt, with jitter."""

import random

_RANDOM = random.SystemRandom()
_MAX_DOUBLINGS = 20  # keeps the power finite; every limit in use is reached before


def retry_delay(attempts: int, *, first: float, longest: float, jitter: tuple[float, float] = (0.8, 1.2)) -> float:
    """Seconds to wait after so many attempts: `first`, doubled for each further attempt, at most `longest`.

    The result is multiplied by a random factor between the two of `jitter`, so that processes do not retry together.
    """
    return min(longest, first * 2.0 ** min(attempts - 1, _MAX_DOUBLINGS)) * _RANDOM.uniform(*jitter)


class Backoff:
    """Counts attempts: delays double from `first` to `longest` seconds, each shortened at random by up to half."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._attempts = 0

    def next(self) -> float:
        """Seconds to wait now; the next delay is longer."""
        self._attempts += 1
        return retry_delay(self._attempts, first=self._first, longest=self._longest, jitter=(0.5, 1.0))

    def reset(self) -> None:
        """Start again with the shortest delay, after a success."""
        self._attempts = 0
