"""The parts of a mail as a tree, cut at limits instead of refused, without recursion into hostile depths."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message
from quopri import decodestring

from bot.mail.charset import codec_of
from bot.mail.headers import Headers, lenient_base64, readable, split_head

PART_LIMIT = 200
DEPTH_LIMIT = 40
_NAME_LIMIT = 255


@dataclass(slots=True)
class Part:
    """One part: its headers, its bytes as they came, and for a multipart what it is made of."""

    headers: Headers
    body: bytes
    message: Message = field(repr=False)
    content_type: str = "text/plain"
    children: "list[Part]" = field(default_factory=list)

    def content(self) -> bytes:
        """The body with its transfer encoding undone, as far as it can be."""
        encoding = self.headers.first("content-transfer-encoding").strip().lower()
        if encoding == "base64":
            return lenient_base64(self.body)
        if encoding == "quoted-printable":
            return decodestring(self.body)
        if encoding in {"x-uuencode", "uuencode", "uue", "x-uue"}:
            return _uudecoded(self.body)
        return self.body

    def parameter(self, name: str) -> str:
        """A parameter of Content-Type, or an empty string."""
        return _parameter(self.message, name, "content-type")

    @property
    def charset(self) -> str | None:
        """The declared charset, if it is one."""
        label = self.parameter("charset")
        return label if codec_of(label) else None

    @property
    def filename(self) -> str:
        """The name the sender gave the part, without folders and control characters, or an empty string."""
        name = _parameter(self.message, "filename", "content-disposition") or self.parameter("name")
        name = re.split(r"[/\\]", readable(name))[-1]
        return re.sub(r"[\x00-\x1f\x7f]", "", name).strip()[:_NAME_LIMIT]

    @property
    def is_attached(self) -> bool:
        """Whether the sender says that this is an attachment."""
        return self.headers.first("content-disposition").lower().lstrip().startswith("attachment")


@dataclass(slots=True)
class _Budget:
    parts: int = PART_LIMIT
    cut: bool = False


def read_parts(headers: Headers, body: bytes) -> tuple[Part, bool]:
    """The tree of parts under a mail's headers, and whether a limit cut it."""
    budget = _Budget()
    root = _part(headers, body, "text/plain")
    level = [root]
    for _ in range(DEPTH_LIMIT):
        level = [child for part in level for child in _split(part, budget)]
        if not level:
            return root, budget.cut
    return root, True


def _split(part: Part, budget: _Budget) -> list[Part]:
    if not part.content_type.startswith("multipart/"):
        return []
    boundary = part.parameter("boundary").encode("utf-8", "replace").rstrip()
    pieces = _between(part.body, boundary) if boundary else iter(())
    default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
    for piece in pieces:
        if not budget.parts:
            budget.cut = True
            break
        budget.parts -= 1
        # A part without any header begins with its empty line.
        headers, body = (Headers(()), piece.lstrip(b"\r\n")) if piece[:1] in b"\r\n" else _head_of_part(piece)
        part.children.append(_part(headers, body, default))
    if not part.children:
        part.content_type = "text/plain"  # a multipart without parts is read as what it is: text
    return part.children


def _head_of_part(piece: bytes) -> tuple[Headers, bytes]:
    headers, body = split_head(piece)
    return (headers, body) if headers.fields else (headers, piece)


def _between(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """What stands between the lines of a boundary (RFC 2046, 5.1.1); the last part may lack its end."""
    delimiter = re.compile(rb"(?:^|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\Z)")
    position, start = 0, None
    while match := delimiter.search(body, position):
        if start is not None:
            yield body[start : match.start()]
        if match[1]:
            return
        start = match.end()
        # The line end before the next delimiter may be the one this delimiter ended with.
        position = max(start - 1, match.start() + 1)
    if start is not None:
        yield body[start:]


def _part(headers: Headers, body: bytes, default_type: str) -> Part:
    message = headers.as_message()
    content_type = message.get_content_type() if headers.has("content-type") else default_type
    return Part(headers, body, message, content_type)


def _parameter(message: Message, name: str, header: str) -> str:
    try:
        value = message.get_param(name, "", header)
    except (MessageError, ValueError, IndexError, LookupError, AttributeError, TypeError):
        return ""  # the standard library stumbles over some malformed RFC 2231 parameters
    if isinstance(value, tuple):  # RFC 2231: charset, language, text
        charset, _, text = value
        return str(text).encode("latin-1", "replace").decode(codec_of(charset) or "utf-8", "replace")
    return str(value or "")


def _uudecoded(body: bytes) -> bytes:
    lines = body.partition(b"begin ")[2].splitlines()[1:]
    decoded = bytearray()
    for line in lines:
        if line.strip() == b"end":
            break
        try:
            decoded += binascii.a2b_uu(line)
        except binascii.Error:
            continue  # one broken line must not cost the rest
    return bytes(decoded)
