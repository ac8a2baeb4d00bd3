"""Parse one mail from bytes into a frozen `Mail`; pure, and raises nothing but `UnreadableMailError`."""

import re
from dataclasses import dataclass, replace

from bot.mail.automated.automatic import Verdict, classify
from bot.mail.automated.bounces import Bounce, read_bounce
from bot.mail.automated.clicks import read_click
from bot.mail.automated.reactions import REACTION
from bot.mail.boilerplate.banners import without_external_tags
from bot.mail.mime.addresses import Mailbox, Sender, mailboxes, sender_of, sole_mailbox
from bot.mail.mime.budget import mail_budget, searchable_text
from bot.mail.mime.encryption import SpecialParts, read_special_parts
from bot.mail.mime.headers import Headers, readable, split_headers
from bot.mail.mime.inline_images import ornaments
from bot.mail.mime.parts import Part, read_parts
from bot.mail.quoting.forwarded import Forwarded, read_attached, read_forwarded
from bot.mail.reply_text import newly_written
from bot.mail.text.body import Attachment, Body, read_body
from casebook.errors import CasebookError

_ID = re.compile(r"<([^<>]*)>")
_SUBJECT_LIMIT = 1_000
_REPLY_TO_LIMIT = 10  # addresses that are read
_ORIGINAL_SENDER_HEADERS = ("x-original-from", "x-original-sender")


class UnreadableMailError(CasebookError):
    """This mail cannot be parsed: it has no headers, or names no sender."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """The content of one mail."""

    message_id: str | None  # without angle brackets, like the next two
    in_reply_to: str | None
    references: tuple[str, ...]  # oldest first, as in the header
    from_addr: str | None  # lower case; None if From, Sender and Reply-To hold no address
    from_name: str
    from_unambiguous: bool  # whether the headers name exactly one sender
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    text: str  # the whole body
    new_text: str  # without quotes, forwarded mail and signature
    automatic: str  # why the mail is certainly automatic, or an empty string
    doubtful: str  # the only mark that says it is automatic, or an empty string
    reply_to: tuple[Mailbox, ...]
    original_senders: tuple[Mailbox, ...]  # X-Original-From, X-Original-Sender: written by web forms and groups
    list_id: str  # List-Id (RFC 2919) without brackets, lower case, or an empty string
    authentication: tuple[str, ...]  # the Authentication-Results headers, topmost first
    exchange_sender: tuple[str, ...]  # the X-MS-Exchange-Organization-AuthAs headers
    attachments: tuple[Attachment, ...]
    ornaments: frozenset[str]  # the SHA-256 of attached images that belong to the text, such as a logo
    bounce: Bounce | None  # set if the mail reports a failed delivery
    forwarded: Forwarded | None  # the topmost forwarded mail inside
    is_encrypted: bool
    is_signed: bool  # the signature is not verified
    cut: bool  # a limit was exceeded: content is missing


def read_mail(raw: bytes) -> Mail:
    """Parse one mail; raises UnreadableMailError when it has no headers."""
    with mail_budget() as budget:
        mail = _read(raw)
        return replace(mail, cut=mail.cut or budget.exceeded)


def _read(raw: bytes) -> Mail:
    headers, rest = _split(raw)
    sender = sender_of(headers.all("from"), headers.all("sender"), headers.all("reply-to"))
    subject = readable(headers.first("subject"))[:_SUBJECT_LIMIT]
    content = _read_content(headers, rest, sender, without_external_tags(subject))
    return Mail(
        message_id=_first_id(headers.first("message-id")),
        in_reply_to=_first_id(headers.first("in-reply-to")),
        references=tuple(_ids(" ".join(headers.all("references")))),
        from_addr=sender.mailbox.address if sender else None,
        from_name=sender.mailbox.name if sender else "",
        from_unambiguous=sender is not None and sender.unambiguous,
        to=_addresses(headers, "to"),
        cc=_addresses(headers, "cc"),
        subject=subject,
        text=content.body.text.strip("\n"),
        new_text=content.new_text,
        automatic=content.verdict.automatic,
        doubtful=content.verdict.doubtful,
        reply_to=tuple(mailboxes(headers.first("reply-to"), _REPLY_TO_LIMIT)),
        original_senders=tuple(box for name in _ORIGINAL_SENDER_HEADERS if (box := sole_mailbox(headers.all(name)))),
        list_id="".join(_ids(headers.first("list-id"))[:1]).lower(),
        authentication=tuple(headers.all("authentication-results")),
        exchange_sender=tuple(headers.all("x-ms-exchange-organization-authas")),
        attachments=tuple(file for file in content.body.attachments if file.content_type != REACTION),
        ornaments=ornaments(content.root),
        bounce=content.bounce,
        forwarded=None if content.verdict.automatic else _forwarded(content.root, content.body.text, subject),
        is_encrypted=content.special_parts.is_encrypted,
        is_signed=content.special_parts.is_signed,
        cut=headers.cut or content.cut,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """The parts of a mail, its text, and what kind of mail it is."""

    root: Part
    body: Body
    new_text: str
    verdict: Verdict
    bounce: Bounce | None
    special_parts: SpecialParts
    cut: bool


def _read_content(headers: Headers, rest: bytes, sender: Sender | None, subject: str) -> _Content:
    root, parts_cut = read_parts(headers, rest)
    body = read_body(root)
    box = sender.mailbox if sender else Mailbox("")
    bounce = read_bounce(headers, root, box.address, subject, body.text)
    written = newly_written(body.marked)
    click = None if bounce else read_click(root, box, subject, body.text, written)
    special_parts = read_special_parts(root, body.text)
    body.append_sentences(special_parts.sentences)
    new_text = newly_written(body.marked) if special_parts.sentences else written
    known = click.kind if click else "bounce" if bounce else ""
    return _Content(
        root=root,
        body=body,
        new_text=click.description if click else new_text,
        verdict=Verdict(known) if known else classify(headers, box.address, subject, new_text=written, text=body.text),
        bounce=bounce,
        special_parts=special_parts,
        cut=parts_cut or body.cut,
    )


def _split(raw: bytes) -> tuple[Headers, bytes]:
    headers, rest = split_headers(raw)
    if not any(name for name, _ in headers.fields):
        raise UnreadableMailError("This mail has no headers.")
    return headers, rest


def read_message_id(raw: bytes) -> str | None:
    """Only the Message-ID, as `read_mail` returns it; `raw` may be the header block or that one field."""
    headers, _ = split_headers(raw)
    return _first_id(headers.first("message-id"))


def _forwarded(root: Part, text: str, subject: str) -> Forwarded | None:
    """The mail forwarded in the text, else the one that is attached."""
    return read_forwarded(searchable_text(text), subject) or read_attached(root, text, subject)


def _addresses(headers: Headers, name: str) -> tuple[str, ...]:
    return tuple(box.address for value in headers.all(name) for box in mailboxes(value))


def _ids(value: str) -> list[str]:
    found = [joined for inner in _ID.findall(value) if (joined := "".join(inner.split()))]
    return found or [word.strip("<>,;") for word in value.split() if word.strip("<>,;")]


def _first_id(value: str) -> str | None:
    return next(iter(_ids(value)), None)
