"""The parts of our mail: text and the same as HTML, what is quoted below it, and files; pure."""

import base64
import html
import quopri
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from bot.mail.smtp.headers import one_line, words

_TYPE = re.compile(r"(?!message/|multipart/)[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")
_FILE_NAME_CHARACTERS = 80  # encoded, three bytes of three characters each, they still fit into one line
_UNSAFE = re.compile(r'["\\/:*?<>|]')
_QUOTE_STYLE = "margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex"

Quote = tuple[str, list[str]]


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file that goes out with a mail."""

    name: str
    content_type: str
    content: bytes


def alternative(text: str, quoted: Quote | None, *, boundary: str) -> bytes:
    """The text, and the same as HTML: with its header fields, from Content-Type on."""
    plain = "\n".join(_plain(text, quoted))
    parts = [_text_part("plain", plain), _text_part("html", _as_html(text, quoted))]
    return _multipart("alternative", parts, boundary)


def mixed(parts: Sequence[bytes], *, boundary: str) -> bytes:
    """A body and the files that go with it."""
    return _multipart("mixed", parts, boundary)


def joined(file: OutgoingFile) -> bytes:
    """A file as a part; a name beyond ASCII stands there as RFC 2231 has it, and as older programs read it."""
    content_type = file.content_type.lower()
    if not _TYPE.fullmatch(content_type):  # also a mail: as message/rfc822 it could not be base64 (RFC 2046, 5.2.1)
        content_type = "application/octet-stream"
    name = _UNSAFE.sub("_", one_line(file.name)[:_FILE_NAME_CHARACTERS]) or "file"
    if name.isascii():
        as_type, as_disposition = "", f'filename="{name}"'
    else:
        as_type, as_disposition = f';\r\n name="{words(name)}"', f"filename*=UTF-8''{quote(name, safe='')}"
    head = (
        f"Content-Type: {content_type}{as_type}\r\n"
        f"Content-Disposition: attachment;\r\n {as_disposition}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + base64.encodebytes(file.content).replace(b"\n", b"\r\n")


def _plain(text: str, quoted: Quote | None) -> list[str]:
    lines = [*_lines(text), ""]
    if quoted is not None:
        attribution, kept = quoted
        lines += [attribution, "", *(f"> {line}".rstrip() for line in kept), ""]
    return lines


def _lines(text: str) -> list[str]:
    return text.strip("\r\n").splitlines()


def _as_html(text: str, quoted: Quote | None) -> str:
    below = ""
    if quoted is not None:
        attribution, kept = quoted
        below = (
            f'<div dir="auto">{html.escape(attribution)}</div>\n'
            f'<blockquote type="cite" style="{_QUOTE_STYLE}">{_html_lines(kept)}</blockquote>\n'
        )
    return (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body>\n'
        f'<div dir="auto">{_html_lines(_lines(text))}</div>\n'
        f"{'<br>' if below else ''}{below}</body></html>\n"
    )


def _html_lines(lines: Sequence[str]) -> str:
    """Lines as they are: programs that do not know `white-space` would join them, and their spaces."""
    return "<br>\n".join(html.escape(line).replace("  ", "&nbsp; ") for line in lines)


def _text_part(kind: str, text: str) -> bytes:
    encoded = quopri.encodestring(text.encode("utf-8", "replace")).replace(b"\n", b"\r\n")
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head.encode() + encoded


def _multipart(kind: str, parts: Sequence[bytes], boundary: str) -> bytes:
    line = f"--{boundary}".encode()
    head = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"
