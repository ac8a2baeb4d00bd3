"""The few fields that mail programs show above a mail which they quote or forward: From, Sent, To, Subject."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.mail.quoting.phrases import FIELD_KINDS

MATCHED = 400  # characters of a line that are looked at: a 160 kB line must cost no more than a short one
_LINES = 16  # a head may have long, wrapped recipients between From and Subject
_FIELDS = 3
_WRAPPED = 4  # lines over which one list of recipients goes on
_KEPT = 1_000  # characters of a value

_FIELD = re.compile(r"[>\s]*[*_]{0,2}([^\W\d_][^:*\uff1a]{0,18}?)\s*[*_]{0,2}\s*[:\uff1a][*_]{0,2}[ \t]*")
_ANGLED = re.compile(r"<[^<>@\s]+@[^<>@\s]+>")
_QUOTE = re.compile(r"[>\s]*")

# Some programs write a whole head on one line: "From: A <a@...>To: ...Sent: ...Subject: ...".
_NAMES = "|".join(
    sorted((re.escape(name[:1].upper() + name[1:]) for name in FIELD_KINDS), key=lambda name: (-len(name), name))
)
_ON_ONE_LINE = re.compile(rf"(?<![^\W_a-z])?({_NAMES})[ \xa0]?[:\uff1a]")
_SUBJECT_NAMES = "|".join(
    sorted(name[:1].upper() + name[1:] for name, kind in FIELD_KINDS.items() if kind == "subject" and len(name) > 3)
)
_LAST_ON_LINE = re.compile(rf"(?<=[\w>])({_SUBJECT_NAMES})[ \xa0]")


@dataclass(frozen=True, slots=True)
class Head:
    """A head: its values by kind (from, date, to, cc, subject), the name its From has, and the line after it."""

    values: dict[str, str]
    from_name: str
    end: int


def read_head(lines: Sequence[str], start: int) -> Head | None:
    """The head that begins at the line `start`, or after empty lines below it; None when there is none."""
    while start < len(lines) and not unquoted(lines[start][:MATCHED]).strip():
        start += 1
    values: dict[str, str] = {}
    from_name = ""
    last = ""
    end = start
    for number in range(start, min(start + _LINES, len(lines))):
        line = lines[number][:MATCHED]
        field = _FIELD.match(line[:80])
        kind = FIELD_KINDS.get(field[1].strip().lower()) if field else None
        if field and kind and kind not in values:
            last, end = kind, number + 1
            values[kind] = line[field.end() :].strip()
            from_name = field[1].strip().lower() if kind == "from" else from_name
        elif kind and kind in values:
            if kind in {"from", "subject"}:
                break  # another head, or a text that looks like one
            end = number + 1
        elif last and _goes_on(lines, number, last):
            values[last] = f"{values[last]} {unquoted(line).strip()}"[:_KEPT]
            end = number + 1
        else:
            break
    return Head(values, from_name, end) if _of_a_mail(values, lines[start:end]) else None


def read_line_head(line: str) -> Head | None:
    """The head that stands on this one line, or None."""
    found = _ON_ONE_LINE.finditer(line[: 4 * MATCHED])
    cuts = [(match.start(), match.end(), match[1].lower()) for match in found]
    if cuts and (bare := _LAST_ON_LINE.search(line, cuts[-1][1], 4 * MATCHED)):
        cuts.append((bare.start(), bare.end(), bare[1].lower()))
    values: dict[str, str] = {}
    ends = [start for start, _, _ in cuts[1:]] + [len(line)]
    for (_, begin, name), end in zip(cuts, ends, strict=True):
        values.setdefault(FIELD_KINDS.get(name, "cc"), line[begin:end].strip())
    return Head(values, "", 0) if _of_a_mail(values, [line]) else None


def field_kind(line: str) -> str | None:
    """Which field of a head the line is, such as `from`, or None."""
    match = _FIELD.match(line[:80])
    return FIELD_KINDS.get(match[1].strip().lower()) if match else None


def unquoted(line: str) -> str:
    """The line without any mark of quoting before it."""
    return line[match.end() :] if (match := _QUOTE.match(line)) else line


def _goes_on(lines: Sequence[str], number: int, kind: str) -> bool:
    """Whether the line goes on with the value above it: a wrapped address, or one that another field follows."""
    line = lines[number][:MATCHED]
    if not unquoted(line).strip():
        return False
    if kind in {"from", "to", "cc"} and _ANGLED.search(line):
        return True
    following = lines[number + 1 : number + _WRAPPED]
    for after in following:
        if not unquoted(after[:MATCHED]).strip():
            return False
        if field_kind(after[:MATCHED]):
            return True
    return False


def _of_a_mail(values: dict[str, str], lines: Sequence[str]) -> bool:
    # "From: Berlin, To: Munich, Date: 3 May" is a customer's own text.
    shown = "subject" in values or any("@" in line[: 4 * MATCHED] for line in lines)
    enough = len(values) >= _FIELDS or values.keys() >= {"from", "date"} or values.keys() >= {"from", "subject"}
    return enough and shown
