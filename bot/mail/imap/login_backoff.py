"""Wait times after refused logins, which avoid locked accounts and recover soon from temporary refusals."""

from bot.clock import Clock
from bot.mail.imap.account import LoginRefusedError, TokenCommandError, TokenRefusedError
from bot.runtime.backoff import Backoff

FIRST_SECONDS = 300.0
_SOON = 3  # early attempts with a password that has worked before


class LoginBackoff:
    """Wait times after refused logins; shared by successive `Inbox` objects.

    Many servers lock an account after several refused passwords. A password that never worked is tried again after
    five minutes, ten, twenty, and so on up to an hour, each shortened by at most a half. A password that has worked is
    usually refused because the server cannot check it for a while: it is tried again three times after at most two
    minutes each, then once after half an hour, then like any other. In both cases there are fewer than five attempts in
    half an hour, which is the strictest limit in use. Refused tokens lock no account, and a token command that fails
    does not even reach the mail server.
    """

    def __init__(self, clock: Clock, first: float = FIRST_SECONDS) -> None:
        self._clock = clock
        self._first = first
        self._password = Backoff(first, 12 * first)
        self._token = Backoff(first / 5, 0.4 * first)
        self._command = Backoff(first / 300, first / 5)
        self._soon = Backoff(0.4 * first, 0.4 * first)
        self._left_soon = 0
        self._until = clock.monotonic()

    def worked(self) -> None:
        """A login succeeded."""
        for backoff in (self._password, self._token, self._command):
            backoff.reset()
        self._left_soon = _SOON + 1

    def after(self, error: LoginRefusedError) -> float:
        """Seconds to wait after this refusal."""
        seconds = self._seconds(error)
        self._until = self._clock.monotonic() + seconds
        return seconds

    def left(self) -> float:
        """Seconds that are left of the last wait."""
        return max(0.0, self._until - self._clock.monotonic())

    def _seconds(self, error: LoginRefusedError) -> float:
        if isinstance(error, TokenCommandError):
            return self._command.next()
        if isinstance(error, TokenRefusedError):
            return self._token.next()
        if not self._left_soon:
            return self._password.next()
        self._left_soon -= 1
        return self._soon.next() if self._left_soon else 6 * self._first
