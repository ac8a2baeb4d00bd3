"""One IMAP connection with an open folder: every response has a time limit, and any failure ends the connection."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from aioimaplib import AioImapException
from aioimaplib.aioimaplib import quoted

from bot import VERSION
from bot.mail.imap.account import ImapAccount, LoginRefusedError, TokenRefusedError
from bot.mail.imap.client import AttentiveClient, cancelled, explained
from bot.mail.imap.responses import (
    Fetched,
    encode_folder,
    fetched_mails,
    mails_there,
    numbers,
    response_text,
    select_number,
    uid_set,
)
from casebook.errors import CasebookError

_log = logging.getLogger("casebook.mail")  # not structlog, which prints in `casebook check` without configuration

T = TypeVar("T")
_PARTIAL = 30_000_000  # bytes that are fetched of a larger mail
_IDENTIFIED_WITHIN = 5.0  # seconds; a server that does not answer ID is read without it
_TEMPORARY = (b"[UNAVAILABLE]", b"[INUSE]", b"[LIMIT]", b"[SERVERBUG]")  # RFC 5530: the password is not the cause


class MailServerError(CasebookError):
    """The mail server does not answer as it should; the connection is given up and made anew."""

    permanent = False


class MailFolderError(MailServerError):
    """The mail server does not open IMAP_FOLDER: check its name."""

    def __init__(self, said: str = "") -> None:
        super().__init__(f"The mail server does not open IMAP_FOLDER; it says: {said}" if said else None)
        self.said = said  # the server's text, without addresses


class Session:
    """An open folder on an IMAP server. After MailServerError only `abandon` may be called."""

    def __init__(
        self, client: AttentiveClient, folder: str, *, answer_within: float, heard: Callable[[], None]
    ) -> None:
        self.uid_validity = 0
        self.next_uid = 1
        self.mails = 0
        self._client = client
        self._folder = folder
        self._answer_within = answer_within
        self._heard = heard
        self._lost = asyncio.Event()

    @classmethod
    async def open(
        cls, account: ImapAccount, *, answer_within: float, heard: Callable[[], None], read_only: bool = False
    ) -> "Session":
        r"""Connect, log in and open the folder. Raises LoginRefusedError and MailServerError.

        `read_only` leaves even the \Recent flags unchanged (EXAMINE).
        """
        context = account.ssl_context()
        client = AttentiveClient(account.server, account.port, timeout=answer_within, ssl_context=context)
        session = cls(client, account.folder, answer_within=answer_within, heard=heard)
        client.protocol.conn_lost_cb = lambda _: session._lost.set()
        try:
            await session._answer(client.wait_hello_from_server())
            await session._log_in(account)
            # Many servers announce IDLE only after the login.
            await session._answer(client.protocol.capability())
            await session._identify()
            await session._select(account.folder, read_only=read_only)
        except BaseException:
            session.abandon()
            raise
        return session

    async def look_again(self) -> None:
        """Open the folder again: not every server announces a new UIDVALIDITY."""
        await self._select(self._folder, read_only=False)

    @property
    def can_idle(self) -> bool:
        """Whether the server supports IDLE."""
        return bool(self._client.has_capability("IDLE"))

    @property
    def capabilities(self) -> frozenset[str]:
        """The capabilities that the server announces."""
        return frozenset(map(str, self._client.protocol.capabilities))

    async def search(self, *criteria: str) -> list[int]:
        """The UIDs that match, in order."""
        self._client.protocol.mail_announced = False
        # NOOP first: otherwise some servers do not include new mail in the search.
        await self._answer(self._client.noop())
        response = await self._ok("SEARCH", self._client.uid_search(*criteria, charset=None))
        return numbers(response.lines[:-1])

    async def listed(self, uids: Sequence[int]) -> set[int]:
        """Those of these mails that are still in the folder."""
        announced = self._client.protocol.mail_announced
        found = await self.search("UID", uid_set(uids))
        self._client.protocol.mail_announced |= announced  # this search does not include new mail
        return set(found).intersection(uids)

    async def sizes(self, uids: Sequence[int]) -> list[Fetched]:
        """Size and arrival of each mail, without its bytes; removed ones are left out."""
        return await self._fetch(uids, "(UID RFC822.SIZE INTERNALDATE)")

    async def fetch(self, uids: Sequence[int]) -> list[Fetched]:
        """The mails with their bytes; the server's flags stay as they are."""
        return await self._fetch(uids, "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[])")

    async def fetch_beginning(self, uid: int) -> list[Fetched]:
        """The first 30 MB of an enormous mail."""
        return await self._fetch([uid], f"(UID RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.{_PARTIAL}>)")

    async def fields(self, uids: Sequence[int], name: str) -> list[Fetched]:
        """The header fields of this name, of each mail."""
        return await self._fetch(uids, f"(UID BODY.PEEK[HEADER.FIELDS ({name})])")

    @staticmethod
    def is_enormous(size: int) -> bool:
        """Whether only the beginning of a mail of so many bytes should be fetched."""
        return size > _PARTIAL

    async def mark_seen(self, uids: Sequence[int]) -> None:
        r"""Set \Seen on all of them at once: one by one is quadratic on some servers."""
        await self._ok("STORE", self._client.uid("store", uid_set(uids), "+FLAGS.SILENT", r"(\Seen)"))

    async def wait_for_push(self, seconds: float, stop: asyncio.Event) -> None:
        """IDLE until the server sends anything, the time is over, `stop` is set or the connection is lost.

        Returns at once when mail was announced since the last search began: the server does not repeat it.
        """
        if self._client.protocol.mail_announced:
            return
        idle = await self._answer(self._client.idle_start(seconds + self._answer_within))
        await self._until_any(seconds, stop, self._client.protocol.idle_queue.get())
        self._client.idle_done()
        await self._answer(idle)
        queue = self._client.protocol.idle_queue
        while not queue.empty():  # responses to DONE: a search follows anyway
            queue.get_nowait()

    async def wait(self, seconds: float, stop: asyncio.Event) -> None:
        """Wait until the time is over, `stop` is set or the connection is lost."""
        await self._until_any(seconds, stop)

    async def close(self) -> None:
        """Log out and close the connection."""
        try:
            await self._answer(self._client.logout())
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Abort the connection and cancel everything that waits for it."""
        protocol = self._client.protocol
        for task in (self._client._client_task, *self._client.tasks, *protocol.tasks):  # noqa: SLF001
            task.cancel()
        if protocol.transport is not None:
            protocol.transport.abort()

    async def _log_in(self, account: ImapAccount) -> None:
        if account.token_command:
            token = await account.token()
            try:
                response = await self._answer(self._client.xoauth2(account.user, token))
            except MailServerError as error:  # servers answer a refused token with a challenge, and then not at all
                raise TokenRefusedError from error
        else:
            login = self._client.login(quoted(account.user), account.password)
            response = await self._answer(login)
        if response.result != "OK":
            if any(code in line for line in response.lines for code in _TEMPORARY):
                raise MailServerError("The mail server takes no logins for now.")
            raise TokenRefusedError if account.token_command else LoginRefusedError

    async def _identify(self) -> None:
        """Send ID where the server supports it: some servers open no folder without it."""
        if "ID" in self.capabilities:
            within = min(_IDENTIFIED_WITHIN, self._answer_within / 2)
            who = {"name": "Casebook", "version": VERSION}
            answer = await self._answer(self._client.identify(who, within=within))
            _log.debug("mail identified, answer: %s", answer)

    async def _select(self, folder: str, *, read_only: bool) -> None:
        name = quoted(encode_folder(folder))
        response = await self._answer(self._client.examine(name) if read_only else self._client.select(name))
        if response.result != "OK":
            raise MailFolderError(response_text(response.lines))
        self.mails = mails_there(response.lines)
        before, self.uid_validity = self.uid_validity, select_number(response.lines, b"UIDVALIDITY")
        self.next_uid = select_number(response.lines, b"UIDNEXT")
        if not self.next_uid and self.uid_validity != before:  # old servers leave it out
            self.next_uid = max(await self.search("ALL"), default=0) + 1

    async def _fetch(self, uids: Sequence[int], items: str) -> list[Fetched]:
        response = await self._ok("FETCH", self._client.uid("fetch", uid_set(uids), items), long=True)
        return [mail for mail in fetched_mails(response.lines) if mail.uid in set(uids)]

    async def _ok(self, what: str, answer: Awaitable[Any], *, long: bool = False) -> Any:
        response = await self._answer(answer, long=long)
        if response.result != "OK":
            raise MailServerError(f"The mail server refused {what}.")
        return response

    async def _answer(self, answer: Awaitable[T], *, long: bool = False) -> T:
        """The response; raises MailServerError when it is late or an error, or when the connection is lost.

        A `long` response has no limit for the whole: the library limits the time between its parts.
        """
        waiting = asyncio.ensure_future(answer)
        lost = asyncio.ensure_future(self._lost.wait())
        within = None if long else self._answer_within
        try:
            await asyncio.wait({waiting, lost}, timeout=within, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                raise MailServerError(
                    "The connection to the mail server was lost."
                    if self._lost.is_set()
                    else f"The mail server did not answer within {self._answer_within:g} seconds."
                )
            result = waiting.result()
        except (AioImapException, OSError, ValueError, EOFError) as error:
            raise MailServerError(explained(error)) from error
        finally:
            await cancelled((waiting, lost))
        self._heard()
        return result

    async def _until_any(self, seconds: float, stop: asyncio.Event, *more: Awaitable[Any]) -> None:
        tasks = [asyncio.ensure_future(each) for each in (self._lost.wait(), stop.wait(), *more)]
        try:
            await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await cancelled(tasks)
        if self._lost.is_set():
            raise MailServerError("The connection to the mail server was lost.")
