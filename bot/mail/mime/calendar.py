"""Describe a calendar object (RFC 5545) in one line: what, when, where and from whom."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.mail.mime.charset import decode
from bot.mail.mime.parts import Part

_MAX_CHARACTERS = 100_000  # characters
_MAX_VALUE = 200

_LINE = re.compile(r"([A-Z-]{4,20})((?:;[^:\"]{0,200}(?:\"[^\"]{0,200}\"[^:\"]{0,200}){0,8})?):(.*)", re.IGNORECASE)
_ZONE = re.compile(r"TZID=\"?([^\";:]{1,80})", re.IGNORECASE)
_ZONE_NAME = re.compile(r"[A-Z][A-Za-z_]+(?:/[A-Z][\w+-]+){1,2}")
_PARTSTAT = re.compile(r"PARTSTAT=([A-Z-]+)", re.IGNORECASE)
_TIME = re.compile(r"(\d{8})(?:T(\d{4})(?:\d\d)?(Z?))?")
_KINDS = {
    "cancel": "a cancelled invitation",
    "reply": "an answer to an invitation",
    "counter": "another proposal for an invitation",
    "publish": "a calendar entry",
}
_NAMES = frozenset({"METHOD", "SUMMARY", "DTSTART", "LOCATION", "ORGANIZER", "ATTENDEE", "COMMENT"})
_NAME = re.compile(r"(?:^|;)CN=\"?([^\";:]{1,200})", re.IGNORECASE)
_GOOGLE_COMMENT = re.compile(r"X-RESPONSE-COMMENT=\"?([^\";:]{0,200})", re.IGNORECASE)  # a parameter


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """An attendee's answer to an invitation (RFC 5546, METHOD:REPLY)."""

    description: str  # one line, as `invitation` returns it
    summary: str
    attendee: str
    attendee_name: str
    comment: str


def calendar_text(part: Part) -> str:
    """The beginning of a calendar part, decoded."""
    return decode(part.content()[:_MAX_CHARACTERS], part.charset or "utf-8")


def answer_to_invitation(calendar: str) -> CalendarAnswer | None:
    """Read the calendar object as an answer; None if it is none."""
    found = _fields(calendar[:_MAX_CHARACTERS])
    if found.get("METHOD", ("", ""))[1].lower() != "reply":
        return None
    parameters, attendee = found.get("ATTENDEE", ("", ""))
    name, note = _NAME.search(parameters), _GOOGLE_COMMENT.search(parameters)
    return CalendarAnswer(
        description=invitation(calendar),
        summary=_unescaped(found.get("SUMMARY", ("", ""))[1]),
        attendee=_person("", attendee).strip(),
        attendee_name=name[1].strip() if name else "",
        comment=_unescaped(found.get("COMMENT", ("", ""))[1]) or (note[1].strip() if note else ""),
    )


def invitation(calendar: str) -> str:
    """The calendar object in one line, such as "an invitation: Review, 2026-03-02 12:00 UTC, organiser a@b"."""
    found = _fields(calendar[:_MAX_CHARACTERS])
    method = found.get("METHOD", ("", ""))[1].lower()
    details = [
        _unescaped(found.get("SUMMARY", ("", ""))[1]),
        _start_time(*found.get("DTSTART", ("", ""))),
        _unescaped(found.get("LOCATION", ("", ""))[1]),
        _attendee_status(*found.get("ATTENDEE", ("", ""))) if method == "reply" else "",
        _person("organiser", found.get("ORGANIZER", ("", ""))[1]),
    ]
    joined = ", ".join(part for part in details if part)
    kind = _KINDS.get(method, "an invitation")
    return f"{kind}: {joined}" if joined else kind


def _fields(calendar: str) -> dict[str, tuple[str, str]]:
    """Parameters and value of each field, those of the first event if there is one."""
    found: dict[str, tuple[str, str]] = {}
    inside = ""
    for line in re.sub(r"\r?\n[ \t]", "", calendar).splitlines():
        match = _LINE.match(line[:2_000])
        if not match:
            continue
        name, value = match[1].upper(), match[3].strip()
        if name == "BEGIN":
            inside = value.upper()
        elif name == "END" and value.upper() == "VEVENT":
            break
        elif name in _NAMES and inside in {"VCALENDAR", "VEVENT", "VTODO"}:
            found.setdefault(name, (match[2], value))
    return found


def _start_time(parameters: str, value: str) -> str:
    """The time in UTC if its zone is known, else the local time with the zone's name."""
    match = _TIME.match(value)
    if not match:
        return ""
    try:
        local = datetime.strptime(match[1] + (match[2] or "0000"), "%Y%m%d%H%M")  # noqa: DTZ007 (its zone follows)
        if not match[2]:
            return f"{local:%Y-%m-%d}"
        zone = _ZONE.search(parameters)
        if match[3]:
            return f"{local:%Y-%m-%d %H:%M} UTC"
        if zone and _ZONE_NAME.fullmatch(zone[1]):
            return f"{local.replace(tzinfo=ZoneInfo(zone[1])).astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, LookupError, OSError):  # no such day; no such zone, or a folder of zones
        return value[:_MAX_VALUE] if not match[2] else f"{match[1][:4]}-{match[1][4:6]}-{match[1][6:]} {match[2]}"
    return f"{local:%Y-%m-%d %H:%M}" + (f" {zone[1].strip()}" if zone else "")


def _person(role: str, value: str) -> str:
    address = re.sub(r"^mailto:", "", value, flags=re.IGNORECASE).strip()
    return f"{role} {address[:_MAX_VALUE]}" if "@" in address else ""


def _attendee_status(parameters: str, value: str) -> str:
    status = _PARTSTAT.search(parameters)
    who = _person("", value).strip()
    return " ".join(word for word in (who, status[1].lower() if status else "") if word)


def _unescaped(text: str) -> str:
    unescaped = re.sub(r"\\([nN,;\\])", lambda match: " " if match[1] in "nN" else match[1], text)
    return " ".join(unescaped.split())[:_MAX_VALUE]
