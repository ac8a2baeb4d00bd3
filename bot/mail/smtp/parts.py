"""Build the MIME parts of our mail: the text with a quote below it, as plain text and as HTML, and files; pure."""

import base64
import html
import quopri
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from bot.mail.smtp.headers import encoded, one_line

_TYPE = re.compile(r"(?!message/|multipart/)[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")
_FILE_NAME_CHARACTERS = 80  # fits on one line even if each takes three bytes, percent-encoded
_UNSAFE = re.compile(r'["\\/:*?<>|]')
_QUOTE_STYLE = "margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex"

Quote = tuple[str, list[str]]  # attribution and lines


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file to be sent with a mail."""

    name: str
    content_type: str
    content: bytes


def alternative(text: str, quoted: Quote | None, *, boundary: str) -> bytes:
    """A multipart/alternative of plain text and HTML, beginning with its Content-Type."""
    plain = "\n".join(_plain_text(text, quoted))
    parts = [_text_part("plain", plain), _text_part("html", _html_text(text, quoted))]
    return _multipart("alternative", parts, boundary)


def mixed(parts: Sequence[bytes], *, boundary: str) -> bytes:
    """A multipart/mixed of a body and files, beginning with its Content-Type."""
    return _multipart("mixed", parts, boundary)


def file_part(file: OutgoingFile) -> bytes:
    """A file as a MIME part; a name beyond ASCII is encoded by RFC 2231, and by RFC 2047 for older programs."""
    content_type = file.content_type.lower()
    if not _TYPE.fullmatch(content_type):  # message/rfc822 must not be base64 (RFC 2046, 5.2.1)
        content_type = "application/octet-stream"
    name = _UNSAFE.sub("_", one_line(file.name)[:_FILE_NAME_CHARACTERS]) or "file"
    if name.isascii():
        as_type, as_disposition = "", f'filename="{name}"'
    else:
        as_type, as_disposition = f';\r\n name="{encoded(name)}"', f"filename*=UTF-8''{quote(name, safe='')}"
    head = (
        f"Content-Type: {content_type}{as_type}\r\n"
        f"Content-Disposition: attachment;\r\n {as_disposition}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode() + base64.encodebytes(file.content).replace(b"\n", b"\r\n")


def _plain_text(text: str, quoted: Quote | None) -> list[str]:
    lines = [*_lines(text), ""]
    if quoted is not None:
        attribution, kept = quoted
        lines += [attribution, "", *(f"> {line}".rstrip() for line in kept), ""]
    return lines


def _lines(text: str) -> list[str]:
    return text.strip("\r\n").splitlines()


def _html_text(text: str, quoted: Quote | None) -> str:
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
    """The lines with <br> and &nbsp;, since some mail programs ignore the CSS property `white-space`."""
    return "<br>\n".join(html.escape(line).replace("  ", "&nbsp; ") for line in lines)


def _text_part(kind: str, text: str) -> bytes:
    encoded = quopri.encodestring(text.encode("utf-8", "replace")).replace(b"\n", b"\r\n")
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head.encode() + encoded


def _multipart(kind: str, parts: Sequence[bytes], boundary: str) -> bytes:
    line = f"--{boundary}".encode()
    head = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"
