"""What may still be spent on one mail, over all of its parts together: beyond that it is cut, and marked (design 3.10).

Whoever reads a mail opens the budget once; what works for it, however deep, takes from that one. Work is counted and
no clock is read, so that the same mail is read the same way on every machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

PARTS = 200
LOOKED_AT = 1_000_000  # characters of HTML; the parser takes forty times as much memory
SEARCHED = 1_000_000  # characters of text in which quotes are looked for
SEARCHED_LINES = 5_000


@dataclass(slots=True)
class Budget:
    """What is left for a mail; `exceeded` once something was asked for that was not there any more."""

    parts: int = PARTS  # of one tree; also each mail within the mail is such a tree
    parameters: int = 200_000  # characters after the first semicolon of Content-Type and the like
    detections: int = 20  # texts whose charset is guessed: 5 to 30 ms each
    html: int = LOOKED_AT
    tags: int = 60_000_000  # open elements, added up over all tags: 4 ns each
    copies: int = 300_000  # elements that the parser opens again by itself: 1 us and 400 bytes each
    nodes: int = 100_000  # of HTML, that are looked at; a typical mail has a few hundred
    status: int = 100_000  # bytes of delivery status
    recipients: int = 100  # in them
    searched: int = SEARCHED  # each time
    lines: int = SEARCHED_LINES
    attributions: int = 5_000  # places that may be the end of "On ... wrote:": 0.2 ms each
    frugal: bool = False  # no HTML is parsed: its tags are only left out
    exceeded: bool = False

    def take(self, what: str, amount: int = 1) -> int:
        """Take as much of this as there is, up to the amount, and return how much it was."""
        left: int = getattr(self, what)
        taken = min(amount, left)
        setattr(self, what, left - taken)
        self.exceeded = self.exceeded or taken < amount
        return taken


def frugal() -> Budget:
    """For a mail that was too much with the usual one: its head, its plain text and its files."""
    return Budget(parts=50, detections=0, html=100_000, status=10_000, searched=20_000, lines=300, frugal=True)


_of_this_mail: ContextVar[Budget] = ContextVar("budget")


@contextmanager
def one_mail(budget: Budget | None = None) -> Iterator[Budget]:
    """The budget of the mail that is read already, else this one, else the usual one."""
    outer = _of_this_mail.get(None)
    if outer is not None:
        yield outer
        return
    token = _of_this_mail.set(budget or Budget())
    try:
        yield _of_this_mail.get()
    finally:
        _of_this_mail.reset(token)


def budget() -> Budget:
    """What is left for the mail that is read; where none is, the whole."""
    return _of_this_mail.get(None) or Budget()


def searched(text: str) -> str:
    """The beginning of a text, as far as quotes and other mails are looked for in it."""
    left = budget()
    lines = text[: left.searched].split("\n", left.lines)
    return "\n".join(lines[: left.lines])
