"""A mail before it is read, and what came of reading it: values that can be handed to another process and back."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.files.store import Store
from bot.mail.incoming import Keep, MailRules, read_incoming
from bot.mail.mime.budget import frugal, mail_budget
from bot.mail.saving import Keeping
from casebook.errors import CasebookError
from casebook.incoming import Incoming


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """The bytes of a mail, and what must be known to read them.

    `whole` is false when only its beginning is here; `frugal` leaves out what may cost much, such as its HTML.
    """

    raw: bytes = field(repr=False)
    received_at: datetime
    folder: str
    rules: MailRules
    store: Store | None
    whole: bool = True
    frugal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadResult:
    """The message in a mail, or why it cannot be read; and how it went with its files.

    It `overran` when it took too long, or ended the process that read: then nothing of the mail is known.
    """

    found: Incoming | str
    overran: bool = False
    files_tried: bool = False
    files_failed: str = ""


ReadMail = Callable[[Unread], Awaitable[ReadResult]]


def read(mail: Unread) -> ReadResult:
    """Read a mail and keep its files; blocks, and raises nothing."""
    with mail_budget(frugal() if mail.frugal else None):
        keeping = Keeping(mail.store, whole=mail.whole)
        found = read_or_why_not(mail.raw, mail.received_at, mail.folder, mail.rules, keeping.keep)
    if mail.frugal and isinstance(found, Incoming):
        found = replace(found, cut=True)
    return ReadResult(found=found, files_tried=keeping.tried, files_failed=keeping.failed)


async def read_on_a_thread(mail: Unread) -> ReadResult:
    """The same in this process, without a limit on its time."""
    return await asyncio.to_thread(read, mail)


async def read_at_last(read: ReadMail, mail: Unread) -> ReadResult:
    """The reading of a mail; where it overruns, that of its head, its plain text and its files."""
    reading = await read(mail)
    return await read(replace(mail, frugal=True)) if reading.overran else reading


def read_or_why_not(raw: bytes, received_at: datetime, folder: str, rules: MailRules, keep: Keep) -> Incoming | str:
    """The message in a mail, or why it cannot be read."""
    try:
        with mail_budget():
            return read_incoming(raw, received_at=received_at.astimezone(UTC), folder=folder, settings=rules, keep=keep)
    except CasebookError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 (a mail that trips the parser may cost only itself: it is kept, whole)
        return f"This mail cannot be read ({type(error).__name__})."
