"""Errors of sending mail, and whether trying again can help."""

import re

from aiosmtplib import SMTPRecipientsRefused, SMTPResponseException

from casebook.errors import CasebookError

_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")
_MAX_REPLY = 200  # characters of a server's reply that are kept


class RefusedError(CasebookError):
    """The mail server refused a mail; `permanent` says whether it will refuse it again."""

    def __init__(self, message: str, *, permanent: bool, code: int = 0) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.code = code


class UnmailableError(RefusedError):
    """A mail cannot be written."""

    def __init__(self, message: str) -> None:
        super().__init__(message, permanent=True)


class ServerUnavailableError(CasebookError):
    """The mail server is not available; all mail waits. `maybe_sent`: it may have accepted the current mail."""

    permanent = False

    def __init__(self, message: str, *, maybe_sent: bool = False) -> None:
        super().__init__(message)
        self.maybe_sent = maybe_sent


class LoginFailedError(ServerUnavailableError):
    """The mail server refuses the login; repeated tries could lock the account."""

    def __init__(self, code: int) -> None:
        super().__init__(f"The mail server refuses the login ({code}): correct SMTP_USER and SMTP_PASSWORD.")


def read_refusal(error: SMTPResponseException | SMTPRecipientsRefused) -> RefusedError:
    """The error for a server's reply: 4xx is temporary, 5xx is permanent (RFC 5321, 4.2.1)."""
    answers = error.recipients if isinstance(error, SMTPRecipientsRefused) else [error]
    worst = min(answers, key=lambda answer: answer.code)  # a temporary refusal makes the mail worth another try
    permanent = worst.code >= 500
    says = one_line_reply(worst.code, worst.message)
    advice = "; correct the cause and press Try again, by itself it waits an hour or more" if permanent else ""
    return RefusedError(f"the mail server says {says}{advice}", permanent=permanent, code=worst.code)


def one_line_reply(code: int, message: str) -> str:
    """A server's reply on one line, shortened."""
    return f"{code} {_INVISIBLE.sub(' ', message).strip()[:_MAX_REPLY]}".strip()
