"""Handles mails that the server lists and does not deliver: they are fetched again later, and reported to the team."""

from collections.abc import Awaitable, Collection

import structlog

from bot.clock import Clock
from bot.desk import Desk
from bot.mail.imap.responses import Fetched, uid_set
from bot.mail.imap.session import MailServerError, Session
from bot.mail.imap.undeliverable import UndeliverableMails
from casebook import notices

_log = structlog.get_logger("casebook.mail")


class Undelivered:
    """Compares the mails that were requested with those that were delivered."""

    def __init__(self, undeliverable: UndeliverableMails, *, desk: Desk, clock: Clock) -> None:
        self._undeliverable = undeliverable
        self._desk = desk
        self._clock = clock

    async def asked(self, uids: Collection[int], answer: Awaitable[list[Fetched]]) -> list[Fetched]:
        """Await the server's response for these mails; if it fails, the failure counts for each of them."""
        try:
            return await answer
        except MailServerError:
            self._undeliverable.failed(uids)
            raise

    async def missing(self, session: Session, uids: Collection[int], came: Collection[Fetched]) -> set[int]:
        """The UIDs that the server lists and left out of its response; mails that it no longer lists were removed."""
        away = sorted({*uids} - {mail.uid for mail in came})
        missing = await session.listed(away) if away else set()
        if missing:
            self._undeliverable.left_out(missing, at=self._clock.monotonic())
            _log.warning("mail server did not deliver mails", mails=len(missing))
            await self._report_if_long(sorted(missing))
        return missing

    async def _report_if_long(self, uids: Collection[int]) -> None:
        """Report mails that are missing for long; they are not given up, since no other mail was delivered either."""
        if late := [uid for uid in uids if self._undeliverable.is_long_missed(uid)]:
            words = f"The mail server lists mail that it does not deliver (UID {uid_set(late)}); I go on asking for it."
            await self._desk.do(notices.log, words, now=self._clock.now())
            self._undeliverable.reported(late)


def undelivered_id(session: Session, uid: int) -> str:
    """The ID in the ledger of a mail that the server does not deliver."""
    return f"imap:{session.uid_validity}:{uid}"
