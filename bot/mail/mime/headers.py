"""Split off, repair, unfold and decode the headers of a mail or a part; never raises."""

import re
from base64 import b64decode
from binascii import Error as BinasciiError
from dataclasses import dataclass
from email.message import Message
from email.policy import compat32
from itertools import islice
from quopri import decodestring

from bot.mail.mime.budget import budget
from bot.mail.mime.charset import decode, storable

LINE_LIMIT = 16 * 1024  # bytes of one header, unfolded
BLOCK_LIMIT = 256 * 1024  # bytes of all headers together
PARAMETERS_LIMIT = 4_000  # characters of Content-Type and similar headers; a file name of 255 letters takes 2,300

# The essential fields, which are read also after BLOCK_LIMIT.
_LATE_FIELD = re.compile(
    rb"^(?:from|sender|reply-to|to|cc|subject|message-id|in-reply-to|mime-version|content-type"
    rb"|content-transfer-encoding)[ \t]*:[^\r\n]{0,4000}+(?:\r?\n[ \t][^\r\n]{0,1000}+){0,20}",
    re.IGNORECASE | re.MULTILINE,
)
_MAX_LATE_FIELDS = 20
_MAX_LATE_BYTES = 4 * 1024 * 1024  # bytes that are searched for them

_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
_ENCODED_WORD = re.compile(r"=\?([\w.:+()/*-]*?)(?:\*[\w-]*)?\?([bBqQ])\?([^?]*|[^?]*\?[^=][^?]*)\?=")
_SPACE_BETWEEN_ENCODED_WORDS = re.compile(r"(\?=)\s+(=\?[\w.:+()/*-]+\?[bBqQ]\?)")
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_NOT_BASE64 = bytes(sorted(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")))
_CONTINUATION = re.compile(rb"[ \t]+\S|[!-9;-~]+[ \t]*:")  # what follows a blank line that is still inside the headers


@dataclass(frozen=True, slots=True)
class Headers:
    """The fields of one header block in order; names in lower case, values unfolded but not decoded."""

    fields: tuple[tuple[str, str], ...]
    cut: bool = False  # a limit was exceeded

    def all(self, name: str) -> list[str]:
        """Every value of a field, topmost first."""
        return [value for key, value in self.fields if key == name]

    def first(self, name: str) -> str:
        """The topmost value of a field, or an empty string."""
        return next((value for key, value in self.fields if key == name), "")

    def has(self, name: str) -> bool:
        """Whether the field is present."""
        return any(key == name for key, _ in self.fields)

    def as_message(self) -> Message:
        """The MIME fields as a message of the standard library, which parses parameters (RFC 2231)."""
        message = Message(policy=compat32)
        for name in ("content-type", "content-disposition", "content-transfer-encoding"):
            if value := self.first(name):
                kind, _, parameters = value.partition(";")
                kept = parameters[: budget().take("parameters", min(len(parameters), PARAMETERS_LIMIT))]
                message[name] = f"{kind};{kept}" if kept else kind
        return message


def split_headers(raw: bytes) -> tuple[Headers, bytes]:
    """The header block of `raw`, and the bytes after it.

    A line that is neither a field nor folded continues the field before it, if more fields follow before the empty
    line. The standard library ends the headers there and may lose From.
    """
    start = 3 if raw.startswith(b"\xef\xbb\xbf") else 0
    if b"\n" not in raw[:BLOCK_LIMIT]:
        raw = raw.replace(b"\r", b"\n")  # line ends of an old Macintosh
    headers, body = headers_at(raw, start, len(raw))
    return headers, raw[body:]


def headers_at(raw: bytes, start: int, end: int) -> tuple[Headers, int]:
    """The header block between `start` and `end`, and the position of the body; otherwise like `split_headers`."""
    while start < end and raw[start] in b"\r\n":
        start += 1
    lines, body, cut = _header_lines(raw, start, end)
    fields: list[bytearray] = []
    for line in lines:
        if _FIELD.match(line) or not fields:
            fields.append(bytearray(line))
        elif len(fields[-1]) < LINE_LIMIT:
            fields[-1] += b" " + line.strip(b" \t")
        else:
            cut = True
    cut = cut or any(len(field) > LINE_LIMIT for field in fields)
    return Headers(tuple(_field(bytes(field[:LINE_LIMIT])) for field in fields), cut), body


def _header_lines(raw: bytes, start: int, end: int) -> tuple[list[bytes], int, bool]:
    """The lines of the header block, the position after it, and whether the block was too long."""
    lines: list[bytes] = []
    certain = 0  # lines known to be headers: up to the last field seen
    body_at = certain_end = position = start
    limit = min(end, start + BLOCK_LIMIT)
    while position < limit:
        line_end = raw.find(b"\n", position, end)
        line_end = end if line_end < 0 else line_end
        line = raw[position : min(line_end, limit)].rstrip(b"\r")
        position = body_at = min(line_end + 1, end)
        if not line or (line.isspace() and not _CONTINUATION.match(raw, position, min(position + 1000, end))):
            break
        if not lines and line.startswith((b"From ", b">From ")):
            continue  # the envelope line of an mbox file
        lines.append(line)
        if _FIELD.match(line) or line[:1] in b" \t":
            certain, certain_end = len(lines), position
    else:
        if limit < end:  # the block is too long: skip the rest of it
            gap = _EMPTY_LINE.search(raw, min(position, end) - 2 if position else 0, end)
            stop = gap.start() if gap else min(end, position + _MAX_LATE_BYTES)
            late = islice(_LATE_FIELD.finditer(raw, position, stop), _MAX_LATE_FIELDS)
            lines += [b" ".join(found[0].split()) for found in late]
            return lines, gap.end() if gap else end, True
    if len(lines) > certain:  # the body begins after the last field, without an empty line
        return lines[:certain], certain_end, False
    return lines, body_at, False


def _field(line: bytes) -> tuple[str, str]:
    match = _FIELD.match(line)
    if not match:
        return "", ""
    return match[1].decode("ascii").lower(), decode(line[match.end() :]).strip()


def readable(value: str) -> str:
    """A header value with encoded words (RFC 2047) decoded and white space collapsed."""
    joined = _SPACE_BETWEEN_ENCODED_WORDS.sub(r"\1\2", _SPACE_BETWEEN_ENCODED_WORDS.sub(r"\1\2", value))
    pieces: list[str] = []
    pending = bytearray()  # adjacent words of one charset are decoded together: senders split inside a character
    pending_charset = ""
    last = 0
    for word in _ENCODED_WORD.finditer(joined):
        between, charset = joined[last : word.start()], word[1].lower()
        if pending and (between or charset != pending_charset):
            pieces.append(decode(bytes(pending), pending_charset))
            pending.clear()
        pieces.append(between)
        pending += _word_bytes(word[2], word[3])
        pending_charset, last = charset, word.end()
    if pending:
        pieces.append(decode(bytes(pending), pending_charset))
    pieces.append(joined[last:])
    return " ".join(storable("".join(pieces)).split())


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return decodestring(data.replace(b"_", b" ").replace(b" \n", b"_\n"), header=False)
    return lenient_base64(data)


def lenient_base64(data: bytes) -> bytes:
    """Decode base64, ignoring other characters and wrong padding; empty if it cannot be decoded."""
    padding = data.find(b"=")  # mailing lists append footers after the padding
    clean = data[: padding if padding >= 0 else len(data)].translate(None, _NOT_BASE64)
    if len(clean) % 4 == 1:
        clean = clean[:-1]
    try:
        return b64decode(clean + b"=" * (-len(clean) % 4))
    except BinasciiError:
        return b""
