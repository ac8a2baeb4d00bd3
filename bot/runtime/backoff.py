"""How long to wait before trying again: longer each time, and never all at once."""

import random

_CHANCE = random.SystemRandom()


class Backoff:
    """Waiting times that double from `first` to `longest` seconds, each shortened by up to a half by chance."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    def next(self) -> float:
        """Seconds to wait now; the next wait will be longer."""
        seconds = self._next
        self._next = min(self._next * 2, self._longest)
        return seconds * _CHANCE.uniform(0.5, 1.0)

    def reset(self) -> None:
        """It has worked: begin with the shortest again."""
        self._next = self._first
