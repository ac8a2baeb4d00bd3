"""A mail before it is read, and what came of reading it: values that can be handed to another process and back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.attachments import Store
from bot.mail.incoming import Keep, MailRules, read_incoming
from bot.mail.keeping import Keeping
from casebook.errors import CasebookError
from casebook.incoming import Incoming


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """The bytes of a mail, and what must be known to read them; `whole` is false when only its beginning is here."""

    raw: bytes = field(repr=False)
    received_at: datetime
    folder: str
    rules: MailRules
    store: Store | None
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The message in a mail, or why it cannot be read; and how it went with its files."""

    found: Incoming | str
    files_tried: bool = False
    files_failed: str = ""


ReadMail = Callable[[Unread], Awaitable[Reading]]


def read(mail: Unread) -> Reading:
    """Read a mail and keep its files; blocks, and raises nothing."""
    keeping = Keeping(mail.store, mail.raw, whole=mail.whole)
    found = read_or_why_not(mail.raw, mail.received_at, mail.folder, mail.rules, keeping.keep)
    return Reading(found=found, files_tried=keeping.tried, files_failed=keeping.failed)


def read_or_why_not(raw: bytes, received_at: datetime, folder: str, rules: MailRules, keep: Keep) -> Incoming | str:
    """The message in a mail, or why it cannot be read."""
    try:
        return read_incoming(raw, received_at=received_at.astimezone(UTC), folder=folder, settings=rules, keep=keep)
    except CasebookError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 (a mail that trips the parser may cost only itself: it is kept, whole)
        return f"This mail cannot be read ({type(error).__name__})."
