"""Items that fail again and again: counted, so that the third failure puts one aside and the others go on."""

from collections import OrderedDict

MOST_TRIES = 3
_REMEMBERED = 1000


class Poison:
    """How often each item has failed in this process for a reason that lies in nobody else."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, int] = OrderedDict()

    def failed(self, name: str) -> bool:
        """Count a failure of this item; whether it was the last try."""
        count = self._failures.pop(name, 0) + 1
        if count >= MOST_TRIES:
            return True
        self._failures[name] = count
        if len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)
        return False
