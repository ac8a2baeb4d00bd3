"""Counts failures of each item, so that one that keeps failing is quarantined and does not block the others."""

from collections import OrderedDict

MAX_TRIES = 3
# A failure that lasts for less time is more often caused by something other than the item. Slack sends an event again
# at once, after one minute and after five, and reading back tries every few seconds: both give three counted tries.
SECONDS_BETWEEN_TRIES = 50.0
_MAX_ITEMS = 1000


class FailureCounter:
    """How often each item failed in this process for a reason of its own, not for an outage."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def failed(self, name: str, *, at: float) -> bool:
        """Count a failure of this item, and return whether it was the last try; `at` is in monotonic seconds.

        A failure within SECONDS_BETWEEN_TRIES of a counted one is not counted.
        """
        count, since = self._failures.pop(name, (0, at - SECONDS_BETWEEN_TRIES))
        if at - since >= SECONDS_BETWEEN_TRIES:
            count, since = count + 1, at
        if count >= MAX_TRIES:
            return True
        self._failures[name] = count, since
        if len(self._failures) > _MAX_ITEMS:
            self._failures.popitem(last=False)
        return False
