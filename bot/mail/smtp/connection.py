"""Send mail over one SMTP connection, with a time limit for each reply and an error for each kind of failure."""

import asyncio
import ssl
from dataclasses import dataclass, field

import aiosmtplib
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from bot.mail.smtp.compose import Outgoing
from bot.mail.smtp.errors import LoginFailedError, RefusedError, ServerUnavailableError, one_line_reply, read_refusal
from bot.settings import Settings
from bot.settings.kinds import SmtpTls

ANSWER_WITHIN = 20.0  # seconds for each command
SEND_WITHIN = 120.0  # seconds for the content of a mail, which may be large

_SHUTTING_DOWN = 421  # RFC 5321, 3.8: a reply to any command when the server closes the connection
_CONNECTION_ERRORS = (OSError, EOFError)  # timeouts and lost connections are OSError here


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpAccount:
    """The SMTP server and the login; `repr` shows no secrets."""

    server: str
    port: int
    tls: SmtpTls
    user: str = ""
    password: str = field(default="", repr=False)
    authorities: ssl.SSLContext | None = field(default=None, repr=False)  # None: the system's certificate authorities


def smtp_account(settings: Settings) -> SmtpAccount | None:
    """The account from the settings; None if no server is set, so that no mail is sent."""
    if not settings.smtp_server:
        return None
    return SmtpAccount(
        server=settings.smtp_server,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password.reveal() if settings.smtp_password else "",
    )


class SmtpConnection:
    """Sends mails over one connection, which stays open until `close` or an error."""

    def __init__(self, account: SmtpAccount, *, answer_within: float, send_within: float) -> None:
        self._account = account
        self._answer_within = answer_within
        self._taken_within = send_within
        self._client: aiosmtplib.SMTP | None = None

    async def send(self, mail: Outgoing) -> str:
        """Send one mail; returns the recipients that were refused, with the server's replies, or an empty string.

        Raises RefusedError if no recipient gets the mail, and ServerUnavailableError if there is no usable connection;
        the next mail then opens a new one.
        """
        client = await self._connect(mail.sender.rpartition("@")[2])
        in_data = False
        try:
            refused = await self._envelope(client, mail)
            in_data = True
            await client.data(mail.content, timeout=self._taken_within)
        except (SMTPResponseException, SMTPRecipientsRefused) as error:
            refusal = read_refusal(error)
            if refusal.code == _SHUTTING_DOWN:
                self.abandon()
                raise ServerUnavailableError("The mail server closed the connection.") from error
            await self._reset(client)
            raise refusal from error
        except (SMTPException, *_CONNECTION_ERRORS) as error:
            self.abandon()
            raise ServerUnavailableError(_explanation(error), maybe_sent=in_data) from error
        except asyncio.CancelledError:
            self.abandon()
            raise
        return refused

    async def _envelope(self, client: aiosmtplib.SMTP, mail: Outgoing) -> str:
        """Send the sender and the recipients; returns as `send` does."""
        if mail.utf8 and not client.supports_extension("smtputf8"):
            raise RefusedError("the mail server cannot carry the letters of this address", permanent=True)
        encoding = "utf-8" if mail.utf8 else "ascii"
        options = [f"SIZE={len(mail.content)}"] if client.supports_extension("size") else []
        options += ["SMTPUTF8"] if mail.utf8 else []
        await client.mail(mail.sender, options=options, encoding=encoding)
        refused = []
        for address in mail.recipients:
            try:
                await client.rcpt(address, encoding=encoding)
            except aiosmtplib.SMTPRecipientRefused as error:
                refused.append(error)
        # A temporarily refused recipient must not be skipped: the whole mail is tried again later.
        temporary = [error for error in refused if error.code < 500]
        if temporary or len(refused) == len(mail.recipients):
            raise SMTPRecipientsRefused(temporary or refused)
        return "; ".join(f"{error.recipient}: {one_line_reply(error.code, error.message)}" for error in refused)

    async def _connect(self, domain: str) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        account = self._account
        client = aiosmtplib.SMTP(
            hostname=account.server,
            port=account.port,
            local_hostname=domain,
            use_tls=account.tls is SmtpTls.IMPLICIT,
            start_tls=account.tls is SmtpTls.STARTTLS,
            tls_context=account.authorities,
            timeout=self._answer_within,
        )
        try:
            async with asyncio.timeout(2 * self._answer_within):
                await client.connect()
                if account.user:
                    await client.login(account.user, account.password)
                if client.is_ehlo_or_helo_needed:
                    await client.ehlo()
        except SMTPAuthenticationError as error:
            client.close()
            if error.code < 500:  # RFC 4954: a temporary failure, the password may be right
                raise ServerUnavailableError("The mail server takes no logins for now.") from error
            raise LoginFailedError(error.code) from error
        except (SMTPException, ValueError, *_CONNECTION_ERRORS) as error:
            client.close()
            raise ServerUnavailableError(_explanation(error)) from error
        except asyncio.CancelledError:
            client.close()
            raise
        self._client = client
        return client

    async def _reset(self, client: aiosmtplib.SMTP) -> None:
        """Reset the envelope after a refused mail; drops the connection if that fails."""
        try:
            await client.rset()
        except (SMTPException, *_CONNECTION_ERRORS):
            self.abandon()

    async def close(self) -> None:
        """Close the connection with QUIT, if the server still replies."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            async with asyncio.timeout(2):
                await client.quit()
        except (SMTPException, *_CONNECTION_ERRORS):
            pass  # QUIT is a courtesy, the connection is closed anyway
        finally:
            client.close()

    def abandon(self) -> None:
        """Drop the connection without QUIT: after a timeout, a late reply would be taken for the next command's."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _explanation(error: Exception) -> str:
    """What went wrong, without the server's text, which may hold addresses."""
    cause = error.__cause__ if isinstance(error, SMTPException) and error.__cause__ else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"The certificate of the mail server is not good: {cause.verify_message}."
    if isinstance(error, TimeoutError) or isinstance(cause, TimeoutError):
        return "The mail server does not answer in time."
    if isinstance(error, SMTPResponseException):
        return f"The mail server answers with {error.code}."
    if isinstance(error, SMTPNotSupported):
        return "The mail server cannot do what SMTP_TLS or the login needs."
    reason = (cause.strerror if isinstance(cause, OSError) else "") or type(cause).__name__
    return f"The mail server cannot be reached: {reason}."
