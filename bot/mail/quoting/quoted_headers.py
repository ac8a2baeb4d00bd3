"""Read the headers that mail programs show above a quoted or forwarded mail: From, Sent, To, Subject."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.mail.quoting.phrases import FIELD_KINDS

MAX_LINE = 400  # characters of a line that are matched: a line of 160 kB must not cost more than a short one
_MAX_LINES = 16  # of one block: between From and Subject there may be many wrapped recipients
_MIN_FIELDS = 3
_MAX_WRAPPED = 4  # lines of one wrapped value
_MAX_VALUE = 1_000  # characters of a value

_FIELD = re.compile(r"[>\s]*[*_]{0,2}([^\W\d_][^:*\uff1a]{0,18}?)\s*[*_]{0,2}\s*[:\uff1a][*_]{0,2}[ \t]*")
_ANGLED = re.compile(r"<[^<>@\s]+@[^<>@\s]+>")
_QUOTE = re.compile(r"[>\s]*")

# Some programs write all headers on one line: "From: A <a@...>To: ...Sent: ...Subject: ...".
_FIELD_NAMES = "|".join(
    sorted((re.escape(name[:1].upper() + name[1:]) for name in FIELD_KINDS), key=lambda name: (-len(name), name))
)
_ON_ONE_LINE = re.compile(rf"(?<![^\W_a-z])?({_FIELD_NAMES})[ \xa0]?[:\uff1a]")
_SUBJECT_NAMES = "|".join(
    sorted(name[:1].upper() + name[1:] for name, kind in FIELD_KINDS.items() if kind == "subject" and len(name) > 3)
)
_LAST_ON_LINE = re.compile(rf"(?<=[\w>])({_SUBJECT_NAMES})[ \xa0]")


@dataclass(frozen=True, slots=True)
class QuotedHeaders:
    """The headers shown above a quoted or forwarded mail."""

    values: dict[str, str]  # by kind: from, date, to, cc, subject
    from_name: str  # the name of the From field, in its language and lower case
    end: int  # the line after the block


def read_quoted_headers(lines: Sequence[str], start: int) -> QuotedHeaders | None:
    """The headers that begin at line `start` or after empty lines below it; None if there are none."""
    while start < len(lines) and not unquoted(lines[start][:MAX_LINE]).strip():
        start += 1
    values: dict[str, str] = {}
    from_name = ""
    last = ""
    end = start
    for number in range(start, min(start + _MAX_LINES, len(lines))):
        line = lines[number][:MAX_LINE]
        field = _FIELD.match(line[:80])
        kind = FIELD_KINDS.get(field[1].strip().lower()) if field else None
        if field and kind and kind not in values:
            last, end = kind, number + 1
            values[kind] = line[field.end() :].strip()
            from_name = field[1].strip().lower() if kind == "from" else from_name
        elif kind and kind in values:
            if kind in {"from", "subject"}:
                break  # the headers of another mail, or text that looks like headers
            end = number + 1
        elif last and _continues(lines, number, last):
            values[last] = f"{values[last]} {unquoted(line).strip()}"[:_MAX_VALUE]
            end = number + 1
        else:
            break
    return QuotedHeaders(values, from_name, end) if _are_headers(values, lines[start:end]) else None


def read_one_line_headers(line: str) -> QuotedHeaders | None:
    """The headers that stand on this one line, or None."""
    found = _ON_ONE_LINE.finditer(line[: 4 * MAX_LINE])
    cuts = [(match.start(), match.end(), match[1].lower()) for match in found]
    if cuts and (bare := _LAST_ON_LINE.search(line, cuts[-1][1], 4 * MAX_LINE)):
        cuts.append((bare.start(), bare.end(), bare[1].lower()))
    values: dict[str, str] = {}
    ends = [start for start, _, _ in cuts[1:]] + [len(line)]
    for (_, begin, name), end in zip(cuts, ends, strict=True):
        values.setdefault(FIELD_KINDS.get(name, "cc"), line[begin:end].strip())
    return QuotedHeaders(values, "", 0) if _are_headers(values, [line]) else None


def field_kind(line: str) -> str | None:
    """The kind of header field on the line, such as `from`, or None."""
    match = _FIELD.match(line[:80])
    return FIELD_KINDS.get(match[1].strip().lower()) if match else None


def unquoted(line: str) -> str:
    """The line without quote marks before it."""
    return line[match.end() :] if (match := _QUOTE.match(line)) else line


def _continues(lines: Sequence[str], number: int, kind: str) -> bool:
    """Whether the line continues the value above: a wrapped address, or a line that another field follows."""
    line = lines[number][:MAX_LINE]
    if not unquoted(line).strip():
        return False
    if kind in {"from", "to", "cc"} and _ANGLED.search(line):
        return True
    following = lines[number + 1 : number + _MAX_WRAPPED]
    for after in following:
        if not unquoted(after[:MAX_LINE]).strip():
            return False
        if field_kind(after[:MAX_LINE]):
            return True
    return False


def _are_headers(values: dict[str, str], lines: Sequence[str]) -> bool:
    # "From: Berlin, To: Munich, Date: 3 May" is ordinary text.
    shown = "subject" in values or any("@" in line[: 4 * MAX_LINE] for line in lines)
    enough = len(values) >= _MIN_FIELDS or values.keys() >= {"from", "date"} or values.keys() >= {"from", "subject"}
    return enough and shown
