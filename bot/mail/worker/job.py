"""The job of parsing one mail, and its result: values that can be sent to the parser process and back."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.files.store import Store
from bot.mail.incoming import Keep, MailRules, read_incoming
from bot.mail.mime.budget import frugal, mail_budget
from bot.mail.saving import FileSaver
from casebook.errors import CasebookError
from casebook.incoming import Incoming


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """The bytes of a mail, and what is needed to parse them.

    `whole` is false when `raw` is only the beginning; `frugal` skips expensive parts, such as HTML.
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
    """The message in a mail, or why it cannot be read; and whether its files were saved.

    `overran` is true when parsing took too long or crashed the parser process; then nothing of the mail is known.
    """

    found: Incoming | str
    overran: bool = False
    files_tried: bool = False
    files_failed: str = ""


ReadMail = Callable[[Unread], Awaitable[ReadResult]]


def read(mail: Unread) -> ReadResult:
    """Parse a mail and save its files; blocks, and raises nothing."""
    with mail_budget(frugal() if mail.frugal else None):
        saver = FileSaver(mail.store, whole=mail.whole)
        found = read_or_why_not(mail.raw, mail.received_at, mail.folder, mail.rules, saver.keep)
    if mail.frugal and isinstance(found, Incoming):
        found = replace(found, cut=True)
    return ReadResult(found=found, files_tried=saver.tried, files_failed=saver.failed)


async def read_on_a_thread(mail: Unread) -> ReadResult:
    """The same in a thread of this process, without a time limit."""
    return await asyncio.to_thread(read, mail)


async def read_at_last(read: ReadMail, mail: Unread) -> ReadResult:
    """Parse a mail; if that overruns, only its headers, its plain text and its files."""
    reading = await read(mail)
    return await read(replace(mail, frugal=True)) if reading.overran else reading


def read_or_why_not(raw: bytes, received_at: datetime, folder: str, rules: MailRules, keep: Keep) -> Incoming | str:
    """The message in a mail, or why it cannot be read."""
    try:
        with mail_budget():
            return read_incoming(raw, received_at=received_at.astimezone(UTC), folder=folder, settings=rules, keep=keep)
    except CasebookError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 (a mail that the parser fails on goes into quarantine, whole)
        return f"This mail cannot be read ({type(error).__name__})."
