"""What stands in the answers of an IMAP server (RFC 3501), as values."""

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
_SAID = 200  # characters
_PLAIN = re.compile(r"([^\x20-\x7e]+)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WHEN = re.compile(r"(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-]\d{4})")


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail as the server holds it."""

    uid: int
    size: int
    received_at: datetime | None  # INTERNALDATE in UTC; None where the server gives none
    raw: bytes = field(default=b"", repr=False)
    is_empty: bool = False  # whether its bytes were delivered and are none


def fetched_mails(lines: Sequence[bytes | bytearray]) -> list[Fetched]:
    """The mails of a FETCH answer; the library gives literals as bytearray, in place."""
    mails: list[Fetched] = []
    words = b""
    literal: bytes | None = None
    for line in (*lines, b"0 FETCH ("):  # a last head, so that the last mail is finished too
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
        return None  # flags that changed, told in between
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
    """A day as SEARCH wants it, in English whatever the locale: 3-May-2026."""
    return f"{when.day}-{_MONTHS[when.month - 1]}-{when.year}"


def numbers(lines: Iterable[bytes]) -> list[int]:
    """The numbers of a SEARCH answer, in order."""
    return sorted({int(word) for line in lines for word in line.split() if word.isdigit()})


def select_number(lines: Iterable[bytes], name: bytes) -> int:
    """A number such as UIDVALIDITY from the answer to SELECT; 0 where it is missing."""
    for line in lines:
        if found := re.search(rb"\[" + name + rb" (\d+)", line):
            return int(found[1])
    return 0


def words_said(lines: Sequence[bytes | bytearray]) -> str:
    """What a server says about a command, in one line, without control characters and without addresses."""
    said = lines[-1].decode("utf-8", "replace") if lines else ""
    shown = "".join(character if character.isprintable() else " " for character in said)
    return " ".join("[address]" if "@" in word else word for word in shown.split())[:_SAID]


def mails_there(lines: Iterable[bytes]) -> int:
    """How many mails are in the folder, from the answer to SELECT."""
    return next((int(line.split()[0]) for line in lines if re.fullmatch(rb"\d+ EXISTS\s*", line)), 0)


def uid_set(uids: Iterable[int]) -> str:
    """Mails as a command names them."""
    return ",".join(map(str, uids))


def encode_folder(name: str) -> str:
    """A folder's name in modified UTF-7 (RFC 3501, 5.1.3)."""
    return _PLAIN.sub(_shifted, name.replace("&", "&-"))


def _shifted(match: re.Match[str]) -> str:
    encoded = b64encode(match[1].encode("utf-16-be")).decode("ascii")
    return "&" + encoded.rstrip("=").replace("/", ",") + "-"
