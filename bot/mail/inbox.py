"""The mail door: keeps a connection to the inbox, takes in what comes, and is never silently deaf."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import structlog

from bot.mail.imap.account import ImapAccount, LoginRefusedError
from bot.mail.imap.fetcher import Reader
from bot.mail.imap.login_backoff import Logins
from bot.mail.imap.session import MailServerError, Session
from bot.runtime.backoff import Backoff
from bot.runtime.waiting import pause
from bot.status import Part
from casebook.errors import CasebookError

_log = structlog.get_logger("casebook.mail")

ANSWER_WITHIN = 15.0  # seconds; with IDLE re-issued in time, /health is red within IMAP_IDLE_SECONDS + 20
FIRST_IDLE = 0.5  # seconds
_SHORTEST = 0.01  # seconds between two looks, whatever is due
STOP_WITHIN = 3.0  # seconds for the mail in hand
_FAREWELL_WITHIN = 1.0


class Inbox:
    """Listens to one folder until it is stopped.

    `answer_within` is how long the server may take for an answer, `retry` (seconds) how long to wait before the first
    new try; `logins` says how long after a refused login, and outlives this inbox.
    """

    def __init__(
        self,
        account: ImapAccount,
        reader: Reader,
        *,
        part: Part,
        logins: Logins,
        answer_within: float = ANSWER_WITHIN,
        retry: float = 1.0,
    ) -> None:
        self._account = account
        self._part = part
        # A server that says nothing for longer than a wait and its answer is not there any more.
        part.expect(timedelta(seconds=max(account.idle_seconds, account.poll_interval) + answer_within + 5))
        self._reader = reader
        self._answer_within = answer_within
        self._backoff = Backoff(retry, 60 * retry)
        self._logins = logins
        self._session: Session | None = None
        self._idle = FIRST_IDLE
        self._has_read = False  # whether this session has read anything
        self._doubtful = False  # whether the last one had not: then a new one counts once it has
        self._stopping = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Listen until `stop`; every failure is shown in the status and tried again."""
        self._running = asyncio.current_task()
        try:
            await pause(self._logins.left(), self._stopping)
            while not self._stopping.is_set():
                await self._step_and_recover()
        finally:
            await self._close()

    async def stop(self, within: float = STOP_WITHIN) -> None:
        """Finish the mail in hand, at most so many seconds, log out and end `run`."""
        self._stopping.set()
        task = self._running
        if task is None or task is asyncio.current_task():
            return
        _, late = await asyncio.wait({task}, timeout=within)
        if late:
            task.cancel()
            await asyncio.wait({task})

    async def step(self) -> None:
        """One turn of the loop: connect if need be, take in what is new, wait until more may have come."""
        if self._session is None:
            session = await self._connect()
        else:
            session = self._session
            if self._idle >= self._account.idle_seconds or not session.can_idle:
                await session.look_again()
        # Some servers do not tell in IDLE what came just before it, and mails come in bursts: after a mail the first
        # waits are short, and each twice as long as the one before.
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
            # The database is away, not the mail server: nothing has moved forward, and the line stays.
            _log.warning("mail waits", error=str(error))
            await pause(self._backoff.next(), self._stopping)
        except Exception:  # noqa: BLE001 (a loop that ends is a door that is shut for good)
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
        """Throw the connection away: after a timeout the library would mistake late answers for new ones."""
        _log.warning("mail disconnected", error=reason)
        self._part.down(reason)
        if self._session is not None:
            self._doubtful = not self._has_read
            self._session.abandon()
            self._session = None

    async def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with suppress(MailServerError, TimeoutError):  # the server need not hear the farewell
                async with asyncio.timeout(_FAREWELL_WITHIN):
                    await session.close()
