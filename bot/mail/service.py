"""Builds and stops the mail parts: the inbox, read by one process at a time, and the sender, in every process."""

from collections.abc import Callable

from bot.clock import Clock
from bot.desk import Desk
from bot.files.store import Store
from bot.mail.imap.account import imap_account
from bot.mail.imap.fetcher import Reader
from bot.mail.imap.login_backoff import LoginBackoff
from bot.mail.inbox import STOP_WITHIN, Inbox
from bot.mail.incoming import mail_rules
from bot.mail.sender import Sender
from bot.mail.smtp.compose import SenderIdentity
from bot.mail.smtp.connection import smtp_account
from bot.mail.worker.job import ReadMail
from bot.mail.worker.process import ParserProcess
from bot.runtime.leader import LeaderTask
from bot.runtime.progress import Progress
from bot.runtime.tempo import Tempo
from bot.settings import Settings
from bot.status import Status
from casebook.admin import advisory_locks

FINISH_SECONDS = 3.0  # for the mail that is being sent when we stop


class MailSide:
    """Reads and sends mail; `leader_task` is None where no inbox is set up."""

    def __init__(
        self,
        settings: Settings,
        *,
        desk: Desk,
        clock: Clock,
        status: Status,
        count: Callable[[str, str], None],
        store: Store | None,
        progress: Progress,
        on_news: Callable[[], None],
        tempo: Tempo | None = None,
        read: ReadMail | None = None,
    ) -> None:
        self._settings = settings
        self._desk = desk
        self._clock = clock
        self._status = status
        self._count = count
        self._store = store
        self._progress = progress
        self._on_news = on_news
        self._logins = LoginBackoff(clock)
        self._parser = ParserProcess()
        self._read = read or self._parser.read
        self.sender = Sender(
            smtp_account(settings),
            SenderIdentity(sender=settings.smtp_from, inbox=settings.imap_email, further=settings.our_addresses),
            desk=desk,
            clock=clock,
            limits=settings.limits,
            part=status.email_sender,
            on_said=on_news,
            store=store,
            tempo=tempo,
        )
        self.leader_task = self._leader_task() if settings.mail_door else None

    def _leader_task(self) -> LeaderTask:
        url, door = self._settings.database_url.reveal(), imap_account(self._settings).door
        # One lock per inbox: two bots with two inboxes in one database do not wait for each other.
        part = self._status.email_listener
        return LeaderTask("inbox", self._inbox, lock=lambda: advisory_locks.lock(url, door), part=part)

    def _inbox(self) -> Inbox:
        account, part = imap_account(self._settings), self._status.email_listener
        reader = Reader(
            account,
            mail_rules(self._settings),
            desk=self._desk,
            clock=self._clock,
            limits=self._settings.limits,
            part=part,
            on_stored=self._on_news,
            count=self._count,
            progress=self._progress,
            store=self._store,
            read=self._read,
        )
        return Inbox(account, reader, part=part, logins=self._logins)

    def tell_what_is_off(self) -> None:
        """Set the status of the parts that are not set up."""
        if self.leader_task is None:
            self._status.email_listener.off()
        if not self._settings.limits.can_mail:
            self._status.email_sender.off()

    async def stop_reading(self) -> None:
        """Finish the current mail and log out."""
        try:
            if self.leader_task is not None:
                await self.leader_task.stop(STOP_WITHIN)
        finally:
            await self._parser.end()

    async def stop_sending(self) -> None:
        """Finish the mail that is being sent; the others stay in the outbox."""
        await self.sender.stop(FINISH_SECONDS)
