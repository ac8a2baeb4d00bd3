"""Counts which mails the server fails to deliver, and whether it delivers others meanwhile."""

import math
from collections.abc import Collection, Iterator, Sequence

TRIES = 3
LONG = 9  # attempts, in about half an hour
AGAIN_AFTER = 5.0  # seconds; twice as long after each further attempt
_AGAIN_AT_LAST = 600.0


class UndeliverableMails:
    """Mails for which a request failed; each is requested alone then, after all others.

    A mail is hopeless after three attempts, if it failed again after another mail was delivered: a server that delivers
    nothing is unavailable, and no mail is the cause. A mail that is missing in a good response is requested again after
    `again_after` seconds, then after longer waits. Times are seconds of the monotonic clock.
    """

    def __init__(self, again_after: float = AGAIN_AFTER) -> None:
        self._again_after = again_after
        self._again_at: dict[int, float] = {}
        self._uid_validity = 0
        self._tries: dict[int, int] = {}
        self._others_came: set[int] = set()
        self._failed_beside_others: set[int] = set()
        self._reported: set[int] = set()

    def in_folder(self, uid_validity: int) -> None:
        """Set the folder's UIDVALIDITY; a new value voids the UIDs, and all counts are deleted."""
        if uid_validity != self._uid_validity:
            self._uid_validity = uid_validity
            self.settled(list(self._tries))

    def failed(self, uids: Collection[int]) -> None:
        """A request for these mails failed."""
        for uid in uids:
            self._tries[uid] = self._tries.get(uid, 0) + 1
        self._failed_beside_others.update(self._others_came.intersection(uids))

    def left_out(self, uids: Collection[int], *, at: float) -> None:
        """The server lists these mails, and its good response was without them."""
        self.failed(uids)
        for uid in uids:
            wait = self._again_after * 2.0 ** min(self._tries[uid] - 1, LONG)
            self._again_at[uid] = at + min(wait, _AGAIN_AT_LAST)

    def due(self, uids: Sequence[int], *, at: float) -> list[int]:
        """Those of these mails that may be requested now."""
        return [uid for uid in uids if self._again_at.get(uid, at) <= at]

    def only(self, uids: Collection[int]) -> None:
        """Forget all other mails."""
        self.settled([uid for uid in self._tries if uid not in set(uids)])

    def next_at(self) -> float:
        """When the first waiting mail may be requested again; infinity where none waits."""
        return min(self._again_at.values(), default=math.inf)

    def delivered(self, uids: Collection[int]) -> None:
        """These mails were delivered."""
        if uids:
            self.settled(uids)
            self._others_came.update(self._tries)

    def settled(self, uids: Collection[int]) -> None:
        """Forget these mails."""
        for uid in uids:
            self._tries.pop(uid, None)
            self._again_at.pop(uid, None)
        self._others_came.difference_update(uids)
        self._failed_beside_others.difference_update(uids)
        self._reported.difference_update(uids)

    def among(self, uids: Collection[int]) -> list[int]:
        """Those of these mails for which a request failed."""
        return [uid for uid in uids if uid in self._tries]

    def is_hopeless(self, uid: int) -> bool:
        """Whether to give the mail up."""
        return self._tries.get(uid, 0) >= TRIES and uid in self._failed_beside_others

    def is_long_missed(self, uid: int) -> bool:
        """Whether to report that the mail, like all others, is not delivered; false once it is `reported`."""
        return self._tries.get(uid, 0) >= LONG and uid not in self._reported and not self.is_hopeless(uid)

    def reported(self, uids: Collection[int]) -> None:
        """These mails were reported to the team."""
        self._reported.update(uids)

    def groups(self, uids: Sequence[int], most: int) -> Iterator[list[int]]:
        """The mails in order, in groups of `most`; failed ones last and alone, by their number of failures."""
        failed = sorted(self.among(uids), key=lambda uid: self._tries[uid])
        others = [uid for uid in uids if uid not in self._tries]
        for start in range(0, len(others), most):
            yield others[start : start + most]
        yield from ([uid] for uid in failed)
