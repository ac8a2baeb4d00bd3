"""Read the mail that somebody forwarded: its sender, subject and text, and what the forwarder wrote above it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.mail.mime.addresses import mailboxes, sole_mailbox
from bot.mail.mime.headers import readable, split_headers
from bot.mail.mime.parts import Part, leaves, read_parts
from bot.mail.quoting.attributions import attribution_end
from bot.mail.quoting.markers import forward_mark, is_divider, is_quoted, without_invisible_marks
from bot.mail.quoting.quoted_headers import (
    MAX_LINE,
    QuotedHeaders,
    field_kind,
    read_one_line_headers,
    read_quoted_headers,
    unquoted,
)
from bot.mail.text.body import read_body
from bot.mail.text.subjects import is_answer_subject, is_forward_subject, without_prefixes

_MAX_LINES = 2_000  # lines in which the forwarded mail must begin

_MAILTO = re.compile(r"[<\[(]\s*mailto:\s*([^<>\[\]()\s]+)\s*[>\])]", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>@,;:\"'()\[\]\\|]{1,64}@[^\s<>@,;:\"'()\[\]\\|]{1,255}\w")
_ON_BEHALF = re.compile(
    r"\s(?:on behalf of|im auftrag von|au nom de|de la part de|en nombre de|per conto di|namens|em nome de"
    r"|på vegne af|på vegne av|för|w imieniu|jménem|от имени)\s",
    re.IGNORECASE,
)
_QUOTATION = r"[\"\u00ab\u201c\u201e\u300c]\s*"
_AROUND_NAME = " ,:\"'*_\u00ab\u00bb\u201c\u201d\u300c\u300d"
_QUOTE_MARK = re.compile(r"> ?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """The topmost mail that is forwarded in another one."""

    sender_addr: str | None  # lower case
    sender_name: str
    subject: str
    text: str
    before: str  # what the forwarder wrote above
    certain: bool  # exactly one forwarded mail, with exactly one address in its From


@dataclass(frozen=True, slots=True)
class _Place:
    """The position of the forwarded mail in the lines, and its headers if it has any."""

    first: int
    body: int
    headers: QuotedHeaders | None


def read_forwarded(text: str, subject: str) -> Forwarded | None:
    """The topmost mail forwarded in the text of a mail with this subject, or None; takes linear time."""
    lines = without_invisible_marks(text).split("\n")
    shown = text.replace("\ufeff", "").split("\n")  # Hebrew and Arabic text keeps its direction marks
    place = _find(lines, subject)
    if place is None:
        return None
    address, name, alone = _sender(place.headers.values.get("from", "")) if place.headers else (None, "", False)
    return Forwarded(
        sender_addr=address,
        sender_name=name,
        subject=readable(place.headers.values.get("subject", "")) if place.headers else "",
        text=_body(shown, place),
        before="\n".join(line.rstrip() for line in shown[: place.first]).strip(),
        certain=alone and not _has_more_headers(lines, place.body),
    )


def read_attached(root: Part, text: str, subject: str) -> Forwarded | None:
    """The mail attached to a mail with this text and subject; None if there is none, or the subject is an answer's."""
    mails = [part for part in leaves(root) if part.content_type in {"message/rfc822", "message/global"}]
    if not mails or (is_answer_subject(subject) and not is_forward_subject(subject)):
        return None
    headers, rest = split_headers(mails[0].content())
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
    """Find the forwarded mail; None if there is none, or a quoted mail comes first."""
    is_forward = is_forward_subject(subject)
    is_answer = is_answer_subject(subject) and not is_forward
    text_above = False
    for number, whole in enumerate(lines[:_MAX_LINES]):
        line = whole[:MAX_LINE]
        if not unquoted(line).strip():
            continue
        if (place := _below_marker(lines, number)) is not None:
            return place
        if (place := _below_headers(lines, number)) is not None:
            unmarked_quote = is_answer and text_above and not is_quoted(line)
            return None if unmarked_quote or _is_finnish_answer(place, subject) else place
        attribution = attribution_end(lines, number)
        if attribution is not None:
            return _below_attribution(lines, number, attribution, subject) if is_forward else None
        if is_quoted(line):
            return None  # the quote of an answered mail
        text_above = True
    return None


def _is_finnish_answer(place: _Place, subject: str) -> bool:
    """Whether `VS:`, which other languages use for forwards, is the Finnish prefix of an answer."""
    return place.headers is not None and place.headers.from_name == "lähettäjä" and subject[:2] == "VS"


def _below_marker(lines: Sequence[str], number: int) -> _Place | None:
    """A mail below "Forwarded message", with or without headers."""
    mark = forward_mark(lines[number][:MAX_LINE])
    if mark is None:
        return None
    if headers := read_quoted_headers(lines, number + 1):
        return _Place(number, headers.end, headers)
    if mark and (headers := read_one_line_headers(lines[number])):
        return _Place(number, number + 1, headers)
    return _Place(number, number + 1, None)


def _below_headers(lines: Sequence[str], number: int) -> _Place | None:
    """A mail that begins with headers, which a bar or "Original message" may precede."""
    line = lines[number][:MAX_LINE]
    if field_kind(line) in {"from", "date", "subject"} and (headers := read_quoted_headers(lines, number)):
        return _Place(number, headers.end, headers) if "from" in headers.values else None
    if is_divider(line) and (headers := read_quoted_headers(lines, number + 1)):
        return _Place(number, headers.end, headers)
    return None


def _below_attribution(lines: Sequence[str], number: int, end: int, subject: str) -> _Place:
    """A mail below "On ... somebody wrote:", which some programs use for forwards too."""
    line = " ".join(line[:MAX_LINE].strip() for line in lines[number:end])
    return _Place(number, end, QuotedHeaders({"from": line, "subject": without_prefixes(subject)}, "", end))


def _has_more_headers(lines: Sequence[str], start: int) -> bool:
    for number in range(start, min(len(lines), start + _MAX_LINES)):
        line = lines[number][:MAX_LINE]
        if forward_mark(line) is not None:
            return True
        if field_kind(line) == "from" and read_quoted_headers(lines, number) is not None:
            return True
    return False


def _sender(value: str) -> tuple[str | None, str, bool]:
    """Address and name in the value of From, and whether it holds no other address."""
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
    """The name before the address, without a date and the words around that."""
    before = re.split(r"[<\[(]|\S+@", value, maxsplit=1)[0].strip(_AROUND_NAME)
    quoted = re.split(_QUOTATION, before)
    if len(quoted) > 1:
        return readable(quoted[-1])
    words = before.split()
    dated = max((number for number, word in enumerate(words) if word[-1:].isdigit()), default=-1)
    named = words if dated < 0 else [word for word in words[dated + 1 :] if not word.islower()]
    return readable(" ".join(named).strip(_AROUND_NAME))


def _body(lines: Sequence[str], place: _Place) -> str:
    """The text of the forwarded mail, without the quote marks that forwarding added."""
    body = list(lines[place.body :])
    first = next((line for line in body if line.strip()), "")
    if _QUOTE_MARK.match(first):
        last = max(number for number, line in enumerate(body) if line.startswith(">"))
        if not body[last + 1 : last + 2] or not body[last + 1].strip():
            body = body[: last + 1]  # unquoted text below an empty line is the forwarder's
        body = [_QUOTE_MARK.sub("", line, count=1) if line.startswith(">") else line for line in body]
    return "\n".join(line.rstrip() for line in body).strip()
