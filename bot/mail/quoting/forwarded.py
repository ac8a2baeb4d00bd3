"""The mail that somebody forwarded: who wrote it, what it says, and what the forwarder wrote above."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.mail.mime.addresses import mailboxes, sole_mailbox
from bot.mail.mime.headers import readable, split_head
from bot.mail.mime.parts import Part, leaves, read_parts
from bot.mail.quoting.attributions import attribution_end
from bot.mail.quoting.markers import divides, forward_mark, is_quoted, without_marks
from bot.mail.quoting.quoted_headers import MATCHED, Head, field_kind, read_head, read_line_head, unquoted
from bot.mail.text.body import read_body
from bot.mail.text.subjects import is_answer_subject, is_forward_subject, without_prefixes

_LINES = 2_000  # lines in which the forwarded mail must begin

_MAILTO = re.compile(r"[<\[(]\s*mailto:\s*([^<>\[\]()\s]+)\s*[>\])]", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>@,;:\"'()\[\]\\|]{1,64}@[^\s<>@,;:\"'()\[\]\\|]{1,255}\w")
_ON_BEHALF = re.compile(
    r"\s(?:on behalf of|im auftrag von|au nom de|de la part de|en nombre de|per conto di|namens|em nome de"
    r"|på vegne af|på vegne av|för|w imieniu|jménem|от имени)\s",
    re.IGNORECASE,
)
_QUOTATION = r"[\"\u00ab\u201c\u201e\u300c]\s*"
_MARKS = " ,:\"'*_\u00ab\u00bb\u201c\u201d\u300c\u300d"
_INDENTED = re.compile(r"> ?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """The topmost mail that was forwarded in another."""

    sender_addr: str | None  # lower case
    sender_name: str
    subject: str
    text: str
    before: str  # what the forwarder wrote above
    certain: bool  # exactly one forwarded head, with exactly one address


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the forwarded mail begins in the lines, and its head where it has one."""

    first: int
    body: int
    head: Head | None
    rest: str = ""  # of the body, on the head's own line


def read_forwarded(text: str, subject: str) -> Forwarded | None:
    """The topmost mail forwarded in the text of a mail with this subject, or None; linear in its length."""
    lines = without_marks(text).split("\n")
    shown = text.replace("\ufeff", "").split("\n")  # Hebrew and Arabic text keeps its marks of direction
    place = _find(lines, subject)
    if place is None:
        return None
    address, name, alone = _sender(place.head.values.get("from", "")) if place.head else (None, "", False)
    return Forwarded(
        sender_addr=address,
        sender_name=name,
        subject=readable(place.head.values.get("subject", "")) if place.head else "",
        text=_body(shown, place),
        before="\n".join(line.rstrip() for line in shown[: place.first]).strip(),
        certain=alone and not _another_head(lines, place.body),
    )


def read_attached(root: Part, text: str, subject: str) -> Forwarded | None:
    """The one mail that came as an attachment to a mail of this text and subject; None where that is an answer."""
    mails = [part for part in leaves(root) if part.content_type in {"message/rfc822", "message/global"}]
    if not mails or (is_answer_subject(subject) and not is_forward_subject(subject)):
        return None
    headers, rest = split_head(mails[0].content())
    sender = sole_mailbox(headers.all("from"))
    return Forwarded(
        sender_addr=sender.address if sender else None,
        sender_name=sender.name if sender else "",
        subject=readable(headers.first("subject")),
        text=read_body(read_parts(headers, rest)[0]).text.strip(),
        before=text.strip(),
        certain=len(mails) == 1 and sender is not None,
    )


def _find(lines: Sequence[str], subject: str) -> _Place | None:
    """Where the forwarded mail begins; None when an answered one comes first."""
    passed_on = is_forward_subject(subject)
    answered = is_answer_subject(subject) and not passed_on
    written = False
    for number, whole in enumerate(lines[:_LINES]):
        line = whole[:MATCHED]
        if not unquoted(line).strip():
            continue
        if (place := _marked(lines, number)) is not None:
            return place
        if (place := _headed(lines, number)) is not None:
            quoted = is_quoted(line)
            finnish_answer = place.head is not None and place.head.from_name == "lähettäjä" and subject[:2] == "VS"
            return None if (answered and written and not quoted) or finnish_answer else place
        attribution = attribution_end(lines, number)
        if attribution is not None:
            return _attributed(lines, number, attribution, subject) if passed_on else None
        if is_quoted(line):
            return None  # the first line that is quoted belongs to an answered mail
        written = True
    return None


def _marked(lines: Sequence[str], number: int) -> _Place | None:
    """A mail below "Forwarded message", with its head where there is one."""
    mark = forward_mark(lines[number][:MATCHED])
    if mark is None:
        return None
    if head := read_head(lines, number + 1):
        return _Place(number, head.end, head)
    if mark and (head := read_line_head(lines[number])):
        return _Place(number, number + 1, head)
    return _Place(number, number + 1, None)


def _headed(lines: Sequence[str], number: int) -> _Place | None:
    """A mail below a head alone, or below a bar or "Original message" with a head."""
    line = lines[number][:MATCHED]
    if field_kind(line) in {"from", "date", "subject"} and (head := read_head(lines, number)):
        return _Place(number, head.end, head) if "from" in head.values else None
    if divides(line) and (head := read_head(lines, number + 1)):
        return _Place(number, head.end, head)
    return None


def _attributed(lines: Sequence[str], number: int, end: int, subject: str) -> _Place:
    """A mail below "On ... somebody wrote:", as some programs forward it too."""
    line = " ".join(line[:MATCHED].strip() for line in lines[number:end])
    return _Place(number, end, Head({"from": line, "subject": without_prefixes(subject)}, "", end))


def _another_head(lines: Sequence[str], start: int) -> bool:
    for number in range(start, min(len(lines), start + _LINES)):
        line = lines[number][:MATCHED]
        if forward_mark(line) is not None:
            return True
        if field_kind(line) == "from" and read_head(lines, number) is not None:
            return True
    return False


def _sender(value: str) -> tuple[str | None, str, bool]:
    """Address and name of the one who wrote, and whether there is no other address."""
    linked = [match.lower() for match in _MAILTO.findall(value)]
    plain = _MAILTO.sub(" ", value)
    own, *others = _ON_BEHALF.split(plain, maxsplit=1)
    found = list(dict.fromkeys(address.lower() for address in _ADDRESS.findall(own))) or linked[:1]
    alone = len(set(found) | {a.lower() for other in others for a in _ADDRESS.findall(other)} | set(linked)) == 1
    boxes = mailboxes(own, 2)
    if len(found) > 1:
        angled = [box.address for box in boxes if f"<{box.address}>" in own.lower()]
        found = angled[:1] if len(angled) == 1 else []
    named = next((box.name for box in boxes if found and box.address == found[0]), "")
    name = named if named and not any(letter.isdigit() for letter in named) else _name(own)
    return (found[0] if found else None), name, alone


def _name(value: str) -> str:
    """What stands before the address: without a date, and without the small words round it."""
    before = re.split(r"[<\[(]|\S+@", value, maxsplit=1)[0].strip(_MARKS)
    quoted = re.split(_QUOTATION, before)
    if len(quoted) > 1:
        return readable(quoted[-1])
    words = before.split()
    dated = max((number for number, word in enumerate(words) if word[-1:].isdigit()), default=-1)
    named = words if dated < 0 else [word for word in words[dated + 1 :] if not word.islower()]
    return readable(" ".join(named).strip(_MARKS))


def _body(lines: Sequence[str], place: _Place) -> str:
    """The text of the forwarded mail, without the marks of quoting that forwarding gave it."""
    body = list(lines[place.body :])
    first = next((line for line in body if line.strip()), "")
    if _INDENTED.match(first):
        last = max(number for number, line in enumerate(body) if line.startswith(">"))
        if not body[last + 1 : last + 2] or not body[last + 1].strip():
            body = body[: last + 1]  # what stands apart below is the forwarder's
        body = [_INDENTED.sub("", line, count=1) if line.startswith(">") else line for line in body]
    return "\n".join(line.rstrip() for line in body).strip()
