"""Takes in mail that an operator hands over, in the same way as mail from the inbox."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from bot.desk import Desk
from bot.files.store import Store
from bot.mail.incoming import mail_rules
from bot.mail.storing import store_mail, why_not_stored
from bot.mail.worker.job import Unread, read_on_a_thread
from bot.settings import Settings
from casebook.admin import quarantine
from casebook.incoming import Incoming
from casebook.outcomes import Outcome, Received
from casebook.views import Quarantined

MOST_BYTES = 30_000_000  # of one mail; longer mail is cut, as in the inbox


class ManualIntake:
    """Reads and stores mails under the bot's settings; makes the folder for files where there is none."""

    def __init__(self, settings: Settings, desk: Desk) -> None:
        self.desk = desk
        self._folder = settings.imap_folder
        self._rules = mail_rules(settings)
        self._limits = settings.limits
        self._store = Store(settings.attachments) if settings.attachments else None
        if self._store is not None:
            self._store.open()

    async def take_in(self, raw: bytes, *, now: datetime) -> Received:
        """Take in one mail as received now; raises DatabaseUnavailableError, every other fault ends in quarantine."""
        kept, cut = raw[:MOST_BYTES], len(raw) > MOST_BYTES
        found = await self._read(kept, now, whole=not cut)
        return await store_mail(self.desk, kept, found, cut=cut, now=now, limits=self._limits)

    async def take_again(self, item: Quarantined, raw: bytes, *, now: datetime) -> Received:
        """Read a mail in quarantine again, as received when it came; it stays there if it still cannot be read."""
        found = await self._read(raw, item.received_at)
        if isinstance(found, Incoming):
            again = quarantine.receive_again
            try:
                return await self.desk.do(again, item.ledger_id, found, now=now, limits=self._limits)
            except Exception as error:  # noqa: BLE001 (why_not_stored raises it again where it must)
                found = why_not_stored(error)
        await self.desk.do(quarantine.still_unreadable, item.ledger_id, found)
        return Received(ledger_id=item.ledger_id, outcome=Outcome.QUARANTINED, reason=found)

    async def _read(self, raw: bytes, received_at: datetime, *, whole: bool = True) -> Incoming | str:
        mail = Unread(
            raw=raw,
            received_at=received_at,
            folder=self._folder,
            rules=self._rules,
            store=self._store,
            whole=whole,
        )
        return (await read_on_a_thread(mail)).found


@asynccontextmanager
async def manual_intake(settings: Settings) -> AsyncIterator[ManualIntake]:
    """A manual intake with a desk of its own, which is closed at the end of the block."""
    desk = Desk(settings.database_url.reveal())
    try:
        yield ManualIntake(settings, desk)
    finally:
        await desk.close()
