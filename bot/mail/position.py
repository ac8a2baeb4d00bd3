"""How far a folder has been read, in the server's numbers, as the book keeps it between starts."""

from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True)
class Position:
    """Everything up to `uid` has been taken, except what is `pending` from a first start or a rebuilt folder."""

    uid_validity: int
    uid: int
    since: date  # the day of the first start
    pending: tuple[int, ...] = ()  # in order, none above `uid`

    @classmethod
    def parse(cls, kept: str) -> "Position":
        """What `str` wrote."""
        validity, uid, since, *pending = kept.split()
        return cls(int(validity), int(uid), date.fromisoformat(since), tuple(map(int, pending)))

    def __str__(self) -> str:
        return " ".join(map(str, (self.uid_validity, self.uid, self.since.isoformat(), *self.pending)))

    def after(self, uid: int) -> "Position":
        """The position when this mail, and all that come before it, have been taken."""
        left = tuple(each for each in self.pending if each > uid)
        return replace(self, uid=max(self.uid, uid), pending=left)
