"""An invitation in one line: what of a calendar object (RFC 5545) tells a reader what, when and from whom."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_LOOKED_AT = 100_000  # characters
_KEPT = 200

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
_NOTE = re.compile(r"X-RESPONSE-COMMENT=\"?([^\";:]{0,200})", re.IGNORECASE)  # where Google puts the comment


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """What an attendee answered to an invitation (RFC 5546, METHOD:REPLY)."""

    told: str  # in one line, as `invitation` says it
    summary: str
    attendee: str
    attendee_name: str
    comment: str


def answer_to_invitation(calendar: str) -> CalendarAnswer | None:
    """The answer that the calendar object is, or None for any other object."""
    found = _values(calendar[:_LOOKED_AT])
    if found.get("METHOD", ("", ""))[1].lower() != "reply":
        return None
    parameters, attendee = found.get("ATTENDEE", ("", ""))
    name, note = _NAME.search(parameters), _NOTE.search(parameters)
    return CalendarAnswer(
        told=invitation(calendar),
        summary=_plain(found.get("SUMMARY", ("", ""))[1]),
        attendee=_person("", attendee).strip(),
        attendee_name=name[1].strip() if name else "",
        comment=_plain(found.get("COMMENT", ("", ""))[1]) or (note[1].strip() if note else ""),
    )


def invitation(calendar: str) -> str:
    """The calendar object in one line, such as "an invitation: Review, 2026-03-02 12:00 UTC, organiser a@b"."""
    found = _values(calendar[:_LOOKED_AT])
    method = found.get("METHOD", ("", ""))[1].lower()
    said = [
        _plain(found.get("SUMMARY", ("", ""))[1]),
        _moment(*found.get("DTSTART", ("", ""))),
        _plain(found.get("LOCATION", ("", ""))[1]),
        _answer(*found.get("ATTENDEE", ("", ""))) if method == "reply" else "",
        _person("organiser", found.get("ORGANIZER", ("", ""))[1]),
    ]
    told = ", ".join(part for part in said if part)
    kind = _KINDS.get(method, "an invitation")
    return f"{kind}: {told}" if told else kind


def _values(calendar: str) -> dict[str, tuple[str, str]]:
    """Parameters and value of each field, of the first event where there is one."""
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


def _moment(parameters: str, value: str) -> str:
    """The time in UTC where its zone is known, else as it stands, with the zone's name."""
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
        return value[:_KEPT] if not match[2] else f"{match[1][:4]}-{match[1][4:6]}-{match[1][6:]} {match[2]}"
    return f"{local:%Y-%m-%d %H:%M}" + (f" {zone[1].strip()}" if zone else "")


def _person(role: str, value: str) -> str:
    address = re.sub(r"^mailto:", "", value, flags=re.IGNORECASE).strip()
    return f"{role} {address[:_KEPT]}" if "@" in address else ""


def _answer(parameters: str, value: str) -> str:
    status = _PARTSTAT.search(parameters)
    who = _person("", value).strip()
    return " ".join(word for word in (who, status[1].lower() if status else "") if word)


def _plain(text: str) -> str:
    unescaped = re.sub(r"\\([nN,;\\])", lambda match: " " if match[1] in "nN" else match[1], text)
    return " ".join(unescaped.split())[:_KEPT]
