"""What the notices about files have in common."""

from datetime import timedelta

from casebook.errors import CasebookError
from casebook.outcomes import Claimed

HELD = timedelta(minutes=15)  # how long nobody else takes a notice whose bytes are under way


class FileTroubleError(CasebookError):
    """A file cannot be kept or sent on for now; it is tried again."""


def message_of(claimed: Claimed) -> int:
    """The message whose files a notice is about."""
    return int(claimed.items[0].target.partition(":")[2])
