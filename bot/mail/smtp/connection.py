"""One connection to the server for our mail: every answer has its time, and the kinds of failure are told apart."""

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
from bot.mail.smtp.errors import LoginFailedError, RefusedError, ServerAwayError, read_refusal, sentence
from bot.settings import Settings
from bot.settings.kinds import SmtpTls

ANSWER_WITHIN = 20.0  # seconds for each command
TAKEN_WITHIN = 120.0  # seconds for a whole mail: large ones take their time on slow lines

_CLOSING_DOWN = 421  # RFC 5321, 3.8: the server goes away, whatever was asked
_LINE_ERRORS = (OSError, EOFError)  # timeouts and lost connections are OSError here


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpAccount:
    """The server for our mail, and the login; secrets never show in `repr`."""

    server: str
    port: int
    tls: SmtpTls
    user: str = ""
    password: str = field(default="", repr=False)
    authorities: ssl.SSLContext | None = field(default=None, repr=False)  # None: those of the system


def smtp_account(settings: Settings) -> SmtpAccount | None:
    """The account of the settings; None when no mail is sent."""
    if not settings.smtp_server:
        return None
    return SmtpAccount(
        server=settings.smtp_server,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password.reveal() if settings.smtp_password else "",
    )


class Submission:
    """Hands mails to the server, over one connection that is kept while there are any."""

    def __init__(self, account: SmtpAccount, *, answer_within: float, taken_within: float) -> None:
        self._account = account
        self._answer_within = answer_within
        self._taken_within = taken_within
        self._client: aiosmtplib.SMTP | None = None

    async def send(self, mail: Outgoing) -> str:
        """Hand over one mail; returns who of its readers was refused and why, empty when nobody was.

        Raises RefusedError and ServerAwayError; after the latter the next mail begins with a new connection.
        """
        client = await self._connected(mail.sender.rpartition("@")[2])
        handing_over = False
        try:
            refused = await self._envelope(client, mail)
            handing_over = True
            await client.data(mail.content, timeout=self._taken_within)
        except (SMTPResponseException, SMTPRecipientsRefused) as error:
            refusal = read_refusal(error)
            if refusal.code == _CLOSING_DOWN:
                self.abandon()
                raise ServerAwayError("The mail server closed the connection.") from error
            await self._reset(client)
            raise refusal from error
        except (SMTPException, *_LINE_ERRORS) as error:
            self.abandon()
            raise ServerAwayError(_explained(error), maybe_sent=handing_over) from error
        except asyncio.CancelledError:
            self.abandon()
            raise
        return refused

    async def _envelope(self, client: aiosmtplib.SMTP, mail: Outgoing) -> str:
        """Who it is from and for; returns who was refused while others were not."""
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
        # One who is refused only for now must not be left out: the whole mail waits for them.
        passing = [error for error in refused if error.code < 500]
        if passing or len(refused) == len(mail.recipients):
            raise SMTPRecipientsRefused(passing or refused)
        return "; ".join(f"{error.recipient}: {sentence(error.code, error.message)}" for error in refused)

    async def _connected(self, domain: str) -> aiosmtplib.SMTP:
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
            if error.code < 500:  # RFC 4954: not the password's fault
                raise ServerAwayError("The mail server takes no logins for now.") from error
            raise LoginFailedError(error.code) from error
        except (SMTPException, ValueError, *_LINE_ERRORS) as error:
            client.close()
            raise ServerAwayError(_explained(error)) from error
        except asyncio.CancelledError:
            client.close()
            raise
        self._client = client
        return client

    async def _reset(self, client: aiosmtplib.SMTP) -> None:
        """Forget the envelope of what was refused; a server that cannot is left."""
        try:
            await client.rset()
        except (SMTPException, *_LINE_ERRORS):
            self.abandon()

    async def hang_up(self) -> None:
        """End the connection, as far as the server still listens."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            async with asyncio.timeout(2):
                await client.quit()
        except (SMTPException, *_LINE_ERRORS):
            pass  # a server need not hear the farewell
        finally:
            client.close()

    def abandon(self) -> None:
        """Drop the connection: after a timeout a late answer would be taken for the next one."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _explained(error: Exception) -> str:
    """What went wrong, without anything that the server said: it may hold addresses."""
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
