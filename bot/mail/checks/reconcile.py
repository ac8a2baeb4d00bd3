"""The mail side of `casebook reconcile`: compares the emails in the folder since the first start with the ledger."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from bot.clock import Clock
from bot.desk import Desk
from bot.mail.imap.account import ImapAccount
from bot.mail.imap.batches import BATCH, batches
from bot.mail.imap.cursor import Position
from bot.mail.imap.fetcher import Reader
from bot.mail.imap.refetch import undelivered_id
from bot.mail.imap.responses import Fetched, imap_date
from bot.mail.imap.session import Session
from bot.mail.imap.start import waiting_there
from bot.mail.inbox import ANSWER_WITHIN
from bot.mail.incoming import MailRules, external_id
from bot.mail.parse import read_message_id
from bot.mail.worker.job import ReadMail, Unread, read_at_last
from bot.reports.reconciliation import SETTLED, Difference, DoorReport, Gap, Tally
from bot.runtime.progress import Progress
from casebook import ledger
from casebook.admin import reconciliation
from casebook.admin.reconciliation import Known
from casebook.incoming import Incoming, Source

T = TypeVar("T")

DOOR = "mail"
_NEVER_READ = "The bot has never read this folder, so there is nothing to compare: start it once."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """The IDs that one email may have in the ledger, depending on its outcome."""

    external_id: str
    digests: tuple[str, ...]  # of its content; none if it cannot be read
    bytes_id: str  # if it is in quarantine

    @property
    def all(self) -> set[str]:
        return {*ledger.names_of(self.external_id, self.digests), self.bytes_id}

    def found(self, rows: Mapping[str, Known]) -> tuple[str, Known | None]:
        """Its ID, and its row if there is one."""
        name, row = reconciliation.row_of(self.external_id, self.digests, rows)
        return name, row or rows.get(self.bytes_id)


class MailComparison:
    """Compares one folder with the ledger. An email younger than `settled` does not count as missing.

    `reader` stores what is missing; `read` parses an email whose Message-ID is not enough to identify it.
    """

    def __init__(
        self,
        account: ImapAccount,
        rules: MailRules,
        reader: Reader,
        read: ReadMail,
        *,
        desk: Desk,
        clock: Clock,
        progress: Progress,
        settled: timedelta = SETTLED,
        answer_within: float = ANSWER_WITHIN,
    ) -> None:
        self.tally = Tally(DOOR)
        self._account = account
        self._rules = rules
        self._reader = reader
        self._read = read
        self._desk = desk
        self._clock = clock
        self._progress = progress
        self._settled = settled
        self._answer_within = answer_within
        self._missed: list[_Names] = []

    async def run(self, *, mend: bool, days: int | None) -> DoorReport:
        """Compare; raises LoginRefusedError, MailServerError or DatabaseUnavailableError."""
        session = await Session.open(
            self._account, answer_within=self._answer_within, heard=lambda: None, read_only=not mend
        )
        try:
            await self._compare(session, mend=mend, days=days)
            await session.close()
        finally:
            session.abandon()
            await self._look_again()
        return self.tally.report()

    async def _compare(self, session: Session, *, mend: bool, days: int | None) -> None:
        uids = await self._ours(session, days)
        with self._progress.of("comparing mail", "mails") as on_step:
            names: dict[int, str | None] = {}
            for chunk, done in _chunks(uids):
                on_step(done, len(uids))
                fetched = await session.fields(chunk, "MESSAGE-ID")
                names |= {mail.uid: read_message_id(mail.raw) for mail in fetched}
        unidentified = await self._unknown_by_name(session, names)
        with self._progress.of("looking into mails", "mails") as on_step:
            for chunk, done in _chunks(unidentified):
                on_step(done, len(unidentified))
                for batch in batches(await session.sizes(chunk)):
                    await self._identify(session, batch, mend=mend)

    async def _ours(self, session: Session, days: int | None) -> list[int]:
        """The UIDs of the emails that the bot had to store: those of its first start, and all later ones."""
        kept = await self._desk.do(ledger.position, self._account.door)
        began = await self._desk.do(ledger.position, self._account.beginning)
        if kept is None:
            self.tally.notes.append(_NEVER_READ)
            return []
        first = Position.parse(began or kept)
        if began and first.uid_validity == session.uid_validity:
            uids = set(await waiting_there(session, first))
        else:
            uids = set(await session.search("SINCE", imap_date(first.since)))
        if not began:  # of the seen emails of the first day, some may be older than the first start
            day_after = imap_date(first.since + timedelta(days=1))
            uids -= set(await session.search("SEEN", "SINCE", imap_date(first.since), "BEFORE", day_after))
        if days is not None:
            uids &= set(await session.search("SINCE", imap_date(_days_ago(self._clock.now(), days))))
        return sorted(uids)

    async def _unknown_by_name(self, session: Session, names: Mapping[int, str | None]) -> list[int]:
        """Count the emails whose Message-ID is in the ledger; the UIDs of the others, and of duplicates."""
        frequency = Counter(names.values())
        undelivered = {uid: undelivered_id(session, uid) for uid in names}
        wanted = [*(name for name in names.values() if name), *undelivered.values()]
        rows = await self._desk.do(reconciliation.known, Source.EMAIL, wanted)
        unidentified = []
        for uid, name in sorted(names.items()):
            row = rows.get(name) if name and frequency[name] == 1 else None
            row = row or rows.get(undelivered[uid])
            if row is None:
                unidentified.append(uid)
            else:
                self.tally.known(row.outcome, row.reason)
        return unidentified

    async def _identify(self, session: Session, batch: list[Fetched], *, mend: bool) -> None:
        """Identify these emails by their content, and with `mend` store what is missing."""
        enormous = session.is_enormous(batch[0].size)
        uids = [mail.uid for mail in batch]
        mails = [mail for mail in await self._fetched(session, uids, enormous=enormous) if mail.raw]
        missing = sorted({*uids} - {mail.uid for mail in mails})
        if missing and await session.sizes(missing):  # they were not removed meanwhile
            self.tally.unread = "The mail server lists mails that it does not deliver; they were not compared."
        stored = []
        for mail in await self._not_in_quarantine(mails):
            names = await self._names(mail)
            name, row = names.found(await self._rows([names]))
            if row is not None:
                self.tally.known(row.outcome, row.reason)
            elif self._is_young(mail):
                self.tally.just_arrived += 1
            elif mend:
                await self._store(mail, name, beginning=enormous)
                stored.append(mail.uid)
            else:
                self._missed.append(names)
        if stored and self._account.mark_seen:
            await session.mark_seen(stored)

    @staticmethod
    async def _fetched(session: Session, uids: list[int], *, enormous: bool) -> list[Fetched]:
        mails = await (session.fetch_beginning(uids[0]) if enormous else session.fetch(uids))
        return sorted(mails, key=lambda mail: mail.uid)

    async def _not_in_quarantine(self, mails: Sequence[Fetched]) -> list[Fetched]:
        """Count the emails in quarantine, by their bytes, since parsing them may fail; return the others."""
        names = {mail.uid: external_id(mail.raw, None) for mail in mails}
        rows = await self._desk.do(reconciliation.known, Source.EMAIL, names.values())
        for name in names.values():
            if name in rows:
                self.tally.known(rows[name].outcome, rows[name].reason)
        return [mail for mail in mails if names[mail.uid] not in rows]

    async def _store(self, mail: Fetched, name: str, *, beginning: bool) -> None:
        received = await self._reader.store(mail, cut=beginning)
        if received.known:  # the bot was faster, or the folder has this email twice
            self.tally.known(received.outcome, received.reason)
        else:
            self.tally.differs(
                Difference(gap=Gap.MISSING, external_id=name, place=self._account.folder, received=received)
            )

    def _is_young(self, mail: Fetched) -> bool:
        """Whether the running bot may be storing it now. The server's clock and ours may differ."""
        now = self._clock.now()
        return abs(now - (mail.received_at or now)) < self._settled

    async def _names(self, mail: Fetched) -> _Names:
        unread = Unread(
            raw=mail.raw,
            received_at=mail.received_at or self._clock.now(),
            folder=self._account.folder,
            rules=self._rules,
            store=None,  # identifying an email saves no attachments
        )
        found = (await read_at_last(self._read, unread)).found
        bytes_id = external_id(mail.raw, None)
        if isinstance(found, Incoming):
            return _Names(external_id=found.external_id, digests=found.digests, bytes_id=bytes_id)
        return _Names(external_id=bytes_id, digests=(), bytes_id=bytes_id)

    async def _rows(self, named: Sequence[_Names]) -> dict[str, Known]:
        wanted = {name for names in named for name in names.all}
        return await self._desk.do(reconciliation.known, Source.EMAIL, wanted)

    async def _look_again(self) -> None:
        """Leave out what was stored during the comparison."""
        rows = await self._rows(self._missed)
        for names in self._missed:
            name, row = names.found(rows)
            if row is not None:
                self.tally.known(row.outcome, row.reason)
            else:
                self.tally.differs(Difference(gap=Gap.MISSING, external_id=name, place=self._account.folder))


def _days_ago(now: datetime, days: int) -> date:
    return (now - timedelta(days=days)).date()


def _chunks(items: Sequence[T]) -> list[tuple[Sequence[T], int]]:
    """The items in groups for one FETCH each, with the number of items before each group."""
    return [(items[start : start + BATCH], start) for start in range(0, len(items), BATCH)]
