"""One conversation that is read back, and what was found there."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelScan:
    """One conversation that is to be read."""

    channel: str
    since: str  # the ts up to which the book knows everything
    is_direct: bool = False
    is_new: bool = False  # it was never read: what stands before the bot's coming is none of ours
    is_staff: bool = False  # of the channel itself nothing is read, only certain threads
    roots: tuple[str, ...] = ()  # the threads that belong to cases


@dataclass(slots=True)
class Found:
    """What was found: events in the order in which they happened, each with its ts."""

    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    since: str = ""  # everything up to this ts was known before
    upto: str = ""  # everything up to this ts was read
    bound: str = ""  # it was too much at once: what is younger than this waits for the next round
    calls: int = 0  # about how many calls it took
    doubtful: int = 0  # messages that seem to be gone, which is not believed
