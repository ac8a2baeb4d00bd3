"""aioimaplib's client, made attentive: mail that is announced during another command is remembered."""

import asyncio
import ssl
from collections.abc import Callable

from aioimaplib import IMAP4
from aioimaplib.aioimaplib import SELECTED, Command, IMAP4ClientProtocol, Response


class AttentiveProtocol(IMAP4ClientProtocol):  # type: ignore[misc]
    """The library drops an EXISTS that arrives during another command; a mail would wait for the next IDLE."""

    mail_announced = False

    def _untagged_response(self, line: bytes) -> Command:
        if line.rstrip().upper().endswith(b" EXISTS"):
            self.mail_announced = True
        return super()._untagged_response(line)


class AttentiveClient(IMAP4):  # type: ignore[misc]
    """An IMAP client on the attentive protocol, encrypted where it is given a context."""

    protocol: AttentiveProtocol

    async def examine(self, mailbox: str = "INBOX") -> Response:
        """Open a folder for reading; the library forgets that a folder is open then, and refuses to search it."""
        response = await super().examine(mailbox)
        if response.result == "OK":
            self.protocol.state = SELECTED
        return response

    def create_client(
        self,
        host: str,
        port: int,
        loop: asyncio.AbstractEventLoop | None,
        conn_lost_cb: Callable[[Exception | None], None] | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Start to connect; the library calls this."""
        running = loop or asyncio.get_running_loop()
        self.protocol = AttentiveProtocol(running, conn_lost_cb)
        connecting = running.create_connection(lambda: self.protocol, host, port, ssl=ssl_context)
        self._client_task = running.create_task(connecting)
