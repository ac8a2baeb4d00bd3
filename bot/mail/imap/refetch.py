"""Mails that the server lists and does not deliver: each is asked for again later, and the team hears of it."""

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
    """Looks at what was asked for and at what came."""

    def __init__(self, doubts: UndeliverableMails, *, desk: Desk, clock: Clock) -> None:
        self._doubts = doubts
        self._desk = desk
        self._clock = clock

    async def asked(self, uids: Collection[int], answer: Awaitable[list[Fetched]]) -> list[Fetched]:
        """What the server says of these mails; when it fails, each of them is in doubt."""
        try:
            return await answer
        except MailServerError:
            self._doubts.failed(uids)
            raise

    async def missing(self, session: Session, uids: Collection[int], came: Collection[Fetched]) -> set[int]:
        """Those that the server lists and left out of a good answer; what it lists no more, somebody removed."""
        away = sorted({*uids} - {mail.uid for mail in came})
        missing = await session.listed(away) if away else set()
        if missing:
            self._doubts.left_out(missing, at=self._clock.monotonic())
            _log.warning("the mail server leaves mails out", mails=len(missing))
            await self._tell_if_long(sorted(missing))
        return missing

    async def _tell_if_long(self, uids: Collection[int]) -> None:
        """Nothing else came either, so no mail is given up: the team hears once that it waits."""
        if told := [uid for uid in uids if self._doubts.is_long_missed(uid)]:
            words = f"The mail server lists mail that it does not deliver (UID {uid_set(told)}); I go on asking for it."
            await self._desk.do(notices.log, words, now=self._clock.now())
            self._doubts.told(told)


def undelivered_id(session: Session, uid: int) -> str:
    """The name in the ledger of a mail that the server does not deliver."""
    return f"imap:{session.uid_validity}:{uid}"
