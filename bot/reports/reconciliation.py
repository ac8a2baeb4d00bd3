"""What a door holds, set against the ledger: the one shape in which both doors tell it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from casebook.errors import CasebookError
from casebook.outcomes import Outcome, Received

SETTLED = timedelta(seconds=60)  # what is younger may be in the running bot's hands


class Gap(StrEnum):
    """How the book differs from what stands outside."""

    MISSING = "missing"  # there, and not in the book
    CHANGED = "changed"  # edited there, and the book has the words of before
    DELETED = "deleted there"  # the book has its words still


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One item of which the book does not know what its door knows."""

    gap: Gap
    external_id: str  # as the ledger names it
    place: str  # the channel's name, the folder
    received: Received | None = None  # what became of it; None: nothing was done


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorReport:
    """One door against the ledger."""

    door: str
    seen: int = 0  # items that the door holds, without the next two
    ours: int = 0  # posts of our own, which are no items that reached us
    just_arrived: int = 0  # too young to be missed, and not in the book yet
    stored: int = 0
    deleted: int = 0  # the book knows that they were deleted
    ignored: Mapping[str, int] = field(default_factory=dict)  # by reason, the most frequent first
    quarantined: int = 0
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()  # what could not be compared, and why, in sentences
    error: str = ""  # why the door was not compared, or not to its end
    permanent: bool = False  # whether the same error will come again

    def count(self, gap: Gap) -> int:
        """How many differences of this kind there are."""
        return sum(difference.gap is gap for difference in self.differences)

    @property
    def agrees(self) -> bool:
        """Whether nothing is left to be mended."""
        return not self.error and all(difference.received for difference in self.differences)


class Tally:
    """Counts what a door holds, item by item."""

    def __init__(self, door: str) -> None:
        self.door = door
        self.ours = 0
        self.just_arrived = 0
        self.notes: list[str] = []
        self.unread = ""  # what of the door could not be read, and why
        self.differences: list[Difference] = []
        self._outcomes: Counter[Outcome] = Counter()
        self._reasons: Counter[str] = Counter()

    def known(self, outcome: Outcome, reason: str) -> None:
        """An item that has its row."""
        self._outcomes[outcome] += 1
        if outcome is Outcome.IGNORED:
            self._reasons[reason or "no reason was kept"] += 1

    def differs(self, difference: Difference) -> None:
        """An item of which the book knows nothing, or not the latest."""
        self.differences.append(difference)

    def report(self, error: CasebookError | None = None) -> DoorReport:
        """All that was counted, until the error if there was one."""
        missing = sum(difference.gap is Gap.MISSING for difference in self.differences)
        return DoorReport(
            door=self.door,
            seen=sum(self._outcomes.values()) + missing,
            ours=self.ours,
            just_arrived=self.just_arrived,
            stored=self._outcomes[Outcome.MESSAGE] + self._outcomes[Outcome.EDITED],
            deleted=self._outcomes[Outcome.DELETED],
            ignored=dict(self._reasons.most_common()),
            quarantined=self._outcomes[Outcome.QUARANTINED],
            differences=tuple(self.differences),
            notes=tuple(self.notes),
            error=str(error or self.unread),
            permanent=error is not None and error.permanent,
        )


class Comparison(Protocol):
    """The comparison of one door."""

    tally: Tally

    async def run(self, *, mend: bool, days: int | None) -> DoorReport:
        """Compare everything, or what the last `days` brought; with `mend` what is missing is taken in.

        Raises DatabaseUnavailableError, and another CasebookError when the door does not answer.
        """
