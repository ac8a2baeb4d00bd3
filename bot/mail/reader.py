"""Takes what is new in a folder into the book: stored first, then the position, then the mark on the server."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import structlog

from bot.attachments import Store
from bot.clock import Clock
from bot.desk import Desk
from bot.mail.account import ImapAccount
from bot.mail.imap_answers import Fetched, imap_date
from bot.mail.incoming import Keep, MailRules, external_id, read_incoming
from bot.mail.keeping import Keeping
from bot.mail.position import Position
from bot.mail.session import Session
from bot.progress import OnStep, Progress
from bot.status import Part
from casebook import cases, ledger, notices
from casebook.errors import CasebookError
from casebook.incoming import Incoming, Source
from casebook.outcomes import Received
from casebook.rules import Limits

_log = structlog.get_logger("casebook.mail")

BATCH = 50  # mails; more than about 1,000 lines in one answer end in the library's RecursionError
_BATCH_BYTES = 10_000_000


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

    async def read_new(self, session: Session, stop: asyncio.Event) -> bool:
        """Take in every mail that is new; whether there was any.

        Database and server errors are raised; what was stored stays stored.
        """
        position = await self._position(session)
        uids = await waiting_there(session, position)
        if uids:
            with self._progress.of("reading the inbox", "mails") as on_step:
                await self._take(session, position, uids, stop, on_step)
        if not stop.is_set():
            self._part.catching_up(False)
        return bool(uids)

    async def _take(
        self, session: Session, position: Position, uids: list[int], stop: asyncio.Event, on_step: OnStep
    ) -> None:
        """Take in these mails, in groups: fetch, store, keep the position, mark."""
        for start in range(0, len(uids), BATCH):
            chunk = uids[start : start + BATCH]
            self._part.catching_up(len(uids) - start > BATCH)
            on_step(start, len(uids))
            for batch in batches(await session.sizes(chunk)):
                stored = await self._take_batch(session, batch, stop)
                if stored:
                    position = await self._keep(position.after(stored[-1]))
                    if self._account.mark_seen:
                        await session.mark_seen(stored)
                if stop.is_set():
                    return
            if position.after(chunk[-1]) != position:  # the last ones are gone from the server
                position = await self._keep(position.after(chunk[-1]))
        on_step(len(uids), len(uids))

    async def _position(self, session: Session) -> Position:
        """How far the folder has been read; on a first start and after a rebuild, where to begin."""
        kept = await self._desk.do(ledger.position, self._account.door)
        position = await where_to_begin(session, kept, today=self._clock.now().date())
        if kept is None:  # what lay there already and was seen is never missed
            await self._desk.do(ledger.keep_position, self._account.beginning, str(position), now=self._clock.now())
        return position if str(position) == kept else await self._keep(position)

    async def _take_batch(self, session: Session, batch: list[Fetched], stop: asyncio.Event) -> list[int]:
        """Fetch and store; the UIDs that are in the book now."""
        enormous = session.is_enormous(batch[0].size)
        uids = [mail.uid for mail in batch]
        mails = await (session.fetch_beginning(uids[0]) if enormous else session.fetch(uids))
        stored: list[int] = []
        try:
            for mail in sorted(mails, key=lambda mail: mail.uid):
                await self._store(mail, cut=enormous)
                stored.append(mail.uid)
                if stop.is_set():
                    break
        finally:
            if stored:
                self._on_stored()
        return stored

    async def _store(self, mail: Fetched, *, cut: bool) -> None:
        """One mail into the book, or into quarantine when it cannot be read or the book cannot take it."""
        now = self._clock.now()
        received_at = min(mail.received_at or now, now)
        keeping = Keeping(self._store_of_files, mail.raw, whole=not cut)
        read = await asyncio.to_thread(
            read_or_why_not, mail.raw, received_at, self._account.folder, self._rules, keeping.keep
        )
        if isinstance(read, str):
            received = await self._quarantine(mail.raw, read)
        else:
            incoming = replace(read, cut=True) if cut else read
            try:
                received = await self._desk.do(cases.receive, incoming, now=now, limits=self._limits)
            except Exception as error:  # noqa: BLE001 (sorted by the function)
                reason = why_not_taken(error)
                _log.warning("mail refused by the book", error=type(error).__name__)
                received = await self._quarantine(mail.raw, reason)
        await self._tell_of_trouble(keeping, received)
        self._count(Source.EMAIL, received.outcome)
        _log.info(
            "mail",
            outcome=str(received.outcome),
            ledger=received.ledger_id,
            case=received.case_id,
            known=received.known,
        )

    async def _tell_of_trouble(self, keeping: Keeping, received: Received) -> None:
        """The log channel hears once that files are not kept, until one can be kept again."""
        store = self._store_of_files
        if store is not None and keeping.tried and store.begins_trouble(failed=bool(keeping.failed)):
            words = f"Attachments are not kept, only named: {keeping.failed}. The mails themselves are kept."
            await self._desk.do(notices.log, words, now=self._clock.now(), case_id=received.case_id)

    async def _quarantine(self, raw: bytes, reason: str) -> Received:
        return await self._desk.do(
            ledger.quarantine,
            source=Source.EMAIL,
            external_id=external_id(raw, None),
            raw=raw,
            reason=reason,
            now=self._clock.now(),
        )

    async def _keep(self, position: Position) -> Position:
        await self._desk.do(ledger.keep_position, self._account.door, str(position), now=self._clock.now())
        return position


async def where_to_begin(session: Session, kept: str | None, *, today: date) -> Position:
    """The position that is `kept` in the book, or another where it says nothing about this folder as it is now."""
    position = Position.parse(kept) if kept else None
    if position is not None and position.uid_validity == session.uid_validity:
        return position
    if position is None:
        # The first start: what nobody has opened yet is taken, older mail is not.
        since, pending = today, await session.search("UNSEEN")
    else:
        # The UIDs mean nothing any more: read again; what is known already, the ledger knows.
        since = position.since
        pending = await session.search("SINCE", imap_date(since))
    last = max([session.next_uid - 1, *pending])
    return Position(session.uid_validity, last, since, tuple(pending))


async def waiting_there(session: Session, position: Position) -> list[int]:
    """The UIDs of the mails that are to be taken, in order."""
    first = position.uid + 1
    # `n:*` names the last mail even when its UID is below n.
    new = [uid for uid in await session.search("UID", f"{first}:*") if uid >= first]
    return [*position.pending, *new]


def why_not_taken(error: Exception) -> str:
    """Why the book cannot take a mail; the failure of a database that is only away is raised again: nothing moves.

    One mail that the book cannot take must not stop those behind it; if the fault is the database's after all, keeping
    the mail in quarantine fails too.
    """
    if isinstance(error, CasebookError) and not error.permanent:
        raise error
    return f"The book cannot take it ({type(error).__name__})."


def read_or_why_not(raw: bytes, received_at: datetime, folder: str, rules: MailRules, keep: Keep) -> Incoming | str:
    """The message in a mail, or why it cannot be read."""
    try:
        return read_incoming(raw, received_at=received_at.astimezone(UTC), folder=folder, settings=rules, keep=keep)
    except CasebookError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 (a mail that trips the parser may cost only itself: it is kept, whole)
        return f"This mail cannot be read ({type(error).__name__})."


def batches(mails: list[Fetched]) -> Iterator[list[Fetched]]:
    """The mails in order, in groups that are not too large to hold; an enormous one is alone."""
    group: list[Fetched] = []
    for mail in sorted(mails, key=lambda mail: mail.uid):
        if group and sum(each.size for each in group) + mail.size > _BATCH_BYTES:
            yield group
            group = []
        group.append(mail)
    if group:
        yield group
