"""What the notices about files have in common."""

from datetime import timedelta

from bot.slack.office import Office
from casebook import notices
from casebook.errors import CasebookError
from casebook.outcomes import Claimed

SECONDS = 300  # that the bytes of one file may take, either way
HELD = timedelta(seconds=SECONDS + 60)  # how long nobody else takes a notice while one of its files is under way


class FileTroubleError(CasebookError):
    """A file cannot be kept or sent on for now; it is tried again."""


def message_of(claimed: Claimed) -> int:
    """The message whose files a notice is about."""
    return int(claimed.items[0].target.partition(":")[2])


async def hold(office: Office, claimed: Claimed) -> None:
    """Keep a notice in hand for as long as its next file may take, which is longer than any post."""
    until = office.clock.now() + HELD
    await office.desk.do(notices.remember, claimed, claimed.items[0].payload, until=until)
