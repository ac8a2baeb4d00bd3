"""Parses the responses of an IMAP server (RFC 3501)."""

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

_FETCH = re.compile(rb"\d+ FETCH \(")
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_SHORT = re.compile(rb'\bBODY\[[^\]]*\](?:<\d+>)? (?:NIL|"((?:[^"\\]|\\.)*)")', re.IGNORECASE)  # not a literal
_DATE = re.compile(rb'\bINTERNALDATE "\s*([^"]+)"')
_TEXT_LIMIT = 200  # characters
_PLAIN = re.compile(r"([^\x20-\x7e]+)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WHEN = re.compile(r"(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-]\d{4})")


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail as the server delivers it."""

    uid: int
    size: int
    received_at: datetime | None  # INTERNALDATE in UTC; None where the server gives none
    raw: bytes = field(default=b"", repr=False)
    is_empty: bool = False  # whether it was delivered with zero bytes


def fetched_mails(lines: Sequence[bytes | bytearray]) -> list[Fetched]:
    """The mails of a FETCH response; the library returns literals as bytearrays between the lines."""
    mails: list[Fetched] = []
    words = b""
    literal: bytes | None = None
    for line in (*lines, b"0 FETCH ("):  # a sentinel that finishes the last mail
        if isinstance(line, bytearray):
            literal = bytes(line)
        elif _FETCH.match(line):
            if mail := _fetched(words, literal):
                mails.append(mail)
            words, literal = line, None
        else:
            words += b" " + line
    return mails


def _fetched(words: bytes, literal: bytes | None) -> Fetched | None:
    uid, size, date = _UID.search(words), _SIZE.search(words), _DATE.search(words)
    if uid is None:
        return None  # an unsolicited change of flags
    if literal is None and (short := _SHORT.search(words)):
        literal = re.sub(rb"\\(.)", rb"\1", short[1] or b"")
    return Fetched(
        uid=int(uid[1]),
        size=int(size[1]) if size else len(literal or b""),
        received_at=_instant(date[1]) if date else None,
        raw=literal or b"",
        is_empty=literal == b"",
    )


def _instant(date: bytes) -> datetime | None:
    match = _WHEN.fullmatch(date.decode("ascii", "replace").strip())
    if match is None or match[2].title() not in _MONTHS:
        return None
    day, month, year, hour, minute, second, zone = match.groups()
    number = _MONTHS.index(month.title()) + 1
    text = f"{year}-{number:02}-{int(day):02}T{hour}:{minute}:{second}{zone}"
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def imap_date(when: date) -> str:
    """A date for SEARCH, in English in every locale: 3-May-2026."""
    return f"{when.day}-{_MONTHS[when.month - 1]}-{when.year}"


def numbers(lines: Iterable[bytes]) -> list[int]:
    """The numbers of a SEARCH response, sorted."""
    return sorted({int(word) for line in lines for word in line.split() if word.isdigit()})


def select_number(lines: Iterable[bytes], name: bytes) -> int:
    """A number such as UIDVALIDITY from the response to SELECT; 0 where it is missing."""
    for line in lines:
        if found := re.search(rb"\[" + name + rb" (\d+)", line):
            return int(found[1])
    return 0


def response_text(lines: Sequence[bytes | bytearray]) -> str:
    """The text of a response in one line, without control characters and addresses."""
    text = lines[-1].decode("utf-8", "replace") if lines else ""
    shown = "".join(character if character.isprintable() else " " for character in text)
    return " ".join("[address]" if "@" in word else word for word in shown.split())[:_TEXT_LIMIT]


def mails_there(lines: Iterable[bytes]) -> int:
    """The number of mails in the folder, from the response to SELECT."""
    return next((int(line.split()[0]) for line in lines if re.fullmatch(rb"\d+ EXISTS\s*", line)), 0)


def uid_set(uids: Iterable[int]) -> str:
    """UIDs as an argument of a command."""
    return ",".join(map(str, uids))


def encode_folder(name: str) -> str:
    """The name of a folder in modified UTF-7 (RFC 3501, 5.1.3)."""
    return _PLAIN.sub(_shifted, name.replace("&", "&-"))


def _shifted(match: re.Match[str]) -> str:
    encoded = b64encode(match[1].encode("utf-16-be")).decode("ascii")
    return "&" + encoded.rstrip("=").replace("/", ",") + "-"
