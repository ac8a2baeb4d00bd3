"""Encode and fold the header values of our mail, so that no value can add a header; pure."""

import re
from collections.abc import Sequence
from email.header import Header

from bot.mail.smtp.errors import UnmailableError

MAX_REFERENCES = 20
MAX_REFERENCES_CHARACTERS = 4_000
MAX_NAME_CHARACTERS = 80

_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")  # also direction marks
_ADDRESS = re.compile(r'([^\s<>@,;:"()\[\]\\\x00-\x20\x7f]{1,64})@([^\s<>@,;:"()\[\]\\\x00-\x20\x7f]{1,253})')
_ID = re.compile(r"[!-;=?-~]{1,900}")  # printable ASCII without angle brackets; with them a line stays below 998
_FOLD = "\r\n "


def one_line(text: str) -> str:
    """The text on one line, without control characters and direction marks."""
    return " ".join(_INVISIBLE.sub(" ", text).split())


def encoded(text: str, *, first_line: int = 0) -> str:
    """The text as encoded words (RFC 2047) unless it is ASCII; the first line has `first_line` characters less."""
    plain = one_line(text)
    needs_encoding = not plain.isascii() or "=?" in plain
    header = Header(plain, "utf-8" if needs_encoding else "us-ascii", maxlinelen=76 - first_line)
    return header.encode(linesep="\r\n")


def envelope_address(address: str) -> str:
    """The address with its domain in ASCII (IDNA), for the envelope; raises UnmailableError when it is not valid."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise UnmailableError("The customer's address cannot be written to.")
    local, domain = found.groups()
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise UnmailableError("The customer's address has a domain that cannot exist.") from error


def phrase_and_address(name: str, address: str) -> str:
    """`"Anna Example" <support@example.org>`, or only the address if there is no name."""
    shown = one_line(name)[:MAX_NAME_CHARACTERS].strip()
    if not shown or shown == address:
        return address
    if shown.isascii() and "=?" not in shown:
        escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"{_FOLD}<{address}>'
    return f"{encoded(shown, first_line=len('From: '))}{_FOLD}<{address}>"


def address_list(addresses: Sequence[str]) -> str:
    """The addresses, separated by commas and folded: each on its own line."""
    return f",{_FOLD}".join(addresses)


def message_ids(ids: Sequence[str]) -> str:
    """The value of References, oldest first; of a long chain the first and the last IDs (RFC 5322, 3.6.4).

    IDs that are not valid in a header are left out.
    """
    kept = [each for each in dict.fromkeys(ids) if _ID.fullmatch(each)]
    while len(kept) > MAX_REFERENCES or (len(kept) > 1 and sum(map(len, kept)) > MAX_REFERENCES_CHARACTERS):
        del kept[1 if len(kept) > 2 else 0]
    return _FOLD.join(f"<{each}>" for each in kept)
