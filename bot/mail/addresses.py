"""Addresses in header values: a sender only where there is exactly one, whatever its name pretends."""

import re
from dataclasses import dataclass

from bot.mail.headers import readable

_ADDRESS = re.compile(
    r"""(?:[^\s<>@,;:"()\[\]\\]+|"(?:[^"\\]|\\.)*")   # local part, plain or quoted
        @(?:[\w](?:[\w.-]*[\w])?\.?|\[[\w.:]+\])""",  # domain, or an address literal
    re.VERBOSE,
)
_TOKEN = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*+(?:"|\\?\Z)) | (?P<angle><[^<>]*>) | (?P<comma>[,;]) | (?P<word>[^"<>,;()\s]+)
        | (?P<comment>\([^()]*\)) | (?P<other>\S)""",
    re.VERBOSE,
)
_LONGEST = 254  # RFC 5321, 4.5.3.1.3
_ROUTE = re.compile(r"@[^:<>]*:")  # <@relay,@relay:user@host>, obsolete since RFC 822


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address in lower case, with the name shown beside it."""

    address: str
    name: str = ""


def mailboxes(value: str, limit: int = 500) -> list[Mailbox]:
    """The addresses of a To or Cc value, in order; entries that are no address are left out."""
    return [box for entry in _entries(value)[:limit] if (box := _mailbox(entry)) is not None]


def sole_mailbox(values: list[str]) -> Mailbox | None:
    """The one sender that all the From values agree on; None when there is none, several, or doubt.

    `parseaddr("admin@company.com <evil@evil.com>")` gives the admin: here that is nobody.
    """
    boxes = [_mailbox(entry) for value in values for entry in _entries(value)]
    if not boxes or any(box is None or box.address != boxes[0].address for box in boxes if boxes[0]):
        return None
    return boxes[0]


def _entries(value: str) -> list[list[tuple[str, str]]]:
    """The value cut at its commas, each entry a list of (kind, text); the name of a group is left out."""
    entries: list[list[tuple[str, str]]] = [[]]
    for match in _TOKEN.finditer(value):
        kind, text = str(match.lastgroup), match.group()
        if kind == "comma":
            entries.append([])
        elif kind == "word" and text.endswith(":") and "@" not in text:
            entries[-1] = []
        else:
            entries[-1].append((kind, text))
    return [entry for entry in entries if entry]


def _mailbox(entry: list[tuple[str, str]]) -> Mailbox | None:
    angles = [text for kind, text in entry if kind == "angle"]
    comments = [text[1:-1] for kind, text in entry if kind == "comment"]
    words = [(kind, text) for kind, text in entry if kind in {"word", "quoted", "other"}]
    if not angles:  # a bare address; its local part may be quoted, so the tokens are put together again
        address = "".join(text for _, text in words)
        return _checked(address, readable(" ".join(comments)), [])
    if len(angles) != 1:
        return None
    name = readable(" ".join(_unquoted(text) if kind == "quoted" else text for kind, text in words))
    plain = [text for kind, text in words if kind != "quoted"]
    return _checked(_ROUTE.sub("", angles[0][1:-1].strip()), name, plain)


def _checked(address: str, name: str, plain_words: list[str]) -> Mailbox | None:
    address = address.strip().removeprefix("mailto:").rstrip(".").lower()
    if len(address) > _LONGEST or not _ADDRESS.fullmatch(address):
        return None
    if any(_ADDRESS.fullmatch(word.lower()) and word.lower() != address for word in plain_words):
        return None  # an unquoted second address before the angle brackets: which one is meant is a guess
    return Mailbox(address, name)


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1])
