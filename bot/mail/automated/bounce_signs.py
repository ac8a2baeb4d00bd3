"""Detect a bounce without a delivery status (RFC 3464): by sender, subject, phrases and the returned mail."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.mail.automated import bounce_phrases
from bot.mail.automated.automatic_phrases import is_out_of_office
from bot.mail.automated.bounce_phrases import without_accents
from bot.mail.automated.delivery_status import first_address
from bot.mail.mime.headers import Headers, readable
from bot.mail.mime.parts import Part, leaves
from bot.mail.text.subjects import is_answer_subject, is_forward_subject

MAILER = re.compile(
    r"(?:mailer[-_]?daemon|mail[-_]?daemon|mdaemon|post[-_]?master|mail[-_.]?(?:delivery|system)\b|bounces?\b|double-bounce|postmast)[^@]*(?:@|$)",
    re.IGNORECASE,
)
_DAEMON = re.compile(r"mail(?:er)?[-_]?daemon\b|mdaemon\b", re.IGNORECASE)
_MAILER_NAME = re.compile(
    r"mailer[-\s]?daemon|post\s?master|mail\s+(?:delivery|administrator|server|router)|system\s+administrator"
    r"|delivery\s+(?:subsystem|system|agent|notification)|internet\s+mail\s+(?:delivery|service)|systemadministrator",
    re.IGNORECASE,
)
# Names of gateways, filters and list servers; some of these addresses are people's.
_GATEWAY = re.compile(
    r"\b(?:mail\w*|\w+mail|post\s?office|robot|mms|sms|x\.?400|proxy|smtp\w*|\w*smtp|mta\d*|uucp|daemon|gateway|gw|system|server|service"
    r"|admin\w*|adm|\w+-admin|listserv|list\s+server|majordomo|\w*filter|\w*scan|imss|antivirus|microsoftexchange\w*|exchange|quota|delivery|correo|posta|ccmail"
    r"|cc:mail|notes|scanmail|interscan\w*)\b|\b(?:mail|smtp|spam|virus)\W?\w*\s+(?:service|gateway|system|firewall|link|server|interconnect)",
    re.IGNORECASE,
)
_NULL_PATH = re.compile(r"<?\s*(?:mailer-daemon\S*)?\s*>?", re.IGNORECASE)
_MAIL_WORDS = re.compile(
    without_accents(
        r"mail|message|nachricht|courriel|mensaje|correo|messaggio|posta|mensagem|bericht|besked|meddelande|melding|viesti|wiadomo|zpráv"
        r"|üzenet|ileti|сообщени|письмо|邮件|郵件|メール|메일|rcpt|recipient|mailbox|empfänger|destinat|ontvanger|modtager|mottagare|odbiorc|адресат|получател|收件人|宛先|받는"
    ),
    re.IGNORECASE,
)
# A line that consists of an address, or begins with one and a reason.
_ADDRESS_LINE = re.compile(
    r"[\s|*>•-]*[\"'(\[<]{0,2}[^\s<>@,;:\"'()\[\]|*]{1,128}@[\w.-]{1,255}\w[\"')\]>]{0,2}\s*(?:[:;,.]?\s*$|:\s|\.\.\.\s)"
)
SMTP_REPLY = re.compile(r"(?<![\d.])[45]\d\d[\s-]|(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)")
RETURNED_MAIL = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/partial"})
_OPENING_LINES = 15  # non-empty lines that tell a program's mail from a person's
_NEXT_LINE_CHARACTERS = 80  # a sentence may be wrapped: so much of the next line is matched too
_NEARBY_LINES = 4  # distance between the failure sentence and the address


def says_undelivered(line: str) -> bool:
    """Whether the line says that a delivery failed."""
    return bounce_phrases.TEXT.search(without_accents(line)) is not None


@dataclass(frozen=True, slots=True)
class _Signs:
    """The signs of a bounce in subject and explanation; people's mail may have any one of them.

    The sender's own address does not count: it may stand in a signature.
    """

    bounce_subject: bool
    failure_stated: bool  # a line says that the delivery failed
    program_opening: bool  # the text begins as bounces do
    smtp_reply: bool  # a reply code or status code
    address_alone: bool  # an address alone on its line
    address_named: bool  # an address anywhere
    address_near: bool  # an address near the line that states the failure
    mail_returned: bool  # the bounced mail is attached or quoted
    about_mail: bool  # about a mail and not a parcel


def looks_like_bounce(
    headers: Headers, root: Part, sender: str, subject: str, lines: Sequence[str], *, returns_mail: bool
) -> bool:
    """Whether several kinds of signs agree.

    `lines` are the explanation; `returns_mail` says whether the bounced mail is quoted below it.
    """
    if headers.has("x-failed-recipients"):
        return True
    # The headers exclude most mail: the text of that is not searched.
    bounce_subject = bounce_phrases.SUBJECT.match(without_accents(subject)) is not None
    server = _is_from_mail_server(headers, sender)
    suspect = (
        bounce_subject
        or server
        or _is_delivery_report(root)
        or _is_from_gateway(headers, sender)
        or _is_marked_automatic(headers)
    )
    if is_out_of_office(subject) or not suspect:
        return False
    signs = _read_signs(root, sender, subject, lines, returns_mail=returns_mail)
    stated, technical = signs.failure_stated, signs.smtp_reply or signs.address_alone
    if _DAEMON.match(sender) or _is_delivery_report(root):
        return signs.bounce_subject or stated or technical
    if bounce_phrases.PERSONAL.search(without_accents(_opening_lines(lines))):
        return False
    if is_answer_subject(subject) or is_forward_subject(subject):
        return server and stated and technical
    # With a greeting or a question, and neither a bounce's subject nor its opening, a person wrote it.
    greeted = (
        not (signs.bounce_subject or signs.program_opening)
        and bounce_phrases.GREETING.search(without_accents(_opening_lines(lines))) is not None
    )
    if server:
        about = technical or ((signs.address_near or signs.mail_returned) and signs.about_mail)
        # In a language without phrases here, a reply code and an address are enough.
        coded = signs.smtp_reply and signs.address_named
        return signs.bounce_subject or (not greeted and (coded or (stated and about)))
    return not greeted and _is_other_bounce(headers, sender, subject, signs)


def _is_other_bounce(headers: Headers, sender: str, subject: str, signs: _Signs) -> bool:
    """Whether it is a bounce of a gateway, a filter or another program that is not named like a mail server."""
    if not signs.about_mail:
        return False
    about = signs.address_near or signs.address_alone or signs.smtp_reply or signs.mail_returned
    stated = signs.failure_stated and about
    technical = signs.smtp_reply or signs.address_alone or signs.mail_returned
    returned = signs.bounce_subject and signs.mail_returned
    if _is_from_gateway(headers, sender):
        hinted = technical and bounce_phrases.HINT.search(without_accents(subject)) is not None
        return returned or (stated and (signs.bounce_subject or signs.program_opening or hinted))
    if _is_marked_automatic(headers):
        return returned or (stated and (signs.bounce_subject or (signs.program_opening and technical)))
    return stated and signs.bounce_subject and (signs.program_opening or (signs.smtp_reply and signs.address_alone))


def _read_signs(root: Part, sender: str, subject: str, lines: Sequence[str], *, returns_mail: bool) -> _Signs:
    failure = next((number for number in range(len(lines)) if _says_undelivered_at(lines, number)), None)
    addresses = [first_address(line) for line in lines]
    near = [] if failure is None else addresses[max(0, failure - _NEARBY_LINES) : failure + _NEARBY_LINES]
    ignored = frozenset({"", sender})
    alone = (address for line, address in zip(lines, addresses, strict=True) if _ADDRESS_LINE.match(line))
    return _Signs(
        bounce_subject=bounce_phrases.SUBJECT.match(without_accents(subject)) is not None,
        failure_stated=failure is not None,
        program_opening=bounce_phrases.OPENING.search(without_accents(_opening_lines(lines))) is not None,
        smtp_reply=any(SMTP_REPLY.search(line) for line in lines),
        address_alone=any(address not in ignored for address in alone),
        address_named=any(address not in ignored for address in addresses),
        address_near=any(address not in ignored for address in near),
        mail_returned=returns_mail or any(part.content_type in RETURNED_MAIL for part in leaves(root)),
        about_mail=_is_about_mail(subject, lines, "" if failure is None else addresses[failure]),
    )


def _opening_lines(lines: Sequence[str]) -> str:
    return "\n".join([line for line in lines if line.strip()][:_OPENING_LINES])


def _is_about_mail(subject: str, lines: Sequence[str], address: str) -> bool:
    """Whether the undelivered thing is a mail, by the words or the address beside them, and not a parcel."""
    text = without_accents("\n".join((subject, *lines)))
    if SMTP_REPLY.search(text):
        return True
    return not bounce_phrases.PARCEL.search(text) and (bool(address) or _MAIL_WORDS.search(text) is not None)


def _says_undelivered_at(lines: Sequence[str], number: int) -> bool:
    """Whether the line states a failure, alone or with the beginning of the next: programs wrap sentences anywhere."""
    after = lines[number + 1][:_NEXT_LINE_CHARACTERS] if number + 1 < len(lines) else ""
    return says_undelivered(f"{lines[number]} {after}")


def _is_delivery_report(root: Part) -> bool:
    return root.content_type == "multipart/report" and root.parameter("report-type").lower() in {"", "delivery-status"}


def _is_from_mail_server(headers: Headers, sender: str) -> bool:
    """Whether a mail server sent it: From has such a name, or no address at all."""
    name = readable(headers.first("from"))
    if MAILER.match(sender) or (_MAILER_NAME.search(name) and not headers.has("in-reply-to")):
        return True
    return not sender and "@" not in name


def _is_from_gateway(headers: Headers, sender: str) -> bool:
    """Whether From has the name of a gateway, a filter or a list server."""
    local = sender.partition("@")[0].replace("_", " ")
    name = readable(headers.first("from")).partition("<")[0]
    return _GATEWAY.search(local) is not None or _GATEWAY.search(name) is not None


def _is_marked_automatic(headers: Headers) -> bool:
    """Whether a header marks the mail as automatic, or its return path is empty."""
    submitted = headers.first("auto-submitted").lower().strip()
    precedence = headers.first("precedence").lower().strip()
    path = headers.first("return-path").strip()
    without_path = headers.has("return-path") and _NULL_PATH.fullmatch(path) is not None
    return submitted not in {"", "no"} or precedence in {"bulk", "junk", "auto_reply"} or without_path
