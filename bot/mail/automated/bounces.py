"""Mail that came back: to whom it did not go, for how long, why, and which mail it was."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.mail.automated import bounce_phrases
from bot.mail.automated.bounce_signs import ANSWER_OF_SERVER, MAILER, looks_like_bounce, says_so
from bot.mail.automated.delivery_status import Outcome, class_of_code, first_address, first_status, notified, outcomes
from bot.mail.mime.addresses import mailboxes
from bot.mail.mime.headers import Headers, split_head
from bot.mail.mime.parts import Part, leaves

_LINES = 150  # lines of a server's explanation that are looked at
_LINE = 400
_CHARACTERS = 15_000  # of these lines together
_REASON = 300
_RECIPIENTS = 100

_ADDRESS = r"[\"'(\[<]{0,2}(?:(?:rfc822|smtp)[;:]\s*)?([^\s<>@,;:\"'()\[\]|*]{1,128}@[\w.-]{1,255}\w)[\"')\]>]{0,2}"
# A line that is about one recipient, as servers write it.
_ABOUT = (
    re.compile(rf"[\s|*>\u2022-]*{_ADDRESS}\s*[:;,.]?\s*$"),  # alone on its line: Exim, IMail, MDaemon
    re.compile(
        rf"\s*{_ADDRESS}\s*(?::|\.\.\.|\s--?\s|\son\s+\w{{2,3}},|\s\(|\s+[45]\d\d\s)"
    ),  # Postfix, qmail, sendmail, Exchange
    re.compile(
        rf"(?:rcpt\s+to|.{{0,40}}recipient(?:\(s\)|s)?|generated\s+from|to)\s*[:=]?\s*{_ADDRESS}", re.IGNORECASE
    ),
    re.compile(
        rf".{{0,80}}(?:undeliverable\s+to|attempts:|deliver(?:y|ed)?\s(?:.{{0,40}}\s)?to|message\s+to)\s*:?\s*{_ADDRESS}",
        re.IGNORECASE,
    ),
    re.compile(rf"\s*[45]\d\d\b.{{0,120}}\s(?:for|to)\s{_ADDRESS}", re.IGNORECASE),
    re.compile(rf".{{0,20}}\(generated\s+from\s+{_ADDRESS}", re.IGNORECASE),
    re.compile(
        rf".{{0,120}}(?:user|address|recipient|mailbox|account|consegna|empfänger|адрес\w*)\s*:?\s+{_ADDRESS}",
        re.IGNORECASE,
    ),
)
_NOT_ABOUT = re.compile(
    r"\s*(?:>>>\s*)?(?:mail\s+from|from|sender|reply-to|return-path|message-id|x-[\w-]+|received)\s*:|.{0,200}accepting\s+mail\s+from",
    re.IGNORECASE,
)
_MESSAGE_ID = re.compile(r"^[ \t>]*Message-ID:[ \t]*(?:\r?\n[ \t>]+)?<([^<>\s]{1,900})>", re.IGNORECASE | re.MULTILINE)
_ID = re.compile(r"<([^<>\s]{1,900})>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A mail that did not arrive, or not yet."""

    recipients: tuple[str, ...]  # lower case
    status: str  # RFC 3463, such as "5.1.1", or ""
    permanent: bool | None  # False while the server goes on trying; None where nothing tells
    reason: str  # the diagnostic in one line
    message_id: str | None  # of the mail that bounced


def read_bounce(headers: Headers, root: Part, sender: str, subject: str, text: str) -> Bounce | None:
    """The bounce that this mail is, or None: by its delivery status, else by who sent it and its words.

    `text` is the mail's whole text; only its beginning is looked at. Reports that a mail arrived are no bounces.
    """
    reported = [found for part in leaves(root) if _is_status(part) for found in outcomes(part)]
    if not reported and (told := notified(text)):
        reported = told
    if reported:
        failed = [outcome for outcome in reported if not outcome.arrived]
        return _from_status(failed, root, text) if failed else None
    lines = _explanation(text)
    below = text.split("\n", len(lines) + 1)[len(lines) :]
    gives_back = bool(below) and bounce_phrases.ORIGINAL.match(below[0][:_LINE]) is not None
    if not looks_like_bounce(headers, root, sender, subject, lines, gives_back=gives_back):
        return None
    return _from_words(headers, root, subject, text)


def _is_status(part: Part) -> bool:
    return part.content_type in {"message/delivery-status", "message/global-delivery-status"}


def _from_status(failed: Sequence[Outcome], root: Part, text: str) -> Bounce:
    first = next((outcome for outcome in failed if outcome.permanent), failed[0])
    explained = first.diagnostic or _reason(_explanation(text))
    recipients = [outcome.recipient for outcome in failed if outcome.recipient]
    return Bounce(
        recipients=_unique(recipients or _named(_explanation(text))),
        status=first.status,
        permanent=first.permanent,
        reason=_one_line(explained),
        message_id=_bounced_id(root, text),
    )


def _from_words(headers: Headers, root: Part, subject: str, text: str) -> Bounce:
    lines = _explanation(text)
    stated = headers.first("x-failed-recipients").split(",")
    recipients = [address for value in stated if (address := first_address(value))] or _named(lines)
    recipients = recipients or _addressed(root)
    reason = _reason(lines)
    joined = "\n".join(lines)
    status = first_status(reason) or first_status(joined)
    return Bounce(
        recipients=_unique(recipients),
        status=status,
        permanent=_permanent(status or class_of_code(joined), f"{subject}\n{joined}"),
        reason=_one_line(reason),
        message_id=_bounced_id(root, text),
    )


def _permanent(status: str, words: str) -> bool:
    if status.startswith("5"):
        return True
    waits = status.startswith("4") or bounce_phrases.DELAY.search(words) is not None
    return not waits or bounce_phrases.GIVEN_UP.search(words) is not None


def _explanation(text: str) -> list[str]:
    """The lines that a server wrote, down to the mail that it gives back."""
    lines: list[str] = []
    room = _CHARACTERS
    for line in text[: _LINES * _LINE].split("\n", _LINES)[:_LINES]:
        room -= len(line[:_LINE])
        if room < 0 or (len(lines) > 2 and bounce_phrases.ORIGINAL.match(line[:_LINE])):
            break
        lines.append(line[:_LINE])
    return lines


def _named(lines: Sequence[str]) -> list[str]:
    """The addresses that the lines are about; where no line is plainly about one, all there are."""
    said = next((number for number, line in enumerate(lines) if says_so(line)), 0)
    below = [line for line in lines[said:] if not _NOT_ABOUT.match(line)]
    above = [line for line in lines[:said] if not _NOT_ABOUT.match(line)]
    found = _about(below) or _about(above) or _any(below) or _any(above)
    named = [address for address in found if not MAILER.match(address)]
    return named or found


def _about(lines: Sequence[str]) -> list[str]:
    return [match[1].lower() for line in lines for pattern in _ABOUT if (match := pattern.match(line))]


def _any(lines: Sequence[str]) -> list[str]:
    return [address for line in lines if (address := first_address(line))]


def _reason(lines: Sequence[str]) -> str:
    """The line with the other server's answer, else the first that says what happened."""
    answer = next((line for line in lines if ANSWER_OF_SERVER.search(line)), "")
    return answer or next((line for line in lines if says_so(line)), "")


def _returned(root: Part) -> Iterator[Headers]:
    """The heads of the mails that were given back."""
    for part in leaves(root):
        if part.content_type in {"message/rfc822", "message/global", "text/rfc822-headers", "message/partial"}:
            yield split_head(part.content())[0]


def _addressed(root: Part) -> list[str]:
    """The one to whom the returned mail was addressed, where there is exactly one."""
    boxes = [box.address for head in _returned(root) for box in mailboxes(head.first("to"), 2)]
    return boxes if len(boxes) == 1 else []


def _bounced_id(root: Part, text: str) -> str | None:
    for head in _returned(root):
        if found := _ID.search(head.first("message-id")):
            return found[1]
    inside = _MESSAGE_ID.search(text[:100_000])
    return inside[1] if inside else None


def _unique(addresses: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(addresses))[:_RECIPIENTS]


def _one_line(text: str) -> str:
    return " ".join(text.split()).strip("<>| ")[:_REASON]
