"""Detect an answer to an invitation without a message: somebody clicked "accept", a program wrote the mail."""
# ruff: noqa: RUF001 (letters of other alphabets are the point here)

import re

from bot.mail.mime.calendar import answer_to_invitation, calendar_text
from bot.mail.mime.parts import Part, leaves

_MAX_TEXT = 20_000
_MAX_LINES = 150
_MAX_LINE = 400
_CALENDAR_TYPES = frozenset({"text/calendar", "application/ics"})
_ALLOWED_TYPES = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "text/rtf", *_CALENDAR_TYPES})
_PREFIX = re.compile(r"\s*[^\s:：]{2,20}(?:\s[^\s:：]{2,15}){0,2}\s*[:：]\s*")  # Accepted:, Tentatively Accepted:
# Words of the line in which a program says who accepted or declined.
_ANSWERED = re.compile(
    r"accept|declin|tentativ|maybe|invit|respon|zugesagt|abgesagt|angenommen|abgelehnt|vorläufig|vorbehalt|einladung|termin"
    r"|refus|provisoire|acept|rechaz|provisional|rifiut|provvisori|aceit|recus|provisór|geaccepteerd|geweigerd|afgewezen|voorlopig"
    r"|uitnodiging|accepter|godta|avvis|avböj|avsl|preliminär|foreløbig|hyväksy|hylk|zaakcept|odrzuc|wstępn|zaprosz|přij|odmít|pozván"
    r"|elfogad|elutas|kabul|redd|davet|принят|принял|отклон|приглаш|прийня|承諾|辞退|仮|承认|接受|拒绝|謝絕|邀请|邀請|수락|거절|미정|초대",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\s*(?:when|where|what|who|organi[sz]er|calendar|location|date|time|attendees?|guests?|summary|title|meeting|joining\s+info"
    r"|wann|wo|was|wer|ort|datum|uhrzeit|kalender|veranstalter|organisator|teilnehmer|betreff|termin|quand|où|qui|quoi|lieu|heure"
    r"|organisateur|participants|cuándo|dónde|quién|lugar|fecha|organizador|quando|dove|chi|luogo|organizzatore|onde|quem"
    r"|wanneer|waar|wie|när|var|hvor|hvornår|når|kiedy|gdzie|когда|где|日時|場所|时间|地点)\s*[:：]",
    re.IGNORECASE,
)
_ONLY_TECHNICAL = re.compile(
    r"[\W\d_]*(?:(?:https?://|mailto:|www\.)\S{1,400}[\W\d_]*|[^\s@]{1,64}@[\w.-]{1,255}[\W\d_]*)*"
)
_ORIGINAL = re.compile(
    r"\s*(?:-{2,}[^-]{3,40}-{2,}\s*$|_{8,}\s*$|(?:from|von|de|da|van|från|fra|od|от)\s?:\s.{0,200}@)", re.IGNORECASE
)
_GOOGLE = re.compile(r"calendar\.google\.com|google\s+(?:calendar|kalender|agenda)", re.IGNORECASE)
_WITH_NOTE = re.compile(r"[:：]\s*$|\bnote\b|\bnotiz\b|\bnota\b", re.IGNORECASE)


def read_calendar_answer(root: Part, *, subject: str, name: str, address: str, text: str, new_text: str) -> str:
    """One line about the answer (RFC 5546, 3.2.3) if the mail is nothing else, or an empty string.

    A mail with a comment, a file or a line of the person is a message; so is COUNTER, which proposes another time.
    """
    parts = list(leaves(root))
    if any(part.content_type not in _ALLOWED_TYPES for part in parts):
        return ""
    calendars = (calendar_text(part) for part in parts if part.content_type in _CALENDAR_TYPES)
    answer = next((found for found in map(answer_to_invitation, calendars) if found is not None), None)
    if answer is None or answer.comment or len(new_text) > _MAX_TEXT:
        return ""
    names = {_normalized(known) for known in (name, address, answer.attendee, answer.attendee_name) if known.strip()}
    titles = {_normalized(title) for title in (answer.summary, subject, _PREFIX.sub("", subject, count=1))} - {""}
    # A mail that only quotes the invitation has no new text; `new_text` is then the whole quote.
    only_quoted = _ORIGINAL.match(text.lstrip()[:_MAX_LINE].partition("\n")[0]) is not None
    return "" if not only_quoted and _has_own_text(new_text, names, titles) else answer.description


def _has_own_text(text: str, names: set[str], titles: set[str]) -> bool:
    """Whether the text has a line that no program writes around an answer."""
    lines = text.split("\n", _MAX_LINES)
    if len(lines) > _MAX_LINES:
        return True
    from_google = _GOOGLE.search(text) is not None
    for line in lines:
        if _ORIGINAL.match(line[:_MAX_LINE]):
            return False
        if len(line) > _MAX_LINE:
            return True
        if _states_the_answer(line, names):
            if from_google:  # Google writes everything below, unless this line introduces a note
                return _WITH_NOTE.search(line) is not None
        elif not (_ONLY_TECHNICAL.fullmatch(line) or _LABEL.match(line) or _is_title(line, titles)):
            return True
    return False


def _states_the_answer(line: str, names: set[str]) -> bool:
    plain = _normalized(line)
    return len(plain) <= _MAX_LINE // 2 and _ANSWERED.search(plain) is not None and any(name in plain for name in names)


def _is_title(line: str, titles: set[str]) -> bool:
    """Whether the line is the meeting's title, also with "Accepted:" before it or "@ Tue 1 Dec" after it."""
    plain = _normalized(line)
    bare = _normalized(_PREFIX.sub("", plain, count=1))
    return any(title in titles or title.partition(" @ ")[0] in titles for title in (plain, bare))


def _normalized(text: str) -> str:
    return " ".join(text.split()).casefold()
