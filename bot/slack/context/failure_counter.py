"""Items that fail again and again: counted, so that the third failure puts one aside and the others go on."""

from collections import OrderedDict

MOST_TRIES = 3
# What lasts for less is somebody else's trouble more often than the item's. Slack sends an event again at once, after
# one minute and after five, and reading back tries every few seconds: each way three tries lie so far apart.
APART_SECONDS = 50.0
_REMEMBERED = 1000


class FailureCounter:
    """How often each item has failed in this process for a reason that lies in nobody else."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def failed(self, name: str, *, at: float) -> bool:
        """Count a failure of this item; whether it was the last try. `at`: seconds by a clock that never runs back.

        What fails again within APART_SECONDS of a try that was counted is the same try.
        """
        count, since = self._failures.pop(name, (0, at - APART_SECONDS))
        if at - since >= APART_SECONDS:
            count, since = count + 1, at
        if count >= MOST_TRIES:
            return True
        self._failures[name] = count, since
        if len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)
        return False
