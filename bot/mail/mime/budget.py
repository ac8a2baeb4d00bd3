"""Limit the work for one mail over all its parts: beyond the limits it is cut and marked as cut (design 3.10).

The reader of a mail opens one budget, and all functions it calls take from that. The budget counts work and reads no
clock, so that a mail is read the same way on every machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

PARTS = 200
HTML_LIMIT = 1_000_000  # characters of HTML; the parser takes forty times as much memory
SEARCH_LIMIT = 1_000_000  # characters of text that are searched for quotes
SEARCHED_LINES = 5_000


@dataclass(slots=True)
class Budget:
    """What remains of each limit for a mail; `exceeded` is set when a limit was reached."""

    parts: int = PARTS  # of one tree; each attached mail is a tree of its own
    parameters: int = 200_000  # characters after the first semicolon of Content-Type and the like
    detections: int = 20  # texts whose charset is guessed: 5 to 30 ms each
    html: int = HTML_LIMIT
    tags: int = 60_000_000  # open elements, summed over all tags: 4 ns each
    copies: int = 300_000  # formatting elements that the parser opens again: 1 us and 400 bytes each
    nodes: int = 100_000  # of HTML; a typical mail has a few hundred
    status: int = 100_000  # bytes of delivery status
    recipients: int = 100  # in delivery status
    searched: int = SEARCH_LIMIT  # for each search, not used up
    lines: int = SEARCHED_LINES  # likewise
    attributions: int = 5_000  # possible ends of "On ... wrote:": 0.2 ms each
    frugal: bool = False  # HTML is not parsed, its tags are only stripped
    exceeded: bool = False

    def take(self, what: str, amount: int = 1) -> int:
        """Take up to `amount` from the limit named `what`; returns how much was taken."""
        remaining: int = getattr(self, what)
        taken = min(amount, remaining)
        setattr(self, what, remaining - taken)
        self.exceeded = self.exceeded or taken < amount
        return taken


def frugal() -> Budget:
    """A small budget, for a mail that took too long with the usual one: headers, plain text and files."""
    return Budget(parts=50, detections=0, html=100_000, status=10_000, searched=20_000, lines=300, frugal=True)


_current: ContextVar[Budget] = ContextVar("budget")


@contextmanager
def mail_budget(budget: Budget | None = None) -> Iterator[Budget]:
    """Open the budget of a mail: the one already open, else `budget`, else the default."""
    outer = _current.get(None)
    if outer is not None:
        yield outer
        return
    token = _current.set(budget or Budget())
    try:
        yield _current.get()
    finally:
        _current.reset(token)


def budget() -> Budget:
    """The budget of the mail being read; a full one if none is open."""
    return _current.get(None) or Budget()


def searchable_text(text: str) -> str:
    """The beginning of a text that may be searched for quotes and forwarded mail."""
    remaining = budget()
    lines = text[: remaining.searched].split("\n", remaining.lines)
    return "\n".join(lines[: remaining.lines])
