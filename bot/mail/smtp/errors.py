"""Why a mail of ours was not sent, and whether trying again can help."""

import re

from aiosmtplib import SMTPRecipientsRefused, SMTPResponseException

from casebook.errors import CasebookError

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")
_SHOWN = 200  # characters of what the server says


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


class ServerAwayError(CasebookError):
    """The server for our mail is not there; every mail waits. `maybe_sent` when it may have taken the one in hand."""

    permanent = False

    def __init__(self, message: str, *, maybe_sent: bool = False) -> None:
        super().__init__(message)
        self.maybe_sent = maybe_sent


class LoginFailedError(ServerAwayError):
    """The server for our mail refuses the login; tries in a row would lock the account."""

    def __init__(self, code: int) -> None:
        super().__init__(f"The mail server refuses the login ({code}): correct SMTP_USER and SMTP_PASSWORD.")


def read_refusal(error: SMTPResponseException | SMTPRecipientsRefused) -> RefusedError:
    """What the server's answer means: 4xx may pass, 5xx is for good (RFC 5321, 4.2.1)."""
    answers = error.recipients if isinstance(error, SMTPRecipientsRefused) else [error]
    worst = min(answers, key=lambda answer: answer.code)  # one that may pass later is worth another try
    permanent = worst.code >= 500
    says = sentence(worst.code, worst.message)
    advice = "; correct the cause and press Try again, by itself it waits an hour or more" if permanent else ""
    return RefusedError(f"the mail server says {says}{advice}", permanent=permanent, code=worst.code)


def sentence(code: int, message: str) -> str:
    """A server's answer in one line of bearable length."""
    return f"{code} {_UNSEEN.sub(' ', message).strip()[:_SHOWN]}".strip()
