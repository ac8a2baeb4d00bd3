"""Checks the SMTP server and the login there; sends nothing."""

from contextlib import suppress
from datetime import datetime

import aiosmtplib
from aiosmtplib import SMTPAuthenticationError, SMTPConnectError, SMTPException, SMTPTimeoutError

from bot.mail.checks.connection import reached, unreachable
from bot.mail.smtp.errors import LoginFailedError
from bot.reports.findings import Finding, Findings, failed, failed_by, ok, skipped
from bot.settings.kinds import SmtpTls

_ANSWER_SECONDS = 10.0


async def check_sending(
    server: str, port: int, *, tls: SmtpTls, user: str, password: str, sender: str, now: datetime
) -> Findings:
    """The connection, its encryption, and the login, if one is set."""
    if not server:
        yield skipped("smtp", "SMTP_SERVER is not set, so no mail is sent")
        return
    client = aiosmtplib.SMTP(
        hostname=server,
        port=port,
        use_tls=tls is SmtpTls.IMPLICIT,
        start_tls=tls is SmtpTls.STARTTLS,
        timeout=_ANSWER_SECONDS,
    )
    try:
        await client.connect()
        yield reached("smtp", server, port, client.transport, now)
        if user:
            yield await _login(client, user, password)
        else:
            yield ok("smtp login", f"none is set; mail goes out as {sender}")
        with suppress(SMTPException, OSError):  # the result is known already
            await client.quit()
    except (SMTPException, OSError, ValueError) as error:
        yield _connection_fault(error, server, port)
    finally:
        client.close()


async def _login(client: aiosmtplib.SMTP, user: str, password: str) -> Finding:
    try:
        await client.login(user, password)
    except SMTPAuthenticationError as error:
        return failed_by("smtp login", LoginFailedError(error.code), ": ")
    except SMTPException as error:
        return failed("smtp login", str(error), "See that the server takes logins on this port, and SMTP_TLS.")
    return ok("smtp login", f"{user} is logged in")


def _connection_fault(error: Exception, server: str, port: int) -> Finding:
    """The finding for an error of the connection, which aiosmtplib may have wrapped."""
    if isinstance(error, SMTPTimeoutError):
        return unreachable("smtp", TimeoutError(), server, port, "SMTP_TLS")
    if isinstance(error, OSError) or (isinstance(error, SMTPConnectError) and error.__cause__):
        return unreachable("smtp", error.__cause__ or error, server, port, "SMTP_TLS")
    return failed("smtp", f"{server}:{port} says: {error}", "Correct SMTP_PORT, or SMTP_TLS.")
