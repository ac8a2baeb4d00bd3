"""Takes what is new in a folder into the book: stored first, then the position, then the mark on the server."""

import asyncio
from collections.abc import Callable

import structlog

from bot.clock import Clock
from bot.desk import Desk
from bot.files.store import Store
from bot.mail.imap.account import ImapAccount
from bot.mail.imap.batches import BATCH, batches
from bot.mail.imap.cursor import Position
from bot.mail.imap.outage import InboxOutage
from bot.mail.imap.overrun import Suspects
from bot.mail.imap.refetch import Undelivered, undelivered_id
from bot.mail.imap.responses import Fetched
from bot.mail.imap.session import Session
from bot.mail.imap.start import waiting_there, where_to_begin
from bot.mail.imap.undeliverable import AGAIN_AFTER, UndeliverableMails
from bot.mail.incoming import MailRules
from bot.mail.storing import quarantine_mail, store_mail
from bot.mail.worker.job import ReadMail, ReadResult, Unread, read_on_a_thread
from bot.runtime.progress import OnStep, Progress
from bot.status import Part
from casebook import ledger, notices
from casebook.incoming import Source
from casebook.outcomes import Received
from casebook.rules import Limits

_log = structlog.get_logger("casebook.mail")


class Reader:
    """Reads one folder; what it has taken is known to the book, not to the server."""

    def __init__(
        self,
        account: ImapAccount,
        rules: MailRules,
        *,
        desk: Desk,
        clock: Clock,
        limits: Limits,
        part: Part,
        on_stored: Callable[[], None],
        count: Callable[[str, str], None],
        progress: Progress,
        store: Store | None = None,
        read: ReadMail | None = None,
        again_after: float = AGAIN_AFTER,
    ) -> None:
        self._account = account
        self._rules = rules
        self._desk = desk
        self._clock = clock
        self._limits = limits
        self._part = part
        self._on_stored = on_stored
        self._count = count
        self._progress = progress
        self._store_of_files = store
        self._suspects = Suspects(read or read_on_a_thread)
        self._doubts = UndeliverableMails(again_after)
        self._undelivered = Undelivered(self._doubts, desk=desk, clock=clock)
        self._kept: Position | None = None
        self.outage = InboxOutage(account.door, desk=desk, clock=clock)

    async def read_new(self, session: Session, stop: asyncio.Event) -> bool:
        """Take in every mail that is new, or was left out before; whether that has changed anything.

        Database and server errors are raised; what was stored stays stored.
        """
        before = position = await self._position(session)
        self._doubts.in_folder(session.uid_validity)
        self._suspects.in_folder(session.uid_validity)
        waiting = await waiting_there(session, position)
        self._doubts.only(waiting)
        uids = self._doubts.due(waiting, at=self._clock.monotonic())
        if uids:
            with self._progress.of("reading the inbox", "mails") as on_step:
                position = await self._take(session, position, uids, stop, on_step)
        if not stop.is_set():
            self._part.catching_up(False)
        return position != before

    def asks_again_in(self) -> float:
        """Seconds until a mail that was left out may be asked for again; infinity where there is none."""
        return self._doubts.next_at() - self._clock.monotonic()

    async def _take(
        self, session: Session, position: Position, uids: list[int], stop: asyncio.Event, on_step: OnStep
    ) -> Position:
        """Take in these mails, in groups: fetch, store, keep the position, mark."""
        done = 0
        suspects = self._suspects.among(uids)
        for uid in (*self._doubts.among(uids), *suspects):
            position = position.postponing(uid, uids)
        others = [uid for uid in uids if uid not in suspects]
        # One suspect at a time: what has come meanwhile goes before the next.
        for chunk in (*self._doubts.groups(others, BATCH), *([uid] for uid in suspects[:1])):
            self._part.catching_up(len(uids) - done > BATCH)
            on_step(done, len(uids))
            position = await self._take_chunk(session, position, chunk, stop)
            done += len(chunk)
            if stop.is_set():
                return position
        on_step(len(uids), len(uids))
        for uid in filter(self._doubts.is_hopeless, uids):
            position = await self._give_up(session, position, uid)
        return position

    async def _take_chunk(self, session: Session, position: Position, uids: list[int], stop: asyncio.Event) -> Position:
        if self._doubts.is_hopeless(uids[0]):
            return await self._give_up(session, position, uids[0])
        listed = await self._undelivered.asked(uids, session.sizes(uids))
        missing = await self._undelivered.missing(session, uids, listed)
        position = position.postponing(max(missing), uids) if missing else position
        for batch in batches(listed):
            stored, left_out = await self._take_batch(session, batch, stop)
            left_out |= {*self._suspects.among([mail.uid for mail in batch])}
            if left_out:
                missing |= left_out
                position = position.postponing(max(left_out), [mail.uid for mail in batch])
            if stored:
                position = await self._keep(position.taken(stored))
                if self._account.mark_seen:
                    await session.mark_seen(stored)
            if stop.is_set():
                return position
        came_or_gone = [uid for uid in uids if uid not in missing]
        self._doubts.settled(came_or_gone)
        return await self._keep(position.taken(came_or_gone))

    async def _give_up(self, session: Session, position: Position, uid: int) -> Position:
        """A mail that the server does not deliver gets its row, and those behind it are not kept waiting."""
        self._doubts.settled([uid])
        reason = f"The mail server lists it as UID {uid} and failed to deliver it, again and again."
        await self._quarantine_nothing(session, uid, reason)
        return await self._keep(position.taken([uid]))

    async def _quarantine_nothing(self, session: Session, uid: int, reason: str) -> Received:
        """The row of a mail of which there is not a byte."""
        name = undelivered_id(session, uid)
        received = await quarantine_mail(self._desk, b"", reason, now=self._clock.now(), name=name)
        self._tell(received)
        return received

    async def _position(self, session: Session) -> Position:
        """How far the folder has been read; on a first start and after a rebuild, where to begin."""
        kept = await self._desk.do(ledger.position, self._account.door)
        position = await where_to_begin(session, kept, today=self._clock.now().date())
        if kept is None:  # what lay there already and was seen is never missed
            await self._desk.do(ledger.keep_position, self._account.beginning, str(position), now=self._clock.now())
        self._kept = position if str(position) == kept else None
        return await self._keep(position)

    async def _take_batch(
        self, session: Session, batch: list[Fetched], stop: asyncio.Event
    ) -> tuple[list[int], set[int]]:
        """Fetch and store; the UIDs that are in the book now, and those that the server left out."""
        enormous = session.is_enormous(batch[0].size)
        uids = [mail.uid for mail in batch]
        answer = session.fetch_beginning(uids[0]) if enormous else session.fetch(uids)
        mails = [mail for mail in await self._undelivered.asked(uids, answer) if mail.raw or mail.is_empty]
        left_out = await self._undelivered.missing(session, uids, mails)
        self._doubts.delivered([mail.uid for mail in mails])
        stored: list[int] = []
        try:
            for mail in sorted(mails, key=lambda mail: mail.uid):
                received = await self._read_and_take_in(session, mail, cut=enormous)
                if received is not None:
                    stored.append(mail.uid)
                    if not received.known:
                        self.outage.count_missed()
                if stop.is_set():
                    break
        finally:
            if stored:
                self._on_stored()
        return stored, left_out

    async def _read_and_take_in(self, session: Session, mail: Fetched, *, cut: bool) -> Received | None:
        """One mail into the book; None when it is put off, since reading it took too long."""
        if mail.is_empty:
            reason = f"The mail server lists it as UID {mail.uid} and delivers not a single byte of it."
            return await self._quarantine_nothing(session, mail.uid, reason)
        reading = await self._suspects.read(mail.uid, self._unread(mail, cut=cut))
        self._part.heard()  # mails that take long one after the other are no silence
        return None if reading is None else await self.take_in(mail, reading, cut=cut)

    def _unread(self, mail: Fetched, *, cut: bool) -> Unread:
        now = self._clock.now()
        return Unread(
            raw=mail.raw,
            received_at=min(mail.received_at or now, now),
            folder=self._account.folder,
            rules=self._rules,
            store=self._store_of_files,
            whole=not cut,
        )

    async def store(self, mail: Fetched, *, cut: bool) -> Received:
        """One mail into the book, or into quarantine when it cannot be read or the book cannot take it."""
        reading = await self._suspects.read_at_last(self._unread(mail, cut=cut))
        return await self.take_in(mail, reading, cut=cut)

    async def take_in(self, mail: Fetched, reading: ReadResult, *, cut: bool) -> Received:
        """What was read in a mail into the book, or the mail into quarantine."""
        received = await store_mail(
            self._desk, mail.raw, reading.found, cut=cut, now=self._clock.now(), limits=self._limits
        )
        await self._tell_of_trouble(reading, received)
        self._tell(received)
        return received

    def _tell(self, received: Received) -> None:
        """One line in the log for each mail."""
        self._count(Source.EMAIL, received.outcome)
        known, case = received.known, received.case_id
        _log.info("mail", outcome=str(received.outcome), ledger=received.ledger_id, case=case, known=known)

    async def _tell_of_trouble(self, reading: ReadResult, received: Received) -> None:
        """The log channel hears once that files are not kept, until one can be kept again."""
        store = self._store_of_files
        if store is not None and reading.files_tried and store.begins_trouble(failed=bool(reading.files_failed)):
            words = f"Attachments are not kept, only named: {reading.files_failed}. The mails themselves are kept."
            with store.telling():
                await self._desk.do(notices.log, words, now=self._clock.now(), case_id=received.case_id)

    async def _keep(self, position: Position) -> Position:
        if position != self._kept:
            await self._desk.do(ledger.keep_position, self._account.door, str(position), now=self._clock.now())
            self._kept = position
        return position
