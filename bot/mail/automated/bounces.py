"""Read a bounce: the recipients it did not reach, whether for good, the reason, and the Message-ID of the mail."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.mail.automated import bounce_phrases
from bot.mail.automated.bounce_signs import MAILER, RETURNED_MAIL, SMTP_REPLY, looks_like_bounce, says_undelivered
from bot.mail.automated.delivery_status import (
    Outcome,
    first_address,
    first_status,
    read_outcomes,
    reply_class,
    ses_outcomes,
)
from bot.mail.mime.addresses import mailboxes
from bot.mail.mime.headers import Headers, split_headers
from bot.mail.mime.parts import Part, leaves

_MAX_LINES = 150  # lines of a server's explanation that are searched
_MAX_LINE = 400
_MAX_CHARACTERS = 15_000  # of these lines together
_MAX_REASON = 300
_MAX_RECIPIENTS = 100

_ADDRESS = r"[\"'(\[<]{0,2}(?:(?:rfc822|smtp)[;:]\s*)?([^\s<>@,;:\"'()\[\]|*]{1,128}@[\w.-]{1,255}\w)[\"')\]>]{0,2}"
# Lines in which servers name a recipient.
_RECIPIENT_LINES = (
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
_SENDER_LINE = re.compile(
    r"\s*(?:>>>\s*)?(?:mail\s+from|from|sender|reply-to|return-path|message-id|x-[\w-]+|received)\s*:|.{0,200}accepting\s+mail\s+from",
    re.IGNORECASE,
)
_MESSAGE_ID = re.compile(r"^[ \t>]*Message-ID:[ \t]*(?:\r?\n[ \t>]+)?<([^<>\s]{1,900})>", re.IGNORECASE | re.MULTILINE)
_ID = re.compile(r"<([^<>\s]{1,900})>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A report that a mail was not delivered, or not yet."""

    recipients: tuple[str, ...]  # lower case
    status: str  # RFC 3463, such as "5.1.1", or ""
    permanent: bool | None  # False while the server keeps trying; None if unknown
    reason: str  # the diagnostic in one line
    message_id: str | None  # of the mail that bounced


def read_bounce(headers: Headers, root: Part, sender: str, subject: str, text: str) -> Bounce | None:
    """Read the mail as a bounce; None if it is none, or reports a successful delivery.

    Decided by the delivery status, else by sender and phrases. `text` is the whole text; its beginning is searched.
    """
    reported = [found for part in leaves(root) if _is_delivery_status(part) for found in read_outcomes(part)]
    if not reported and (notified := ses_outcomes(text)):
        reported = notified
    if reported:
        failed = [outcome for outcome in reported if not outcome.arrived]
        return _from_status(failed, root, text) if failed else None
    lines = _explanation(text)
    below = text.split("\n", len(lines) + 1)[len(lines) :]
    returns_mail = bool(below) and bounce_phrases.ORIGINAL.match(below[0][:_MAX_LINE]) is not None
    if not looks_like_bounce(headers, root, sender, subject, lines, returns_mail=returns_mail):
        return None
    return _from_words(headers, root, subject, text)


def _is_delivery_status(part: Part) -> bool:
    return part.content_type in {"message/delivery-status", "message/global-delivery-status"}


def _from_status(failed: Sequence[Outcome], root: Part, text: str) -> Bounce:
    first = next((outcome for outcome in failed if outcome.permanent), failed[0])
    explained = first.diagnostic or _reason(_explanation(text))
    recipients = [outcome.recipient for outcome in failed if outcome.recipient]
    return Bounce(
        recipients=_unique(recipients or _recipients_in(_explanation(text))),
        status=first.status,
        permanent=first.permanent,
        reason=_one_line(explained),
        message_id=_bounced_id(root, text),
    )


def _from_words(headers: Headers, root: Part, subject: str, text: str) -> Bounce:
    lines = _explanation(text)
    stated = headers.first("x-failed-recipients").split(",")
    recipients = [address for value in stated if (address := first_address(value))] or _recipients_in(lines)
    recipients = recipients or _returned_to(root)
    reason = _reason(lines)
    text_of_lines = "\n".join(lines)
    status = first_status(reason) or first_status(text_of_lines)
    return Bounce(
        recipients=_unique(recipients),
        status=status,
        permanent=_permanent(status or reply_class(text_of_lines), f"{subject}\n{text_of_lines}"),
        reason=_one_line(reason),
        message_id=_bounced_id(root, text),
    )


def _permanent(status: str, words: str) -> bool:
    if status.startswith("5"):
        return True
    waits = status.startswith("4") or bounce_phrases.DELAY.search(words) is not None
    return not waits or bounce_phrases.GIVEN_UP.search(words) is not None


def _explanation(text: str) -> list[str]:
    """The lines that the server wrote, above the returned mail."""
    lines: list[str] = []
    room = _MAX_CHARACTERS
    for line in text[: _MAX_LINES * _MAX_LINE].split("\n", _MAX_LINES)[:_MAX_LINES]:
        room -= len(line[:_MAX_LINE])
        if room < 0 or (len(lines) > 2 and bounce_phrases.ORIGINAL.match(line[:_MAX_LINE])):
            break
        lines.append(line[:_MAX_LINE])
    return lines


def _recipients_in(lines: Sequence[str]) -> list[str]:
    """The addresses in lines that name a recipient; if there are none, all addresses."""
    failure = next((number for number, line in enumerate(lines) if says_undelivered(line)), 0)
    below = [line for line in lines[failure:] if not _SENDER_LINE.match(line)]
    above = [line for line in lines[:failure] if not _SENDER_LINE.match(line)]
    found = _addresses_reported(below) or _addresses_reported(above) or _addresses_in(below) or _addresses_in(above)
    named = [address for address in found if not MAILER.match(address)]
    return named or found


def _addresses_reported(lines: Sequence[str]) -> list[str]:
    return [match[1].lower() for line in lines for pattern in _RECIPIENT_LINES if (match := pattern.match(line))]


def _addresses_in(lines: Sequence[str]) -> list[str]:
    return [address for line in lines if (address := first_address(line))]


def _reason(lines: Sequence[str]) -> str:
    """The first line with an SMTP reply, else the first that says that the delivery failed."""
    answer = next((line for line in lines if SMTP_REPLY.search(line)), "")
    return answer or next((line for line in lines if says_undelivered(line)), "")


def _returned_headers(root: Part) -> Iterator[Headers]:
    """The headers of the returned mails."""
    for part in leaves(root):
        if part.content_type in RETURNED_MAIL:
            yield split_headers(part.content())[0]


def _returned_to(root: Part) -> list[str]:
    """The recipient of the returned mail, if it has exactly one."""
    boxes = [box.address for head in _returned_headers(root) for box in mailboxes(head.first("to"), 2)]
    return boxes if len(boxes) == 1 else []


def _bounced_id(root: Part, text: str) -> str | None:
    for head in _returned_headers(root):
        if found := _ID.search(head.first("message-id")):
            return found[1]
    inside = _MESSAGE_ID.search(text[:100_000])
    return inside[1] if inside else None


def _unique(addresses: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(addresses))[:_MAX_RECIPIENTS]


def _one_line(text: str) -> str:
    return " ".join(text.split()).strip("<>| ")[:_MAX_REASON]
