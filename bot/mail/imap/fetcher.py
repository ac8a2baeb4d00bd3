"""Reads new mail from a folder: stores each mail, then saves the position, then sets the flag on the server."""

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
from bot.mail.imap.overrun import PostponedMails
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
    """Reads one folder; the database, not the server, knows which mails have been read."""

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
        self._file_store = store
        self._postponed = PostponedMails(read or read_on_a_thread)
        self._undeliverable = UndeliverableMails(again_after)
        self._undelivered = Undelivered(self._undeliverable, desk=desk, clock=clock)
        self._saved: Position | None = None
        self.outage = InboxOutage(account.door, desk=desk, clock=clock)

    async def read_new(self, session: Session, stop: asyncio.Event) -> bool:
        """Store every mail that is new or was postponed; returns whether the position has changed.

        Raises database and server errors; mails that are stored remain stored.
        """
        before = position = await self._position(session)
        self._undeliverable.in_folder(session.uid_validity)
        self._postponed.in_folder(session.uid_validity)
        waiting = await waiting_there(session, position)
        self._undeliverable.only(waiting)
        uids = self._undeliverable.due(waiting, at=self._clock.monotonic())
        if uids:
            with self._progress.of("reading the inbox", "mails") as on_step:
                position = await self._take(session, position, uids, stop, on_step)
        if not stop.is_set():
            self._part.catching_up(False)
        return position != before

    def asks_again_in(self) -> float:
        """Seconds until an undelivered mail may be requested again; infinity where there is none."""
        return self._undeliverable.next_at() - self._clock.monotonic()

    async def _take(
        self, session: Session, position: Position, uids: list[int], stop: asyncio.Event, on_step: OnStep
    ) -> Position:
        """Fetch and store these mails in groups, save the position, and set the flags."""
        done = 0
        suspects = self._postponed.among(uids)
        for uid in (*self._undeliverable.among(uids), *suspects):
            position = position.postponing(uid, uids)
        others = [uid for uid in uids if uid not in suspects]
        # One suspect at a time: mail that has arrived meanwhile comes before the next.
        for chunk in (*self._undeliverable.groups(others, BATCH), *([uid] for uid in suspects[:1])):
            self._part.catching_up(len(uids) - done > BATCH)
            on_step(done, len(uids))
            position = await self._take_chunk(session, position, chunk, stop)
            done += len(chunk)
            if stop.is_set():
                return position
        on_step(len(uids), len(uids))
        for uid in filter(self._undeliverable.is_hopeless, uids):
            position = await self._give_up(session, position, uid)
        return position

    async def _take_chunk(self, session: Session, position: Position, uids: list[int], stop: asyncio.Event) -> Position:
        if self._undeliverable.is_hopeless(uids[0]):
            return await self._give_up(session, position, uids[0])
        listed = await self._undelivered.asked(uids, session.sizes(uids))
        missing = await self._undelivered.missing(session, uids, listed)
        position = position.postponing(max(missing), uids) if missing else position
        for batch in batches(listed):
            stored, left_out = await self._take_batch(session, batch, stop)
            left_out |= {*self._postponed.among([mail.uid for mail in batch])}
            if left_out:
                missing |= left_out
                position = position.postponing(max(left_out), [mail.uid for mail in batch])
            if stored:
                position = await self._save(position.taken(stored))
                if self._account.mark_seen:
                    await session.mark_seen(stored)
            if stop.is_set():
                return position
        came_or_gone = [uid for uid in uids if uid not in missing]
        self._undeliverable.settled(came_or_gone)
        return await self._save(position.taken(came_or_gone))

    async def _give_up(self, session: Session, position: Position, uid: int) -> Position:
        """Record a mail that the server does not deliver, so that later mails do not wait for it."""
        self._undeliverable.settled([uid])
        reason = f"The mail server lists it as UID {uid} and failed to deliver it, again and again."
        await self._quarantine_nothing(session, uid, reason)
        return await self._save(position.taken([uid]))

    async def _quarantine_nothing(self, session: Session, uid: int, reason: str) -> Received:
        """Quarantine a mail without bytes."""
        name = undelivered_id(session, uid)
        received = await quarantine_mail(self._desk, b"", reason, now=self._clock.now(), name=name)
        self._log_received(received)
        return received

    async def _position(self, session: Session) -> Position:
        """The stored position of the folder; a new one on a first start and after a change of UIDVALIDITY."""
        kept = await self._desk.do(ledger.position, self._account.door)
        position = await where_to_begin(session, kept, today=self._clock.now().date())
        if kept is None:  # seen mail from before this position counts as not missing
            await self._desk.do(ledger.keep_position, self._account.beginning, str(position), now=self._clock.now())
        self._saved = position if str(position) == kept else None
        return await self._save(position)

    async def _take_batch(
        self, session: Session, batch: list[Fetched], stop: asyncio.Event
    ) -> tuple[list[int], set[int]]:
        """Fetch and store a batch; returns the stored UIDs, and those that the server did not deliver."""
        enormous = session.is_enormous(batch[0].size)
        uids = [mail.uid for mail in batch]
        answer = session.fetch_beginning(uids[0]) if enormous else session.fetch(uids)
        mails = [mail for mail in await self._undelivered.asked(uids, answer) if mail.raw or mail.is_empty]
        left_out = await self._undelivered.missing(session, uids, mails)
        self._undeliverable.delivered([mail.uid for mail in mails])
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
        """Parse and store one mail; None when it is postponed, since parsing took too long."""
        if mail.is_empty:
            reason = f"The mail server lists it as UID {mail.uid} and delivers not a single byte of it."
            return await self._quarantine_nothing(session, mail.uid, reason)
        reading = await self._postponed.read(mail.uid, self._unread(mail, cut=cut))
        self._part.heard()  # parsing several mails may take longer than the silence limit
        return None if reading is None else await self.take_in(mail, reading, cut=cut)

    def _unread(self, mail: Fetched, *, cut: bool) -> Unread:
        now = self._clock.now()
        return Unread(
            raw=mail.raw,
            received_at=min(mail.received_at or now, now),
            folder=self._account.folder,
            rules=self._rules,
            store=self._file_store,
            whole=not cut,
        )

    async def store(self, mail: Fetched, *, cut: bool) -> Received:
        """Parse one mail and store it; in quarantine when it cannot be parsed or stored."""
        reading = await self._postponed.read_at_last(self._unread(mail, cut=cut))
        return await self.take_in(mail, reading, cut=cut)

    async def take_in(self, mail: Fetched, reading: ReadResult, *, cut: bool) -> Received:
        """Store a parsed mail, or quarantine it; reports it in the log and the metrics."""
        received = await store_mail(
            self._desk, mail.raw, reading.found, cut=cut, now=self._clock.now(), limits=self._limits
        )
        await self._report_unsaved_files(reading, received)
        self._log_received(received)
        return received

    def _log_received(self, received: Received) -> None:
        """Count one mail and log it."""
        self._count(Source.EMAIL, received.outcome)
        known, case = received.known, received.case_id
        _log.info("mail", outcome=str(received.outcome), ledger=received.ledger_id, case=case, known=known)

    async def _report_unsaved_files(self, reading: ReadResult, received: Received) -> None:
        """Post one notice when files cannot be saved, and no other until one is saved again."""
        store = self._file_store
        if store is not None and reading.files_tried and store.starts_failing(failed=bool(reading.files_failed)):
            words = f"Attachments are not kept, only named: {reading.files_failed}. The mails themselves are kept."
            with store.reporting():
                await self._desk.do(notices.log, words, now=self._clock.now(), case_id=received.case_id)

    async def _save(self, position: Position) -> Position:
        if position != self._saved:
            await self._desk.do(ledger.keep_position, self._account.door, str(position), now=self._clock.now())
            self._saved = position
        return position
