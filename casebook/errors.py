"""The error classes: a class's docstring is its default message, and `permanent` says that a retry cannot help."""


class CasebookError(Exception):
    """Something in Casebook went wrong."""

    permanent = True

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or "").strip())


class DatabaseUnavailableError(CasebookError):
    """The database does not answer; nothing was stored, and the same work will be tried again."""

    permanent = False


class NewerBookError(CasebookError):
    """The database was written by a newer Casebook; install that version or a later one, nothing was changed."""

    def __init__(self, step: str = "") -> None:
        super().__init__(f"{NewerBookError.__doc__} It has the unknown step {step}." if step else None)


class BookInUseError(CasebookError):
    """Another bot is already running on this database file; stop it first, or use PostgreSQL for several."""


class PoolerError(CasebookError):
    """A transaction pooler stands before PostgreSQL, where locks get lost; DATABASE_URL must name PostgreSQL itself."""


class LeadershipLostError(CasebookError):
    """Another process may be doing this work now."""

    permanent = False


class DatabaseUrlError(CasebookError):
    """DATABASE_URL must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."""


class NoSuchCaseError(CasebookError):
    """There is no such case."""


class NoSuchRowError(CasebookError):
    """There is no such ledger row."""


class NotQuarantinedError(CasebookError):
    """The item is not in quarantine."""


class CaseClosedError(CasebookError):
    """The case is closed."""


class CaseOpenError(CasebookError):
    """The case is open already."""


class OtherCaseOpenError(CasebookError):
    """The customer has another open case; a customer has at most one."""


class MovedError(CasebookError):
    """The messages of the case are in another one now."""


class AlreadyEscalatedError(CasebookError):
    """The case is escalated already."""


class SettledAlreadyError(CasebookError):
    """This has been decided already, and nothing was changed; the post says by whom."""


class NotEscalatedError(CasebookError):
    """The case is not escalated."""


class NoWayToAnswerError(CasebookError):
    """Nobody has written in this case yet, so there is nowhere to send an answer."""


class NoMailWrittenError(NoWayToAnswerError):
    """The customer wrote last by mail, and no server for our mail is set up; answer from your mail program."""


class UnattendedAddressError(NoWayToAnswerError):
    """The customer wrote last from an address at which nobody reads, such as no-reply; nothing is sent there."""


class NothingToSayError(CasebookError):
    """An answer needs words."""


class TooLongError(CasebookError):
    """An answer can have at most 12,000 characters; send it in parts."""


class WroteMeanwhileError(CasebookError):
    """Somebody wrote in the case after the form was opened."""

    def __init__(self, message_id: int, writer: str, text: str) -> None:
        super().__init__(f"{writer} wrote after you opened this form.")
        self.message_id = message_id
        self.writer = writer
        self.text = text


class TooLateError(CasebookError):
    """It is too late to take the answer back: it has been sent."""


class NoSuchNoticeError(CasebookError):
    """There is no such notice in the outbox."""


class NotDroppedError(CasebookError):
    """That notice cannot be taken back now."""
