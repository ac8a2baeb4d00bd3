"""Which images belong to the text of a mail, such as the logo of a signature; pure."""

import hashlib
import re

from bot.mail.mime.parts import Part, leaves

ORNAMENT = 100_000  # bytes; images that somebody pastes to show them are larger as a rule
_HTML_LIMIT = 1_000_000  # bytes of each HTML part that are searched
_SHOWN = re.compile(rb"""cid:([^"'\s>)]{1,200})""", re.IGNORECASE)


def ornaments(root: Part) -> frozenset[str]:
    """The SHA-256, in hex, of each small image whose Content-ID the mail's HTML shows (RFC 2392)."""
    parts = list(leaves(root))
    images = [(cid, part) for part in parts if part.content_type.startswith("image/") and (cid := _content_id(part))]
    if not images:
        return frozenset()
    pages = (part.content()[:_HTML_LIMIT] for part in parts if part.content_type == "text/html")
    shown = {found.decode("ascii", "replace") for page in pages for found in _SHOWN.findall(page)}
    contents = (part.content() for cid, part in images if cid in shown)
    return frozenset(hashlib.sha256(content).hexdigest() for content in contents if len(content) <= ORNAMENT)


def _content_id(part: Part) -> str:
    return part.headers.first("content-id").strip().strip("<>")
