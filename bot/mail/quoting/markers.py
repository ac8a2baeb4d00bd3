"""What a line of a mail is: a quote, the head of a forwarded mail, a signature."""

import re
from collections.abc import Sequence

from bot.mail.quoting.phrases import BEGIN_FORWARD, DEVICES, FORWARDED, PASSED_ON, SENT, SENT_FROM, SENT_OTHERWISE
from bot.mail.quoting.quoted_headers import MATCHED, field_kind, read_head

# Outlook for the Mac puts a byte order mark before "On ... wrote:", programs for Hebrew and Arabic marks of direction.
_UNSEEN = re.compile("[\ufeff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SHORT_SIGNATURE = 110

# Possessive (`*+`): a line of 400 blanks or dashes is tried once, and not from each of them.
_QUOTED = re.compile(r"[ \t]{0,4}[>|\u203a\u00bb](?!\w{0,2}[)\]])")
_BARS = r"[-_=~\u2010-\u2015\u2500]"
_DASHES = re.compile(rf"\s*+[*>]*+\s*+{_BARS}{{2,}}+\s*+(\S.{{0,78}}?\S)\s*{_BARS}{{2,}}+\s*+\*?:?\s*+$")
_DASHES_OPEN = re.compile(r"\s*+[-_=]{4,}+\s*+(\S[^-_=]{0,60}\S)\s*[-_=]{4,}+\s*+\S")
_FORWARD_WORDS = re.compile(FORWARDED, re.IGNORECASE)
_PASSED_ON = re.compile(PASSED_ON, re.IGNORECASE)
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


def without_marks(text: str) -> str:
    """The text without the marks that nobody sees and that hide what a line begins with."""
    return text if text.isascii() else _UNSEEN.sub("", text)


def is_quoted(line: str) -> bool:
    """Whether the line is marked as quoted."""
    return _QUOTED.match(line) is not None


def quote_follows(lines: Sequence[str], start: int) -> bool:
    """Whether the next line that is not empty is marked as quoted."""
    following = next((line for line in lines[start : start + 6] if line.strip()), "")
    return is_quoted(following[:MATCHED])


def forward_end(lines: Sequence[str], start: int) -> int | None:
    """The line after the head of a forwarded or answered mail when that begins at `start`, else None."""
    line = lines[start][:MATCHED]
    if not line.strip():
        return None
    if _BEGIN_FORWARD.match(line):
        return _head_end(lines, start + 1) or start + 1
    if dashes := _DASHES.match(line):
        head = _head_end(lines, start + 1)
        return head or (start + 1 if _FORWARD_WORDS.search(dashes[1]) else None)
    if forward_mark(line):
        return start + 1
    if _BAR.match(line):
        return _head_end(lines, start + 1)
    return _head_end(lines, start) if field_kind(line) in {"from", "date"} else None


def divides(line: str) -> bool:
    """Whether the line is a bar, or words between dashes."""
    return _BAR.match(line) is not None or _DASHES.match(line) is not None


def forward_mark(line: str) -> bool | None:
    """Whether the line says that a forwarded mail begins: None when not, True when more may stand on it."""
    if not line.strip():
        return None
    if _BEGIN_FORWARD.match(line):
        return False
    dashes = _DASHES.match(line)
    if dashes:
        return False if _PASSED_ON.search(dashes[1]) else None
    opened = _DASHES_OPEN.match(line)
    return True if opened and _PASSED_ON.search(opened[1]) else None


def _head_end(lines: Sequence[str], start: int) -> int | None:
    """The line after a block such as From, Sent, To, Subject, or None when there is no such block."""
    head = read_head(lines, start)
    return head.end if head else None


def is_signature_rule(line: str) -> bool:
    """Whether the line is the `-- ` above a signature."""
    return _RULE.match(line[:MATCHED]) is not None


def is_slogan(line: str) -> bool:
    """Whether the line is what Yahoo's programs put last: "Yahoo Mail: Search, Organize, Conquer"."""
    return _SLOGAN.match(line[:MATCHED]) is not None


def is_mobile_signature(line: str) -> bool:
    """Whether the line is what a phone writes under a mail, such as "Sent from my iPhone"."""
    if len(line) > _SHORT_SIGNATURE or _SENTENCE.search(line):
        return False
    if _SENT_FROM_MY.fullmatch(line.strip()):
        return True
    return _MOBILE.match(line) is not None and _DEVICE.search(line) is not None


def is_list_footer(lines: Sequence[str], start: int) -> bool:
    """Whether a mailing list's own lines begin here."""
    if not _LONG_BAR.match(lines[start][:MATCHED]):
        return False
    return any(_LIST_WORDS.search(line[:MATCHED]) for line in lines[start + 1 : start + 5])
