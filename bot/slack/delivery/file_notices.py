"""What the notices about files have in common."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.slack.context.context import SlackContext
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


class LostClaimError(Exception):
    """The claim ran out, and somebody else may have the notice."""


class Hand:
    """A claimed notice about files, held for as long as what is done with them takes."""

    def __init__(self, context: SlackContext, claimed: Claimed) -> None:
        self._context = context
        self.claimed = claimed

    async def hold(self) -> None:
        """Keep it for as long as its next file may take, which is longer than any post; raises LostClaimError."""
        await self._keep(self.claimed.items[0].payload, HELD)

    async def remember(self, payload: Mapping[str, Any]) -> None:
        """Keep what a later try must know of this one; raises LostClaimError."""
        await self._keep(payload, notices.LEASE)

    async def _keep(self, payload: Mapping[str, Any], lasting: timedelta) -> None:
        until = self._context.clock.now() + lasting
        kept = await self._context.desk.do(notices.remember, self.claimed, payload, until=until)
        if kept is None:
            raise LostClaimError
        self.claimed = kept
