"""The loop that reads the inbox: connects, takes in new mail, waits for more, and reconnects after failures."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import structlog

from bot.mail.imap.account import ImapAccount, LoginRefusedError
from bot.mail.imap.fetcher import Reader
from bot.mail.imap.login_backoff import LoginBackoff
from bot.mail.imap.session import MailServerError, Session
from bot.runtime.backoff import Backoff
from bot.runtime.waiting import pause
from bot.status import Part
from casebook.errors import CasebookError

_log = structlog.get_logger("casebook.mail")

ANSWER_WITHIN = 15.0  # seconds; /health reports a silent server within IMAP_IDLE_SECONDS + 20
FIRST_IDLE = 0.5  # seconds
_SHORTEST = 0.01  # seconds between two searches at least
STOP_WITHIN = 3.0  # seconds for the current mail
_FAREWELL_WITHIN = 1.0


class Inbox:
    """Reads one folder until it is stopped.

    `answer_within` is how long the server may take for an answer, `retry` (seconds) the first wait after a failure;
    `logins` holds the waits after refused logins, and outlives this object.
    """

    def __init__(
        self,
        account: ImapAccount,
        reader: Reader,
        *,
        part: Part,
        logins: LoginBackoff,
        answer_within: float = ANSWER_WITHIN,
        retry: float = 1.0,
    ) -> None:
        self._account = account
        self._part = part
        # A server that is silent for longer than one wait and its answer is unreachable.
        part.expect(timedelta(seconds=max(account.idle_seconds, account.poll_interval) + answer_within + 5))
        self._reader = reader
        self._answer_within = answer_within
        self._backoff = Backoff(retry, 60 * retry)
        self._logins = logins
        self._session: Session | None = None
        self._idle = FIRST_IDLE
        self._has_read = False  # whether this session has read the folder
        self._doubtful = False  # whether the last session had not: then the part is up only after a read
        self._stopping = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Read until `stop`; failures are reported in the status and tried again."""
        self._running = asyncio.current_task()
        try:
            await pause(self._logins.left(), self._stopping)
            while not self._stopping.is_set():
                await self._step_and_recover()
        finally:
            await self._close()

    async def stop(self, within: float = STOP_WITHIN) -> None:
        """Finish the current mail within so many seconds, log out and end `run`."""
        self._stopping.set()
        task = self._running
        if task is None or task is asyncio.current_task():
            return
        _, late = await asyncio.wait({task}, timeout=within)
        if late:
            task.cancel()
            await asyncio.wait({task})

    async def step(self) -> None:
        """One iteration: connect if needed, take in new mail, wait until there may be more."""
        if self._session is None:
            session = await self._connect()
        else:
            session = self._session
            if self._idle >= self._account.idle_seconds or not session.can_idle:
                await session.look_again()
        # Some servers do not announce in IDLE what arrived just before it, and mails arrive in bursts: after a mail the
        # first wait is short, and each further one twice as long.
        found = await self._reader.read_new(session, self._stopping)
        if self._has_read:
            await self._reader.outage.mark_alive()
        else:
            await self._reader.outage.end()
        self._has_read, self._doubtful = True, False
        self._part.up()
        self._idle = FIRST_IDLE if found else min(2 * self._idle, self._account.idle_seconds)
        if self._stopping.is_set():
            return
        self._backoff.reset()
        again = max(_SHORTEST, self._reader.asks_again_in())
        if session.can_idle:
            await session.wait_for_push(min(self._idle, again), self._stopping)
        else:
            await session.wait(min(self._account.poll_interval, again), self._stopping)

    async def _step_and_recover(self) -> None:
        try:
            await self.step()
        except LoginRefusedError as error:
            self._give_up(str(error))
            await pause(self._logins.after(error), self._stopping)
        except MailServerError as error:
            self._give_up(str(error))
            await pause(self._backoff.next(), self._stopping)
        except CasebookError as error:
            # The database is unavailable: nothing was stored, and the connection to the mail server stays open.
            _log.warning("mail not read, database unavailable", error=str(error))
            await pause(self._backoff.next(), self._stopping)
        except Exception:  # noqa: BLE001 (the loop must not end)
            _log.exception("reading mail failed")
            self._give_up("Reading mail failed unexpectedly; the log says more.")
            await pause(self._backoff.next(), self._stopping)

    async def _connect(self) -> Session:
        self._idle = FIRST_IDLE
        self._session = await Session.open(self._account, answer_within=self._answer_within, heard=self._part.heard)
        self._logins.worked()
        self._has_read = False
        if not self._doubtful:
            self._part.up()
        _log.info("mail connected", idle=self._session.can_idle)
        return self._session

    def _give_up(self, reason: str) -> None:
        """Drop the connection: after a timeout the library would take late answers for answers to new commands."""
        _log.warning("mail disconnected", error=reason)
        self._part.down(reason)
        if self._session is not None:
            self._doubtful = not self._has_read
            self._session.abandon()
            self._session = None

    async def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with suppress(MailServerError, TimeoutError):  # the server need not answer the logout
                async with asyncio.timeout(_FAREWELL_WITHIN):
                    await session.close()
