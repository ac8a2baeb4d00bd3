"""The IMAP account: server, login, folder and access tokens."""

import asyncio
import shlex
import ssl
from dataclasses import dataclass, field

from bot.settings import Settings
from bot.settings.kinds import ImapMark
from casebook.errors import CasebookError

_TOKEN_SECONDS = 30.0


class LoginRefusedError(CasebookError):
    """The mail server refused the login: check IMAP_EMAIL and IMAP_PASSWORD (many providers want an app password)."""

    permanent = False


class TokenRefusedError(LoginRefusedError):
    """The mail server refused the token: see that IMAP_TOKEN_COMMAND prints a fresh one."""


class TokenCommandError(LoginRefusedError):
    """IMAP_TOKEN_COMMAND gave no token: run it by hand and see that it prints one and ends with status 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapAccount:
    """An inbox on an IMAP server; `repr` shows no secrets."""

    server: str
    address: str  # the address that customers write to
    login: str = ""  # empty: the address
    port: int = 993
    password: str = field(default="", repr=False)
    token_command: str = field(default="", repr=False)  # prints an OAuth 2 access token; replaces the password
    tls: bool = True
    folder: str = "INBOX"
    mark_seen: bool = True
    idle_seconds: float = 120.0
    poll_interval: float = 30.0
    authorities: ssl.SSLContext | None = field(default=None, repr=False)  # None: those of the system

    @property
    def user(self) -> str:
        """The name to log in with."""
        return self.login or self.address

    @property
    def door(self) -> str:
        """The key of this folder's read position in the database."""
        return f"mail:{self.address}/{self.folder}"

    @property
    def beginning(self) -> str:
        """The key of the position at which the first start began."""
        return f"{self.door}:from"

    def ssl_context(self) -> ssl.SSLContext | None:
        """The TLS context, or None for an unencrypted connection."""
        if not self.tls:
            return None
        return self.authorities or ssl.create_default_context()

    async def token(self) -> str:
        """A fresh access token from the token command. Raises TokenCommandError."""
        try:
            process = await asyncio.create_subprocess_exec(
                *shlex.split(self.token_command),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except (OSError, ValueError) as error:
            raise TokenCommandError from error
        try:
            output, _ = await asyncio.wait_for(process.communicate(), _TOKEN_SECONDS)
        except TimeoutError as error:
            raise TokenCommandError("IMAP_TOKEN_COMMAND did not end within 30 seconds.") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        token = output.decode("ascii", "replace").strip()
        if process.returncode or not token:
            raise TokenCommandError
        return token


def imap_account(settings: Settings) -> ImapAccount:
    """The account from the settings."""
    return ImapAccount(
        server=settings.imap_server,
        port=settings.imap_port,
        address=settings.imap_email,
        login=settings.imap_login,
        password=settings.imap_password.reveal() if settings.imap_password else "",
        token_command=settings.imap_token_command,
        tls=settings.imap_tls,
        folder=settings.imap_folder,
        mark_seen=settings.imap_mark is ImapMark.SEEN,
        idle_seconds=settings.imap_idle_seconds,
        poll_interval=settings.email_poll_interval,
    )
