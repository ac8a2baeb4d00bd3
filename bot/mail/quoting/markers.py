"""Recognize lines of a mail: quotes, the start of a forwarded mail, signatures."""

import re
from collections.abc import Sequence

from bot.mail.quoting.phrases import (
    BEGIN_FORWARD,
    DEVICES,
    FORWARD_OR_ORIGINAL,
    FORWARD_TITLE,
    SENT,
    SENT_FROM,
    SENT_OTHERWISE,
)
from bot.mail.quoting.quoted_headers import MAX_LINE, field_kind, read_quoted_headers

# Outlook for the Mac puts a byte order mark before "On ... wrote:", Hebrew and Arabic programs put direction marks.
_INVISIBLE = re.compile("[\ufeff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MAX_MOBILE_SIGNATURE = 110

# Possessive quantifiers (`*+`) keep matching linear on a line of 400 blanks or dashes.
_QUOTED = re.compile(r"[ \t]{0,4}[>|\u203a\u00bb](?!\w{0,2}[)\]])")
_BARS = r"[-_=~\u2010-\u2015\u2500]"
_DASHES = re.compile(rf"\s*+[*>]*+\s*+{_BARS}{{2,}}+\s*+(\S.{{0,78}}?\S)\s*{_BARS}{{2,}}+\s*+\*?:?\s*+$")
_DASHES_OPEN = re.compile(r"\s*+[-_=]{4,}+\s*+(\S[^-_=]{0,60}\S)\s*[-_=]{4,}+\s*+\S")
_FORWARD_OR_ORIGINAL = re.compile(FORWARD_OR_ORIGINAL, re.IGNORECASE)
_FORWARD_TITLE = re.compile(FORWARD_TITLE, re.IGNORECASE)
_BEGIN_FORWARD = re.compile(rf"[>\s]*+(?:{BEGIN_FORWARD})\s*[:\uff1a]?\s*$", re.IGNORECASE)
_BAR = re.compile(rf"\s*+[*>]*+\s*+{_BARS}{{4,}}+\s*+$")

_RULE = re.compile(r"\s{0,3}-- ?\u200b?$")
_MOBILE = re.compile(rf"\s*+(?:(?:{SENT})\s*(?:{SENT_FROM})?\s*\S.{{0,70}}|{SENT_OTHERWISE})\s*$", re.IGNORECASE)
_SLOGAN = re.compile(r"\s{0,4}Yahoo\s?Mail\s?[:\u2013-]\s?\w+(?:,\s\w+){2}\s*+$")
_DEVICE = re.compile(DEVICES, re.IGNORECASE)
_SENT_FROM_MY = re.compile(r"Sent from my(?: [\w.-]+){1,6}")
_SENTENCE = re.compile(r"[,!?]\s")
_LONG_BAR = re.compile(r"\s*+_{30,}+\s*+$")
_LIST_WORDS = re.compile(r"mailing list|/listinfo/|unsubscribe", re.IGNORECASE)


def without_invisible_marks(text: str) -> str:
    """The text without invisible characters, which would hide how a line begins."""
    return text if text.isascii() else _INVISIBLE.sub("", text)


def is_quoted(line: str) -> bool:
    """Whether the line is marked as quoted."""
    return _QUOTED.match(line) is not None


def quote_follows(lines: Sequence[str], start: int) -> bool:
    """Whether the next line that is not empty is marked as quoted."""
    following = next((line for line in lines[start : start + 6] if line.strip()), "")
    return is_quoted(following[:MAX_LINE])


def forward_end(lines: Sequence[str], start: int) -> int | None:
    """The line after the headers of a forwarded or answered mail that begin at `start`, else None."""
    line = lines[start][:MAX_LINE]
    if not line.strip():
        return None
    if _BEGIN_FORWARD.match(line):
        return _headers_end(lines, start + 1) or start + 1
    if dashes := _DASHES.match(line):
        headers = _headers_end(lines, start + 1)
        return headers or (start + 1 if _FORWARD_OR_ORIGINAL.search(dashes[1]) else None)
    if forward_mark(line):
        return start + 1
    if _BAR.match(line):
        return _headers_end(lines, start + 1)
    return _headers_end(lines, start) if field_kind(line) in {"from", "date"} else None


def is_divider(line: str) -> bool:
    """Whether the line is a bar, or a title between dashes."""
    return _BAR.match(line) is not None or _DASHES.match(line) is not None


def forward_mark(line: str) -> bool | None:
    """None if the line does not announce a forwarded mail; else whether the headers may follow on the same line."""
    if not line.strip():
        return None
    if _BEGIN_FORWARD.match(line):
        return False
    dashes = _DASHES.match(line)
    if dashes:
        return False if _FORWARD_TITLE.search(dashes[1]) else None
    opened = _DASHES_OPEN.match(line)
    return True if opened and _FORWARD_TITLE.search(opened[1]) else None


def _headers_end(lines: Sequence[str], start: int) -> int | None:
    """The line after a block such as From, Sent, To, Subject; None if there is no such block."""
    headers = read_quoted_headers(lines, start)
    return headers.end if headers else None


def is_signature_rule(line: str) -> bool:
    """Whether the line is the `-- ` above a signature."""
    return _RULE.match(line[:MAX_LINE]) is not None


def is_slogan(line: str) -> bool:
    """Whether the line is the slogan of Yahoo's programs: "Yahoo Mail: Search, Organize, Conquer"."""
    return _SLOGAN.match(line[:MAX_LINE]) is not None


def is_mobile_signature(line: str) -> bool:
    """Whether the line is a phone's signature, such as "Sent from my iPhone"."""
    if len(line) > _MAX_MOBILE_SIGNATURE or _SENTENCE.search(line):
        return False
    if _SENT_FROM_MY.fullmatch(line.strip()):
        return True
    return _MOBILE.match(line) is not None and _DEVICE.search(line) is not None


def is_list_footer(lines: Sequence[str], start: int) -> bool:
    """Whether the footer of a mailing list begins here."""
    if not _LONG_BAR.match(lines[start][:MAX_LINE]):
        return False
    return any(_LIST_WORDS.search(line[:MAX_LINE]) for line in lines[start + 1 : start + 5])
