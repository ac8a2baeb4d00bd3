"""A mail that cannot be read: kept as it came, in a row of its own, and told of once."""

from datetime import datetime

import structlog

from bot.desk import Desk
from bot.mail.incoming import external_id
from bot.mail.not_taken import why_not_taken
from casebook import ledger
from casebook.incoming import Source
from casebook.outcomes import Received

_log = structlog.get_logger("casebook.mail")


async def keep_unreadable(desk: Desk, raw: bytes, reason: str, *, now: datetime, name: str = "") -> Received:
    """Keep a mail in quarantine; without its bytes where even these cannot be kept, since others wait.

    `name` is its ID in the ledger where its bytes do not tell it from others.
    """

    async def keep(raw_kept: bytes, why: str) -> Received:
        return await desk.do(
            ledger.quarantine,
            source=Source.EMAIL,
            external_id=name or external_id(raw, None),
            raw=raw_kept,
            reason=why,
            now=now,
        )

    try:
        return await keep(raw, reason)
    except Exception as error:  # noqa: BLE001 (sorted by the function)
        why_not_taken(error)
        _log.warning("quarantine refused by the book", error=type(error).__name__)
        return await keep(b"", f"{reason} Its bytes could not be kept either.")
