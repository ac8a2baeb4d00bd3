"""Which mails the server fails to deliver, how often, and whether it delivers others meanwhile."""

import math
from collections.abc import Collection, Iterator, Sequence

TRIES = 3
LONG = 9  # tries, in about half an hour
AGAIN_AFTER = 5.0  # seconds; twice as long after each further try
_AGAIN_AT_LAST = 600.0


class UndeliverableMails:
    """Mails that were asked for when the server failed; each is asked for alone then, after all others.

    One is hopeless after three tries, if it failed again after another was delivered: a server that delivers nothing
    is away, and no mail's fault. What the server leaves out of a good answer is asked for again after a while, so many
    seconds (`again_after`) at first; moments are by the monotonic clock.
    """

    def __init__(self, again_after: float = AGAIN_AFTER) -> None:
        self._again_after = again_after
        self._again_at: dict[int, float] = {}
        self._uid_validity = 0
        self._tries: dict[int, int] = {}
        self._others_came: set[int] = set()
        self._failed_beside_others: set[int] = set()
        self._told: set[int] = set()

    def in_folder(self, uid_validity: int) -> None:
        """The folder that is read; when it was built anew, other mails have these numbers, and nothing is in doubt."""
        if uid_validity != self._uid_validity:
            self._uid_validity = uid_validity
            self.settled(list(self._tries))

    def failed(self, uids: Collection[int]) -> None:
        """The server failed when it was asked for these together."""
        for uid in uids:
            self._tries[uid] = self._tries.get(uid, 0) + 1
        self._failed_beside_others.update(self._others_came.intersection(uids))

    def left_out(self, uids: Collection[int], *, at: float) -> None:
        """The server was asked for these and gave a good answer without them, though it lists them."""
        self.failed(uids)
        for uid in uids:
            wait = self._again_after * 2.0 ** min(self._tries[uid] - 1, LONG)
            self._again_at[uid] = at + min(wait, _AGAIN_AT_LAST)

    def due(self, uids: Sequence[int], *, at: float) -> list[int]:
        """Those of these mails that may be asked for now."""
        return [uid for uid in uids if self._again_at.get(uid, at) <= at]

    def only(self, uids: Collection[int]) -> None:
        """No others wait for being asked for."""
        self.settled([uid for uid in self._tries if uid not in set(uids)])

    def next_at(self) -> float:
        """When the first of those that wait may be asked for again; infinity where none waits."""
        return min(self._again_at.values(), default=math.inf)

    def delivered(self, uids: Collection[int]) -> None:
        """These came."""
        if uids:
            self.settled(uids)
            self._others_came.update(self._tries)

    def settled(self, uids: Collection[int]) -> None:
        """Nobody asks for these any more."""
        for uid in uids:
            self._tries.pop(uid, None)
            self._again_at.pop(uid, None)
        self._others_came.difference_update(uids)
        self._failed_beside_others.difference_update(uids)
        self._told.difference_update(uids)

    def among(self, uids: Collection[int]) -> list[int]:
        """Those of these mails that are in doubt."""
        return [uid for uid in uids if uid in self._tries]

    def is_hopeless(self, uid: int) -> bool:
        """Whether it is not worth another try."""
        return self._tries.get(uid, 0) >= TRIES and uid in self._failed_beside_others

    def is_long_missed(self, uid: int) -> bool:
        """Whether somebody should hear, until they are `told`, that it does not come and nothing else did either."""
        return self._tries.get(uid, 0) >= LONG and uid not in self._told and not self.is_hopeless(uid)

    def told(self, uids: Collection[int]) -> None:
        """Somebody has heard of these."""
        self._told.update(uids)

    def groups(self, uids: Sequence[int], most: int) -> Iterator[list[int]]:
        """The mails in order, so many at a time; those in doubt come last and alone, the most doubtful at the end."""
        doubtful = sorted(self.among(uids), key=lambda uid: self._tries[uid])
        sure = [uid for uid in uids if uid not in self._tries]
        for start in range(0, len(sure), most):
            yield sure[start : start + most]
        yield from ([uid] for uid in doubtful)
