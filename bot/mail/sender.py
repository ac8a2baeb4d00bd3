"""Sends the emails in the outbox over SMTP, one after the other; none is dropped silently."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.desk import Desk
from bot.files.store import LostFileError, Store
from bot.mail.smtp.compose import Outgoing, OutgoingFile, SenderIdentity, compose
from bot.mail.smtp.connection import ANSWER_WITHIN, SEND_WITHIN, SmtpAccount, SmtpConnection
from bot.mail.smtp.errors import LoginFailedError, RefusedError, ServerUnavailableError, UnmailableError
from bot.runtime.backoff import Backoff, retry_delay
from bot.runtime.tempo import Tempo
from bot.runtime.waiting import pause
from bot.status import Part
from casebook import notices
from casebook.conversation import attachments
from casebook.errors import CasebookError, DatabaseUnavailableError
from casebook.outbound import emails
from casebook.outbound.email import Email
from casebook.outcomes import Claimed, NoticeKind
from casebook.rules import Limits

log = structlog.get_logger("casebook.sender")

LEASE = timedelta(minutes=6)  # longer than sending one mail may take
FILES_LOOKED_AT = timedelta(seconds=2)  # how often, while a file of a reply is still to be downloaded from Slack
FILES_WAITED_FOR = timedelta(minutes=10)  # then the reply is sent without the file
STALE_AFTER = timedelta(days=1)  # automatic mail that is refused is given up then

_NOT_SET_UP = "no server for our mail is set up: set SMTP_SERVER"
_PASSING = (5.0, 900.0)  # first and longest wait in seconds after a temporary refusal
_FOR_GOOD = (3600.0, 86400.0)  # the same after a permanent refusal: somebody may have fixed the cause


def retry_after(attempts: int, *, permanent: bool) -> timedelta:
    """How long a refused mail waits after so many attempts: twice as long each time, with jitter."""
    first, longest = _FOR_GOOD if permanent else _PASSING
    return timedelta(seconds=retry_delay(attempts, first=first, longest=longest))


class Sender:
    """Sends mail; without an account each mail is refused with the reason."""

    def __init__(
        self,
        account: SmtpAccount | None,
        head: SenderIdentity,
        *,
        desk: Desk,
        clock: Clock,
        limits: Limits,
        part: Part,
        on_said: Callable[[], None],
        store: Store | None = None,
        answer_within: float = ANSWER_WITHIN,
        send_within: float = SEND_WITHIN,
        retry: float = 1.0,
        retry_login: float = 60.0,
        tempo: Tempo | None = None,
    ) -> None:
        self._smtp = SmtpConnection(account, answer_within=answer_within, send_within=send_within) if account else None
        self._head = head
        self._desk = desk
        self._clock = clock
        self._limits = limits
        self._part = part
        self._on_said = on_said
        self._look = (tempo or Tempo()).look
        self._store = store
        self._backoff = Backoff(retry, 60 * retry)
        self._login_backoff = Backoff(retry_login, 15 * retry_login)
        self._paused_until = clock.monotonic()  # setting the clock back must not lengthen a pause
        self._woken = asyncio.Event()
        self._stopping = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Check the outbox now."""
        self._woken.set()

    async def run(self) -> None:
        """Run `step` until `stop`."""
        self._running = asyncio.current_task()
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                await self.step()
            except CasebookError as error:
                log.warning("outbox not readable", reason=str(error))
            except Exception:
                log.exception("sending failed")
            await pause(self._look, self._woken)

    async def step(self) -> None:
        """Send everything in the outbox that is due, over one connection."""
        try:
            while not self._stopping.is_set() and self._clock.monotonic() >= self._paused_until:
                claimed = await self._desk.do(notices.claim, notices.MAIL, now=self._clock.now(), lease=LEASE)
                if claimed is None:
                    return
                await self._send_or_refuse(claimed)
                self._on_said()
        finally:
            if self._smtp is not None:
                await self._smtp.close()

    async def _send_or_refuse(self, claimed: Claimed) -> None:
        """An unexpected error fails only this mail: it is kept, shown and tried again."""
        try:
            await self._send(claimed)
        except DatabaseUnavailableError:
            raise
        except Exception as error:
            log.exception("sending failed unexpectedly", notices=claimed.ids)
            later = self._clock.now() + retry_after(claimed.items[0].attempts, permanent=False)
            words = f"a mistake in Casebook ({type(error).__name__})"
            await self._desk.do(notices.mark_failed, claimed, error=words, retry_at=later)

    async def _send(self, claimed: Claimed) -> None:
        now = self._clock.now()
        letter = await self._desk.do(emails.write, claimed, domain=self._head.domain, now=now)
        if letter is None:
            await self._desk.do(emails.not_sent, claimed, now=now)
            log.info("mail not needed any more", notices=claimed.ids)
            return
        try:
            files = await self._files(letter, claimed)
            if files is None:
                await self._desk.do(notices.give_back, claimed, due_at=now + FILES_LOOKED_AT)
                return
            refused = await self._hand_over(await asyncio.to_thread(self._written, letter, files))
        except ServerUnavailableError as error:
            await self._put_off(claimed, error)
        except RefusedError as error:
            await self._refused(claimed, error)
        else:
            self._backoff.reset()
            self._login_backoff.reset()
            self._part.up()
            await self._note_sent(claimed, refused)
            log.info("mail sent", notices=claimed.ids, kind=claimed.items[0].kind.value, case=letter.case_id)

    async def _note_sent(self, claimed: Claimed, refused: str) -> None:
        """Mark a mail as sent, for as long as the database is unavailable: a mail that is not marked is sent again."""
        attempts = 0
        while True:
            now = self._clock.now()
            try:
                await self._desk.do(emails.sent, claimed, refused=refused, now=now, limits=self._limits)
            except DatabaseUnavailableError as error:
                attempts += 1
                log.warning("sent mail not marked yet", notices=claimed.ids, reason=str(error))
                await asyncio.sleep(min(60.0, retry_after(attempts, permanent=False).total_seconds()))
            except Exception:
                log.exception("marking a sent mail failed", notices=claimed.ids)
                await self._desk.do(emails.sent_without_follow_up, claimed, now=now)
                return
            else:
                return

    async def _files(self, letter: Email, claimed: Claimed) -> Sequence[OutgoingFile] | None:
        """The files of a mail; None while one is still to be downloaded from Slack, up to FILES_WAITED_FOR."""
        if letter.answer is None or self._store is None:
            return ()
        wait = self._clock.now() - claimed.items[0].created_at < FILES_WAITED_FOR
        kept = await self._desk.do(attachments.for_answer, letter.answer, wait=wait)
        if kept is None:
            return None
        try:
            contents = [await self._store.content(file.sha256) for file in kept]
        except LostFileError as error:
            raise RefusedError(str(error), permanent=False) from error
        return [OutgoingFile(file.name, file.content_type, raw) for file, raw in zip(kept, contents, strict=True)]

    def _written(self, letter: Email, files: Sequence[OutgoingFile]) -> Outgoing:
        if any(self._head.is_ours(address) for address in (letter.to, *letter.copies)):
            raise UnmailableError("this is our own address, and what is sent there would come back as a customer's")
        return compose(letter, identity=self._head, now=self._clock.now(), files=files)

    async def _hand_over(self, mail: Outgoing) -> str:
        if self._smtp is None:
            raise RefusedError(_NOT_SET_UP, permanent=False)
        return await self._smtp.send(mail)

    async def _put_off(self, claimed: Claimed, error: ServerUnavailableError) -> None:
        """The server is unavailable: this mail waits, and so do all others."""
        backoff = self._login_backoff if isinstance(error, LoginFailedError) else self._backoff
        pause = backoff.next()
        later = self._clock.now() + timedelta(seconds=pause)
        self._paused_until = self._clock.monotonic() + pause
        self._part.down(str(error))
        log.warning("mail server unavailable", notices=claimed.ids, reason=str(error), maybe_sent=error.maybe_sent)
        await self._desk.do(
            emails.put_off,
            claimed,
            error=str(error),
            retry_at=later,
            maybe_sent=error.maybe_sent,
            now=self._clock.now(),
        )

    async def _refused(self, claimed: Claimed, error: RefusedError) -> None:
        now, item = self._clock.now(), claimed.items[0]
        by_hand = item.kind is NoticeKind.ANSWER
        stale = error.permanent or now - item.created_at > STALE_AFTER
        retry_at = now + retry_after(item.attempts, permanent=error.permanent) if by_hand or not stale else None
        if self._smtp is not None:
            self._part.up()  # the server answers
        log.warning("mail refused", notices=claimed.ids, code=error.code, permanent=error.permanent)
        await self._desk.do(emails.refused, claimed, error=str(error), retry_at=retry_at, now=now)

    async def stop(self, within: float) -> None:
        """Finish the current mail within so many seconds; the others stay in the outbox."""
        self._stopping.set()
        self._woken.set()
        if self._running is None:
            return
        _, late = await asyncio.wait({self._running}, timeout=within)
        for task in late:
            task.cancel()
        await asyncio.wait({self._running})
