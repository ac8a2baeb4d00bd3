"""Parses a mail into a tree of MIME parts; limits truncate it, and no depth of nesting causes recursion."""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message
from quopri import decodestring

from bot.mail.mime.budget import budget
from bot.mail.mime.charset import codec_of
from bot.mail.mime.headers import Headers, headers_at, lenient_base64, readable

DEPTH_LIMIT = 40
_NAME_LIMIT = 255
_ENCODING = re.compile(r"(?:\s|\"|\([^()]{0,100}\))*+([\w-]{1,40})")
_LOOKS = 20_000  # possible boundaries that are examined
_BROKEN_LINES = 500  # a uuencoded part with more is not one
_LINE_END = 200  # bytes after a boundary that may be blanks


@dataclass(slots=True)
class Part:
    """One part: its headers, the range of its bytes in the mail, and the children of a multipart.

    All levels share the bytes of the mail: a copy for each of forty levels would need forty times the memory.
    """

    headers: Headers
    raw: bytes = field(repr=False)
    start: int
    end: int
    message: Message = field(repr=False)
    content_type: str = "text/plain"
    parameters: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)  # by header, parsed on first use
    children: "list[Part]" = field(default_factory=list)

    @property
    def body(self) -> bytes:
        """The raw bytes."""
        return self.raw[self.start : self.end]

    def content(self) -> bytes:
        """The body with its transfer encoding decoded, as far as possible."""
        encoding = _encoding(self.headers.first("content-transfer-encoding"))
        if encoding == "base64":
            return lenient_base64(self.body)
        if encoding == "quoted-printable":
            return decodestring(self.body)
        if encoding in {"x-uuencode", "uuencode", "uue", "x-uue"}:
            return _uudecoded(self.body)
        return self.body

    def parameter(self, name: str) -> str:
        """A parameter of Content-Type, or an empty string."""
        return self._parameters("content-type").get(name, "")

    @property
    def charset(self) -> str | None:
        """The declared charset, or None if it is unknown."""
        label = self.parameter("charset")
        return label if codec_of(label) else None

    @property
    def filename(self) -> str:
        """The file name of the part, without folders and control characters, or an empty string."""
        name = self._parameters("content-disposition").get("filename") or self.parameter("name")
        name = re.split(r"[/\\]", readable(name))[-1]
        return re.sub(r"[\x00-\x1f\x7f]", "", name).strip()[:_NAME_LIMIT]

    def _parameters(self, header: str) -> dict[str, str]:
        if header not in self.parameters:
            self.parameters[header] = _parameters(self.message, header)
        return self.parameters[header]

    @property
    def is_attached(self) -> bool:
        """Whether Content-Disposition is `attachment`."""
        return self.headers.first("content-disposition").lower().lstrip().startswith("attachment")


def leaves(part: Part) -> Iterator[Part]:
    """This part and those below it that have no children, in order."""
    waiting = [part]
    while waiting:
        part = waiting.pop()
        waiting += reversed(part.children)
        if not part.children:
            yield part


@dataclass(slots=True)
class _Left:
    """What is left of the limits for this tree."""

    parts: int
    looks: int = _LOOKS
    cut: bool = False


def read_parts(headers: Headers, body: bytes) -> tuple[Part, bool]:
    """The tree of parts of a mail, and whether a limit truncated it."""
    left = _Left(budget().parts)
    root = _part(headers, body, 0, len(body), "text/plain")
    level = [root]
    for _ in range(DEPTH_LIMIT):
        level = [child for part in level for child in _split(part, left)]
        if not level:
            return root, left.cut
    return root, True


def _split(part: Part, left: _Left) -> list[Part]:
    if not part.content_type.startswith("multipart/"):
        return []
    boundary = part.parameter("boundary").encode("utf-8", "replace").rstrip()
    default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
    for start, end in _between(part, boundary, left) if boundary else ():
        if not left.parts:
            left.cut = True
            break
        left.parts -= 1
        headers, body = _head_of_part(part.raw, start, end)
        part.children.append(_part(headers, part.raw, body, end, default))
    if not part.children:
        part.content_type = "text/plain"  # a multipart without parts is read as text
    return part.children


def _head_of_part(raw: bytes, start: int, end: int) -> tuple[Headers, int]:
    """The headers of a part and where its body begins; a part without headers begins with an empty line."""
    if start >= end or raw[start] in b"\r\n":
        while start < end and raw[start] in b"\r\n":
            start += 1
        return Headers(()), start
    headers, body = headers_at(raw, start, end)
    return (headers, body) if headers.fields else (headers, start)


def _between(part: Part, boundary: bytes, left: _Left) -> Iterator[tuple[int, int]]:
    """The byte ranges between the boundaries (RFC 2046, 5.1.1); the closing boundary may be missing."""
    raw, delimiter = part.raw, b"--" + boundary
    position, begin = part.start, -1
    while (at := raw.find(delimiter, position, part.end)) >= 0:
        left.looks -= 1
        if left.looks < 0:
            left.cut = True
            break
        position = at + len(delimiter)
        closing = raw.startswith(b"--", position, part.end)
        line_end = _line_end(raw, position + 2 * closing, part.end)
        if line_end is None or (at > part.start and raw[at - 1] not in b"\n"):
            continue
        if begin >= 0:
            yield begin, max(begin, _before_line_end(raw, at))
        if closing:
            return
        position = begin = line_end
    if begin >= 0:
        yield begin, part.end


def _line_end(raw: bytes, start: int, end: int) -> int | None:
    """The start of the next line, if the rest of this one is blank."""
    found = raw.find(b"\n", start, min(end, start + _LINE_END))
    stop = found if found >= 0 else min(end, start + _LINE_END)
    if raw[start:stop].strip(b" \t\r") or (found < 0 and stop < end):
        return None
    return min(stop + 1, end)


def _before_line_end(raw: bytes, at: int) -> int:
    """The position before the line end that belongs to a boundary."""
    if at and raw[at - 1] in b"\n":
        at -= 1
        if at and raw[at - 1] in b"\r":
            at -= 1
    return at


def _part(headers: Headers, raw: bytes, start: int, end: int, default_type: str) -> Part:
    message = headers.as_message()
    content_type = message.get_content_type() if headers.has("content-type") else default_type
    return Part(headers, raw, start, end, message, content_type)


def _encoding(value: str) -> str:
    """The name of a transfer encoding, without a semicolon, quotes or a comment (RFC 2045, 6.1)."""
    found = _ENCODING.match(value[:_NAME_LIMIT])
    return found[1].lower().replace("_", "-") if found else ""


def _parameters(message: Message, header: str) -> dict[str, str]:
    """The parameters of a header by lower-case name; the first of duplicates."""
    found: dict[str, str] = {}
    try:
        for name, value in message.get_params([], header):
            found.setdefault(name.lower(), _text(value))
    except (MessageError, ValueError, IndexError, LookupError, AttributeError, TypeError):
        return found  # the standard library fails on some malformed RFC 2231 parameters
    return found


def _text(value: str | tuple[str | None, str | None, str]) -> str:
    if isinstance(value, tuple):  # RFC 2231: charset, language, text
        charset, _, text = value
        return str(text).encode("latin-1", "replace").decode(codec_of(charset) or "utf-8", "replace")
    return str(value or "")


def _uudecoded(body: bytes) -> bytes:
    lines = body.partition(b"begin ")[2].splitlines()[1:]
    decoded = bytearray()
    broken = 0
    for line in filter(None, lines):
        if broken == _BROKEN_LINES or line.strip() == b"end":
            break
        try:
            decoded += binascii.a2b_uu(line)
        except binascii.Error:
            broken += 1  # skip single broken lines
    return bytes(decoded)
