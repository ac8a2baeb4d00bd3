"""Stores one mail in the database: as a message, or as its bytes in quarantine."""

from dataclasses import replace
from datetime import datetime

import structlog

from bot.desk import Desk
from bot.mail.incoming import external_id
from casebook import cases, ledger
from casebook.errors import CasebookError
from casebook.incoming import Incoming, Source
from casebook.outcomes import Received
from casebook.rules import Limits

_log = structlog.get_logger("casebook.mail")


async def store_mail(
    desk: Desk, raw: bytes, found: Incoming | str, *, cut: bool, now: datetime, limits: Limits
) -> Received:
    """Store the message in a mail, or quarantine the mail: `found` says why it cannot be read, or storing it failed.

    `cut` is true where `raw` is only the beginning of the mail. Raises DatabaseUnavailableError.
    """
    if isinstance(found, Incoming):
        incoming = replace(found, cut=found.cut or cut)
        try:
            return await desk.do(cases.receive, incoming, now=now, limits=limits)
        except Exception as error:  # noqa: BLE001 (why_not_stored raises it again where it must)
            found = why_not_stored(error)
            _log.warning("mail not stored", error=type(error).__name__)
    return await quarantine_mail(desk, raw, found, now=now)


async def quarantine_mail(desk: Desk, raw: bytes, reason: str, *, now: datetime, name: str = "") -> Received:
    """Quarantine a mail; without its bytes where the database refuses these, so that later mails are not held up.

    `name` is its ID in the ledger where its bytes do not identify it. Raises DatabaseUnavailableError.
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
    except Exception as error:  # noqa: BLE001 (why_not_stored raises it again where it must)
        why_not_stored(error)
        _log.warning("mail not quarantined with its bytes", error=type(error).__name__)
        return await keep(b"", f"{reason} Its bytes could not be kept either.")


def why_not_stored(error: Exception) -> str:
    """Why the database refuses a mail; a temporary error, such as DatabaseUnavailableError, is raised again.

    One mail that cannot be stored must not hold up later ones. If the fault is the database's after all, storing the
    mail in quarantine fails too.
    """
    if isinstance(error, CasebookError) and not error.permanent:
        raise error
    return f"The book cannot take it ({type(error).__name__})."
