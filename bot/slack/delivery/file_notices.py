"""What all notices about files have in common: the timeout, the claim that they hold, and their errors."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.slack.context.context import SlackContext
from casebook import notices
from casebook.errors import CasebookError
from casebook.outcomes import Claimed

SECONDS = 300  # for the transfer of one file
FILE_LEASE = timedelta(seconds=SECONDS + 60)  # how long the claim lasts while one file is transferred


class FileTransferError(CasebookError):
    """A file cannot be stored or uploaded at the moment; it is tried again."""


class ClaimExpiredError(Exception):
    """The claim expired, and another process may have the notice."""


class HeldClaim:
    """The claim of a notice about files, extended while its files are transferred."""

    def __init__(self, context: SlackContext, claimed: Claimed) -> None:
        self._context = context
        self.claimed = claimed

    async def extend(self) -> None:
        """Extend the claim for the transfer of the next file; raises ClaimExpiredError."""
        await self._renew(self.claimed.items[0].payload, FILE_LEASE)

    async def remember(self, payload: Mapping[str, Any]) -> None:
        """Store what a later attempt must know; raises ClaimExpiredError."""
        await self._renew(payload, notices.LEASE)

    async def _renew(self, payload: Mapping[str, Any], lease: timedelta) -> None:
        until = self._context.clock.now() + lease
        renewed = await self._context.desk.do(notices.save_payload, self.claimed, payload, until=until)
        if renewed is None:
            raise ClaimExpiredError
        self.claimed = renewed
