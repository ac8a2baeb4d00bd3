"""The read position of a folder, in UIDs of the server, as stored in the database."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True)
class Position:
    """Everything up to `uid` is stored, except the UIDs in `pending`, which are still to be read."""

    uid_validity: int
    uid: int
    since: date  # the day of the first start
    pending: tuple[int, ...] = ()  # sorted, none above `uid`

    @classmethod
    def parse(cls, kept: str) -> "Position":
        """Parse the result of `str`."""
        validity, uid, since, *pending = kept.split()
        return cls(int(validity), int(uid), date.fromisoformat(since), tuple(map(int, pending)))

    def __str__(self) -> str:
        return " ".join(map(str, (self.uid_validity, self.uid, self.since.isoformat(), *self.pending)))

    def taken(self, uids: Collection[int]) -> "Position":
        """The position after these mails have been stored."""
        left = tuple(each for each in self.pending if each not in uids)
        return replace(self, uid=max((self.uid, *uids)), pending=left)

    def postponing(self, uid: int, among: Collection[int]) -> "Position":
        """The position with this mail, and those of `among` before it, pending."""
        open_ = {each for each in among if each <= uid}
        return replace(self, uid=max(self.uid, uid), pending=tuple(sorted({*self.pending, *open_})))
