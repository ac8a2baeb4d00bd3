"""Serializes parsing jobs and results between the two processes: JSON, and the raw bytes of the mail.

The parser process handles hostile input, so that its answers are validated before they are used.
"""

import re
import struct
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

from bot.files.store import Store
from bot.mail.incoming import MailRules
from bot.mail.worker.job import ReadResult, Unread
from casebook.incoming import Incoming, IncomingFile, Source

QUESTION = struct.Struct("!QQ")  # bytes of JSON, bytes of the mail
ANSWER = struct.Struct("!Q")
ANSWER_LIMIT = 150_000_000  # bytes; each character of the longest texts may take four
_TEXT_LIMIT = 6_000_000  # characters
_MOST = 100_000  # items of a list, such as addresses or files
_SHA256 = re.compile(r"(?:[0-9a-f]{64})?")


class MalformedAnswerError(Exception):
    """The parser process sent an invalid answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    received_at: datetime
    folder: str
    rules: MailRules
    store: str | None  # the folder
    whole: bool
    frugal: bool


def question(mail: Unread) -> bytes:
    """A job as bytes; the bytes of the mail follow it."""
    asked = _Question(
        received_at=mail.received_at.astimezone(UTC),
        folder=mail.folder,
        rules=mail.rules,
        store=str(mail.store.folder) if mail.store else None,
        whole=mail.whole,
        frugal=mail.frugal,
    )
    encoded = msgspec.json.encode(asked)
    return QUESTION.pack(len(encoded), len(mail.raw)) + encoded


def next_question(stream: BinaryIO) -> Unread | None:
    """The next job; None at the end of the stream."""
    head = stream.read(QUESTION.size)
    if len(head) < QUESTION.size:
        return None
    length, raw_length = QUESTION.unpack(head)
    asked = msgspec.json.decode(stream.read(length), type=_Question)
    return Unread(
        raw=stream.read(raw_length),
        received_at=asked.received_at,
        folder=asked.folder,
        rules=asked.rules,
        store=Store(Path(asked.store)) if asked.store is not None else None,
        whole=asked.whole,
        frugal=asked.frugal,
    )


def answer(reading: ReadResult) -> bytes:
    """A result as bytes."""
    try:
        encoded = msgspec.json.encode(reading)
    except (UnicodeError, ValueError, TypeError) as error:  # such as lone surrogates, which could not be stored either
        encoded = msgspec.json.encode(ReadResult(found=f"This mail cannot be read ({type(error).__name__})."))
    return ANSWER.pack(len(encoded)) + encoded


def answer_length(head: bytes) -> int:
    """The number of bytes that follow; raises MalformedAnswerError for an impossible length."""
    (length,) = ANSWER.unpack(head)
    if not 0 < length <= ANSWER_LIMIT:
        raise MalformedAnswerError("an answer of impossible length")
    return int(length)


def reading(encoded: bytes, mail: Unread) -> ReadResult:
    """Decode and validate the result for this mail; raises MalformedAnswerError."""
    try:
        found = msgspec.json.decode(encoded, type=ReadResult)
    except (msgspec.MsgspecError, UnicodeError, ValueError) as error:
        raise MalformedAnswerError("an answer that is no reading") from error
    incoming = found.found
    if found.overran or (isinstance(incoming, Incoming) and not _may_be(incoming, mail)):
        raise MalformedAnswerError("an answer that is no reading of this mail")
    return found


def _may_be(incoming: Incoming, mail: Unread) -> bool:
    """Whether a message can come from this mail: the known fields agree, and nothing is too large."""
    known = (incoming.source, incoming.place, incoming.timestamp, incoming.thread, incoming.edited_at)
    return (
        known == (Source.EMAIL, mail.folder, mail.received_at, "", None)
        and _sized(incoming)
        and all(_is_file(file) for file in incoming.attachments)
    )


def _is_file(file: IncomingFile) -> bool:
    return file.size >= 0 and file.kept == bool(file.sha256) and _SHA256.fullmatch(file.sha256) is not None


def _sized(value: object) -> bool:
    """Whether every text and list is within the limits."""
    if isinstance(value, str):
        return len(value) <= _TEXT_LIMIT
    if isinstance(value, tuple):
        return len(value) <= _MOST and all(map(_sized, value))
    return not is_dataclass(value) or all(_sized(getattr(value, each.name)) for each in fields(value))
