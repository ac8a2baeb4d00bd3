"""An aioimaplib client that notices new mail during other commands, and supports ID (RFC 2971)."""

import asyncio
import logging
import ssl
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aioimaplib import IMAP4, CommandTimeout
from aioimaplib.aioimaplib import SELECTED, Command, IMAP4ClientProtocol, Response, quoted

# The library logs tokens at DEBUG, and data of mails at INFO.
logging.getLogger("aioimaplib").setLevel(logging.WARNING)


class AttentiveProtocol(IMAP4ClientProtocol):  # type: ignore[misc]
    """Notices EXISTS during other commands, which the library drops: the mail would wait for the next IDLE."""

    mail_announced = False
    given_up = ""  # the tag of a command that timed out, and whose late response is dropped

    def _response_done(self, line: bytes) -> None:
        if not self.given_up or line.partition(b" ")[0].decode("ascii", "replace") != self.given_up:
            super()._response_done(line)

    def _untagged_response(self, line: bytes) -> Command:
        if line.rstrip().upper().endswith(b" EXISTS"):
            self.mail_announced = True
        return super()._untagged_response(line)


class AttentiveClient(IMAP4):  # type: ignore[misc]
    """An IMAP client with the attentive protocol, encrypted where it has a TLS context."""

    protocol: AttentiveProtocol

    async def examine(self, mailbox: str = "INBOX") -> Response:
        """Open a folder read-only; the library does not note that it is open, and would refuse to search it."""
        response = await super().examine(mailbox)
        if response.result == "OK":
            self.protocol.state = SELECTED
        return response

    async def identify(self, who: Mapping[str, str], *, within: float) -> str:
        """Send ID (RFC 2971); returns `OK`, `NO`, `BAD`, or `nothing` where no response arrives `within` seconds.

        The library's own `id` writes spaces inside the brackets, which some servers refuse.
        """
        words = " ".join(f"{quoted(name)} {quoted(value)}" for name, value in who.items())
        command = Command("ID", self.protocol.new_tag(), f"({words})", timeout=within)
        try:
            response = await self.protocol.execute(command)
        except CommandTimeout:
            self.protocol.given_up = command.tag
            return "nothing"
        return str(response.result)

    def create_client(
        self,
        host: str,
        port: int,
        loop: asyncio.AbstractEventLoop | None,
        conn_lost_cb: Callable[[Exception | None], None] | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Start to connect; called by the library."""
        running = loop or asyncio.get_running_loop()
        self.protocol = AttentiveProtocol(running, conn_lost_cb)
        connecting = running.create_connection(lambda: self.protocol, host, port, ssl=ssl_context)
        self._client_task = running.create_task(connecting)


async def cancelled(tasks: Iterable["asyncio.Future[Any]"]) -> None:
    """Cancel the unfinished tasks and await them, so that no exception is left unretrieved."""
    left = [task for task in tasks if not task.done()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def explained(error: Exception) -> str:
    """A description of an error without the server's text, which may contain addresses."""
    if isinstance(error, (TimeoutError, CommandTimeout)):
        return "The mail server did not answer in time."
    if isinstance(error, OSError):
        return f"The mail server cannot be reached: {error.strerror or type(error).__name__}."
    return f"The mail server answered in a way that is not understood ({type(error).__name__})."
