"""Header values of our mail: names and subjects of any alphabet, folded, and never a line of their own; pure."""

import re
from collections.abc import Sequence
from email.header import Header

from bot.mail.smtp.errors import UnmailableError

REFERENCES_AT_MOST = 20
REFERENCES_CHARACTERS = 4_000
NAME_CHARACTERS = 80

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")  # control, and turns of direction
_ADDRESS = re.compile(r'([^\s<>@,;:"()\[\]\\\x00-\x20\x7f]{1,64})@([^\s<>@,;:"()\[\]\\\x00-\x20\x7f]{1,253})')
_ID = re.compile(r"[!-;=?-~]{1,900}")  # printable ASCII without angle brackets; with them a line stays below 998
_FOLD = "\r\n "


def one_line(text: str) -> str:
    """The text without anything that could end a header or be seen as something else."""
    return " ".join(_UNSEEN.sub(" ", text).split())


def words(text: str, *, first_line: int = 0) -> str:
    """A text as a header holds it: encoded words (RFC 2047) unless it is plain ASCII; `first_line` is taken already."""
    plain = one_line(text)
    encoded = not plain.isascii() or "=?" in plain
    header = Header(plain, "utf-8" if encoded else "us-ascii", maxlinelen=76 - first_line)
    return header.encode(linesep="\r\n")


def mailbox(address: str) -> str:
    """An address as it stands in an envelope, its domain in ASCII; raises UnmailableError when it cannot."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise UnmailableError("The customer's address cannot be written to.")
    local, domain = found.groups()
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise UnmailableError("The customer's address has a domain that cannot exist.") from error


def phrase_and_address(name: str, address: str) -> str:
    """`"Anna Example" <support@example.org>`, or the address alone."""
    shown = one_line(name)[:NAME_CHARACTERS].strip()
    if not shown or shown == address:
        return address
    if shown.isascii() and "=?" not in shown:
        escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"{_FOLD}<{address}>'
    return f"{words(shown, first_line=len('From: '))}{_FOLD}<{address}>"


def address_list(addresses: Sequence[str]) -> str:
    """Addresses in a row, each on a line of its own."""
    return f",{_FOLD}".join(addresses)


def message_ids(ids: Sequence[str]) -> str:
    """Message-IDs, the oldest first: of a long chain the beginning and what came last, as RFC 5322 (3.6.4) wants it.

    What cannot stand in a header is left out.
    """
    kept = [each for each in dict.fromkeys(ids) if _ID.fullmatch(each)]
    while len(kept) > REFERENCES_AT_MOST or (len(kept) > 1 and sum(map(len, kept)) > REFERENCES_CHARACTERS):
        del kept[1 if len(kept) > 2 else 0]
    return _FOLD.join(f"<{each}>" for each in kept)
