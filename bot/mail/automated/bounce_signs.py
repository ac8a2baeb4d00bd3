"""Whether a mail without a delivery status tells of a bounce: by sender, subject, words and what it gives back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.mail.automated import bounce_phrases
from bot.mail.automated.automatic_phrases import is_away
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
# What also delivers mail, filters it or keeps lists; people write from some of these addresses.
_GATEWAY = re.compile(
    r"\b(?:mail\w*|\w+mail|post\s?office|robot|mms|sms|x\.?400|proxy|smtp\w*|\w*smtp|mta\d*|uucp|daemon|gateway|gw|system|server|service"
    r"|admin\w*|adm|\w+-admin|listserv|list\s+server|majordomo|\w*filter|\w*scan|imss|antivirus|microsoftexchange\w*|exchange|quota|delivery|correo|posta|ccmail"
    r"|cc:mail|notes|scanmail|interscan\w*)\b|\b(?:mail|smtp|spam|virus)\W?\w*\s+(?:service|gateway|system|firewall|link|server|interconnect)",
    re.IGNORECASE,
)
_AUTO_PATH = re.compile(r"<?\s*(?:mailer-daemon\S*)?\s*>?", re.IGNORECASE)
_MAILISH = re.compile(
    without_accents(
        r"mail|message|nachricht|courriel|mensaje|correo|messaggio|posta|mensagem|bericht|besked|meddelande|melding|viesti|wiadomo|zpráv"
        r"|üzenet|ileti|сообщени|письмо|邮件|郵件|メール|메일|rcpt|recipient|mailbox|empfänger|destinat|ontvanger|modtager|mottagare|odbiorc|адресат|получател|收件人|宛先|받는"
    ),
    re.IGNORECASE,
)
# An address alone on its line, or before what is said of it.
_ABOUT_ADDRESS = re.compile(
    r"[\s|*>•-]*[\"'(\[<]{0,2}[^\s<>@,;:\"'()\[\]|*]{1,128}@[\w.-]{1,255}\w[\"')\]>]{0,2}\s*(?:[:;,.]?\s*$|:\s|\.\.\.\s)"
)
ANSWER_OF_SERVER = re.compile(r"(?<![\d.])[45]\d\d[\s-]|(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d.]*\d)")
_RETURNED = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/partial"})
_FIRST = 15  # lines in which a program says what it is, or a person what they want
_WRAPPED = 80  # characters of the next line
_NEAR = 4  # lines from the sentence to the address that it is about


def says_so(line: str) -> bool:
    """Whether the line says that a mail did not arrive."""
    return bounce_phrases.TEXT.search(without_accents(line)) is not None


@dataclass(frozen=True, slots=True)
class _Signs:
    """What speaks for a bounce in the subject and in the explanation; every sign alone stands in people's mail too."""

    titled: bool  # the subject is that of a bounce
    told: int | None  # the line that says so
    opened: bool  # it begins as programs begin
    coded: bool  # a server's answer, with its code
    alone: bool  # an address stands alone on a line; not the sender's own, as in a signature
    named: bool  # an address stands somewhere
    near: bool  # an address stands near the line that says so
    returned: bool  # a mail is given back
    of_mail: bool  # and not a parcel


def looks_like_bounce(
    headers: Headers, root: Part, sender: str, subject: str, lines: Sequence[str], *, gives_back: bool
) -> bool:
    """Whether several kinds of signs agree; `lines` are the explanation, below which a mail may be given back."""
    if headers.has("x-failed-recipients"):
        return True
    # Of most mail the headers tell that it is none, and its words are not looked at.
    titled = bounce_phrases.SUBJECT.match(without_accents(subject)) is not None
    server = _by_server(headers, sender)
    suspect = titled or server or _is_report(root) or _by_gateway(headers, sender) or _is_marked(headers)
    if is_away(subject) or not suspect:
        return False
    signs = _read_signs(root, sender, subject, lines, gives_back=gives_back)
    told, technical = signs.told is not None, signs.coded or signs.alone
    if _DAEMON.match(sender) or _is_report(root):
        return signs.titled or told or technical
    if bounce_phrases.PERSONAL.search(without_accents(_first(lines))):
        return False
    if is_answer_subject(subject) or is_forward_subject(subject):
        return server and told and technical
    # Where neither subject nor beginning are a program's, a greeting or a question is a person's.
    greeted = (
        not (signs.titled or signs.opened)
        and bounce_phrases.GREETING.search(without_accents(_first(lines))) is not None
    )
    if server:
        about = technical or ((signs.near or signs.returned) and signs.of_mail)
        # In a language that we have no words of, a code and an address say it.
        coded = signs.coded and signs.named
        return signs.titled or (not greeted and (coded or (told and about)))
    return not greeted and _by_others(headers, sender, subject, signs)


def _by_others(headers: Headers, sender: str, subject: str, signs: _Signs) -> bool:
    """Whether it is a bounce though no mail server seems to have sent it: a gateway, a filter, or who knows."""
    if not signs.of_mail:
        return False
    about = signs.near or signs.alone or signs.coded or signs.returned
    told = signs.told is not None and about
    technical = signs.coded or signs.alone or signs.returned
    if _by_gateway(headers, sender):
        hinted = technical and bounce_phrases.HINT.search(without_accents(subject)) is not None
        return (told and (signs.titled or signs.opened or hinted)) or (signs.titled and signs.returned)
    if _is_marked(headers):
        return (told and (signs.titled or (signs.opened and technical))) or (signs.titled and signs.returned)
    return told and signs.titled and (signs.opened or (signs.coded and signs.alone))


def _read_signs(root: Part, sender: str, subject: str, lines: Sequence[str], *, gives_back: bool) -> _Signs:
    told = next((number for number in range(len(lines)) if _told(lines, number)), None)
    named = [first_address(line) for line in lines]
    near = [] if told is None else named[max(0, told - _NEAR) : told + _NEAR]
    others = frozenset({"", sender})
    return _Signs(
        titled=bounce_phrases.SUBJECT.match(without_accents(subject)) is not None,
        told=told,
        opened=bounce_phrases.OPENING.search(without_accents(_first(lines))) is not None,
        coded=any(ANSWER_OF_SERVER.search(line) for line in lines),
        alone=any(_ABOUT_ADDRESS.match(line) for line, found in zip(lines, named, strict=True) if found not in others),
        named=any(found not in others for found in named),
        near=any(found not in others for found in near),
        returned=gives_back or any(part.content_type in _RETURNED for part in leaves(root)),
        of_mail=_is_of_mail(subject, lines, "" if told is None else named[told]),
    )


def _first(lines: Sequence[str]) -> str:
    return "\n".join([line for line in lines if line.strip()][:_FIRST])


def _is_of_mail(subject: str, lines: Sequence[str], address: str) -> bool:
    """Whether what was not delivered is a mail, as the words or the address beside them say: parcels come back too."""
    text = without_accents("\n".join((subject, *lines)))
    if ANSWER_OF_SERVER.search(text):
        return True
    return not bounce_phrases.PARCEL.search(text) and (bool(address) or _MAILISH.search(text) is not None)


def _told(lines: Sequence[str], number: int) -> bool:
    """Whether the line says so, alone or with the beginning of the next: programs fold their sentences anywhere."""
    after = lines[number + 1][:_WRAPPED] if number + 1 < len(lines) else ""
    return says_so(f"{lines[number]} {after}")


def _is_report(root: Part) -> bool:
    return root.content_type == "multipart/report" and root.parameter("report-type").lower() in {"", "delivery-status"}


def _by_server(headers: Headers, sender: str) -> bool:
    """Whether a mail server sent it, as its name says, or that it names nobody who could get an answer."""
    name = readable(headers.first("from"))
    if MAILER.match(sender) or (_MAILER_NAME.search(name) and not headers.has("in-reply-to")):
        return True
    return not sender and "@" not in name


def _by_gateway(headers: Headers, sender: str) -> bool:
    """Whether a gateway, a filter or a list may have sent it, as the name says."""
    local = sender.partition("@")[0].replace("_", " ")
    name = readable(headers.first("from")).partition("<")[0]
    return _GATEWAY.search(local) is not None or _GATEWAY.search(name) is not None


def _is_marked(headers: Headers) -> bool:
    """Whether the mail is marked as a program's, or that nobody gets its bounces."""
    submitted = headers.first("auto-submitted").lower().strip()
    precedence = headers.first("precedence").lower().strip()
    path = headers.first("return-path").strip()
    without_path = headers.has("return-path") and _AUTO_PATH.fullmatch(path) is not None
    return submitted not in {"", "no"} or precedence in {"bulk", "junk", "auto_reply"} or without_path
