"""The result of comparing a door (Slack or mail) with the ledger."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from casebook.errors import CasebookError
from casebook.outcomes import Outcome, Received

SETTLED = timedelta(seconds=60)  # the running bot may not have stored younger items yet


class Gap(StrEnum):
    """How the database differs from the door."""

    MISSING = "missing"  # in the door, and not in the database
    CHANGED = "changed"  # edited in the door; the database has the old text
    DELETED = "deleted there"  # the database still has its text


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One item that differs between the door and the database."""

    gap: Gap
    external_id: str  # its ID in the ledger
    place: str  # the channel's name, the folder
    received: Received | None = None  # the result of mending; None where nothing was done


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorReport:
    """The comparison of one door with the ledger."""

    door: str
    seen: int = 0  # items in the door, without the next two counts
    ours: int = 0  # posts of our own
    just_arrived: int = 0  # not in the database, and too young to count as missing
    stored: int = 0
    deleted: int = 0  # stored as deleted
    ignored: Mapping[str, int] = field(default_factory=dict)  # by reason, the most frequent first
    quarantined: int = 0
    differences: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()  # sentences on what could not be compared, and why
    error: str = ""  # why the comparison failed or stopped early
    permanent: bool = False  # whether the same error will come again

    def count(self, gap: Gap) -> int:
        """The number of differences of this kind."""
        return sum(difference.gap is gap for difference in self.differences)

    @property
    def agrees(self) -> bool:
        """Whether no difference is left."""
        return not self.error and all(difference.received for difference in self.differences)


class Tally:
    """Counts the items of a door."""

    def __init__(self, door: str) -> None:
        self.door = door
        self.ours = 0
        self.just_arrived = 0
        self.notes: list[str] = []
        self.unread = ""  # which part of the door could not be read, and why
        self.differences: list[Difference] = []
        self._outcomes: Counter[Outcome] = Counter()
        self._reasons: Counter[str] = Counter()

    def known(self, outcome: Outcome, reason: str) -> None:
        """Count an item that is in the ledger."""
        self._outcomes[outcome] += 1
        if outcome is Outcome.IGNORED:
            self._reasons[reason or "no reason was kept"] += 1

    def differs(self, difference: Difference) -> None:
        """Count an item that differs."""
        self.differences.append(difference)

    def report(self, error: CasebookError | None = None) -> DoorReport:
        """The report, with the error that ended the comparison if there was one."""
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
        """Compare everything, or what the last `days` brought; with `mend` missing items are stored.

        Raises DatabaseUnavailableError, and another CasebookError when the door does not answer.
        """
