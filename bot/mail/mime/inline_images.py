"""Which images are ornaments of a mail's own text, such as the logo of a signature; pure."""

import hashlib
import re

from bot.mail.mime.headers import split_headers
from bot.mail.mime.parts import Part, read_parts

ORNAMENT = 100_000  # bytes; what somebody pastes to show it is larger as a rule
_SHOWN = re.compile(rb"""cid:([^"'\s>)]{1,200})""", re.IGNORECASE)


def ornaments(raw: bytes) -> frozenset[str]:
    """The SHA-256 of each small image that has a Content-ID which the mail's HTML shows (RFC 2392)."""
    if b"cid:" not in raw.lower() and b"content-id" not in raw.lower():
        return frozenset()
    headers, body = split_headers(raw)
    parts = list(_all(read_parts(headers, body)[0]))
    shown: set[str] = set()
    for part in parts:
        if part.content_type == "text/html":
            shown |= {found.decode("ascii", "replace") for found in _SHOWN.findall(part.content()[:1_000_000])}
    images = (part for part in parts if part.content_type.startswith("image/") and _content_id(part) in shown)
    contents = (part.content() for part in images)
    return frozenset(hashlib.sha256(content).hexdigest() for content in contents if len(content) <= ORNAMENT)


def _all(root: Part) -> list[Part]:
    found, waiting = [], [root]
    while waiting:
        part = waiting.pop()
        found.append(part)
        waiting += part.children
    return found


def _content_id(part: Part) -> str:
    return part.headers.first("content-id").strip().strip("<>")
