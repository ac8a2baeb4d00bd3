"""Generate mails of any size from a plan: what is repeated, where, and how often a line ends."""

import base64
from dataclasses import dataclass
from random import Random

from tests.mail_fuzz import atoms

ADMIN = "anna@example.org"
_FROM = ("Mia <mia@customer.example.com>", f"Anna <{ADMIN}>", "MAILER-DAEMON@mx.example.net", "<no-reply@example.net>")
_SUBJECTS = ("Ink", "Re: Ink", "Fwd: Ink", "Undeliverable: Ink", "VS: Ink")
_HEADER = 16_000  # bytes of one line
_PLACES = {
    "html": atoms.HTML,
    "tags": atoms.HTML,
    "plain": atoms.TEXT,
    "header": atoms.VALUES,
    "fields": atoms.VALUES,
    "part head": atoms.VALUES,
    "parts of html": atoms.HTML,
    "parts of text": atoms.TEXT,
    "status": atoms.STATUS,
    "parts of status": atoms.STATUS,
    "calendar": atoms.CALENDAR,
    "json": atoms.JSON,
    "boundaries": atoms.BOUNDARIES,
    "attached": atoms.TEXT,
    "attached head": atoms.VALUES,
    "encoded": atoms.TEXT,
    "attributes": atoms.VALUES,
    "text of a report": atoms.TEXT,
}


@dataclass(frozen=True)
class Plan:
    """A mail of any size: `unit` is repeated between `before` and `after`, with a line end after every few."""

    place: str
    before: str
    unit: str
    after: str
    line: int  # 0: never
    name: str  # of a header
    charset: str
    encoding: str
    sender: str
    subject: str

    @property
    def description(self) -> str:
        where = f"{self.place} {self.name}" if self.place in {"header", "part head", "attached head"} else self.place
        return f"{where}: {self.before!r} + n * {self.unit!r} + {self.after!r}, {self.charset} {self.encoding}"


def make_plan(seed: int, number: int) -> Plan:
    """The plan of this number; the same seed gives the same plans."""
    random = Random(f"{seed} {number}")
    place = random.choice(list(_PLACES))
    return Plan(
        place=place,
        before=_some(random, place, random.choice((0, 0, 1, 2, 4))) * random.choice((1, 1, 1, 300)),
        unit=_some(random, place, random.choice((1, 1, 2, 2, 3, 4, 6))),
        after=_some(random, place, random.choice((0, 0, 1, 2))) * random.choice((1, 1, 300)),
        line=random.choice((0, 0, 1, 5, 40, 200)),
        name=random.choice(atoms.NAMES),
        charset=random.choice(atoms.CHARSETS),
        encoding=random.choice(("8bit", "8bit", "8bit", "base64", "quoted-printable", "x-uuencode")),
        sender=random.choice(_FROM),
        subject=random.choice(_SUBJECTS),
    )


def _some(random: Random, place: str, count: int) -> str:
    if place == "tags":
        return "".join(f"<{random.choice(atoms.TAGS)}{random.choice(atoms.ATTRIBUTES)}>" for _ in range(count))
    return "".join(random.choice(_PLACES[place]) for _ in range(count))


def build(plan: Plan, size: int) -> bytes:
    """The mail of this plan with at most this many bytes."""
    head = f"From: {plan.sender}\nMessage-ID: <a@customer.example.com>\nSubject: {plan.subject}\n"
    return (head.encode() + _BUILDERS.get(plan.place, _body)(plan, size - 1_000))[:size]


def _filled(plan: Plan, size: int) -> bytes:
    unit = plan.unit or "a"
    count = max(1, (size - len(plan.before) - len(plan.after)) // len(unit.replace("#", "00000").encode()))
    step = plan.line or count
    if "#" in unit:
        units = [unit.replace("#", str(number)) for number in range(count)]
        middle = "\n".join("".join(units[start : start + step]) for start in range(0, count, step))
    else:
        middle = "\n".join([unit * step] * max(1, count // step))
    return _bytes(f"{plan.before}{middle}{plan.after}")


def _bytes(text: str) -> bytes:
    """The text as bytes: characters up to U+00FF become single bytes, which are valid in no declared charset."""
    if text.isascii():
        return text.encode()
    return b"".join(c.encode("latin-1") if c < "\u0100" else c.encode() for c in text)


def _typed(plan: Plan, kind: str, body: bytes) -> bytes:
    encoded = {"base64": base64.encodebytes, "quoted-printable": lambda raw: raw.replace(b"e", b"=65")}
    body = encoded.get(plan.encoding, lambda raw: raw)(body)
    head = f"Content-Type: {kind}; charset={plan.charset}\nContent-Transfer-Encoding: {plan.encoding}\n\n"
    return head.encode() + (b"begin 644 a\n" if plan.encoding == "x-uuencode" else b"") + body


def _body(plan: Plan, size: int) -> bytes:
    kinds = {"status": "message/delivery-status", "calendar": "text/calendar", "html": "text/html", "tags": "text/html"}
    kind = kinds.get(plan.place, "text/plain")
    return _typed(plan, kind, _filled(plan, size * 2 // 3 if plan.encoding == "base64" else size))


def _header(plan: Plan, size: int) -> bytes:
    line = plan.name.encode() + b": " + _filled(plan, min(size, _HEADER)).replace(b"\n", b" ")[:_HEADER] + b"\n"
    return line * max(1, size // len(line)) + b"\nhello"


def _fields(plan: Plan, size: int) -> bytes:
    value = _bytes(plan.before[:20] + plan.unit + plan.after[:20]).replace(b"\n", b" ")
    count = size // (len(value) + 10)
    return b"".join(b"%s-%d: %s\n" % (plan.name.encode(), number, value) for number in range(count)) + b"\nhello"


def _mixed(parts: list[bytes]) -> bytes:
    return b"Content-Type: multipart/mixed; boundary=cut\n\n" + b"".join(b"--cut\n" + part + b"\n" for part in parts)


def _part_heads(plan: Plan, size: int) -> bytes:
    each = min(_HEADER, size // 200)
    name = plan.name if plan.name.startswith("Content") else "Content-Type"
    kind = b"text/html; " if name == "Content-Type" else b"attachment; filename="
    head = name.encode() + b": " + kind + _filled(plan, each).replace(b"\n", b" ") + b"\n\nhello"
    return _mixed([head] * max(1, size // (len(head) + 7)))


def _parts(plan: Plan, size: int) -> bytes:
    kinds = {"parts of html": "text/html", "parts of text": "text/plain", "parts of status": "message/delivery-status"}
    part = _typed(plan, kinds[plan.place], _filled(plan, size // 200))
    return _mixed([part] * max(1, size // (len(part) + 7)))


def _boundaries(plan: Plan, size: int) -> bytes:
    return b"Content-Type: multipart/mixed; boundary=cut\n\n--cut\n" + _filled(plan, size)


def _attached(plan: Plan, size: int) -> bytes:
    inner = b"From: Leo <leo@example.net>\nSubject: Ink\n"
    inner += _header(plan, size) if plan.place == "attached head" else b"\n" + _filled(plan, size)
    return _mixed([b"Content-Type: text/plain\n\nSee below", b"Content-Type: message/rfc822\n\n" + inner])


def _report(plan: Plan, size: int) -> bytes:
    text = b"Content-Type: text/plain\n\n" + _filled(plan, size)
    return _mixed([text]).replace(b"mixed;", b"report; report-type=delivery-status;")


def _attributes(plan: Plan, size: int) -> bytes:
    tag = plan.name.encode().lower()[:1]
    return b"Content-Type: text/html\n\n<" + tag + b" " + _filled(plan, size) + b">x<p>y"


_BUILDERS = {
    "header": _header,
    "fields": _fields,
    "part head": _part_heads,
    "parts of html": _parts,
    "parts of text": _parts,
    "parts of status": _parts,
    "boundaries": _boundaries,
    "attached": _attached,
    "attached head": _attached,
    "text of a report": _report,
    "attributes": _attributes,
}
