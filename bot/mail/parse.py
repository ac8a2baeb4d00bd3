"""One mail, bytes in, a frozen `Mail` out: pure, and never raising but `UnreadableMailError`."""

import re
from dataclasses import dataclass, replace

from bot.mail.automated.automatic import Verdict, judge
from bot.mail.automated.bounces import Bounce, read_bounce
from bot.mail.automated.clicks import read_click
from bot.mail.automated.reactions import REACTION
from bot.mail.boilerplate.banners import without_tags
from bot.mail.mime.addresses import Mailbox, Sender, mailboxes, sender_of, sole_mailbox
from bot.mail.mime.budget import one_mail, searched
from bot.mail.mime.encryption import Seals, read_seals
from bot.mail.mime.headers import Headers, readable, split_head
from bot.mail.mime.parts import Part, read_parts
from bot.mail.quoting.forwarded import Forwarded, read_attached, read_forwarded
from bot.mail.reply_text import newly_written
from bot.mail.text.body import Attachment, Body, read_body
from casebook.errors import CasebookError

_ID = re.compile(r"<([^<>]*)>")
_SUBJECT_LIMIT = 1_000
_REPLY_TO = 10  # addresses
_ORIGINAL = ("x-original-from", "x-original-sender")


class UnreadableMailError(CasebookError):
    """This mail cannot be read: it has no headers, or names no sender."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What stands in one mail."""

    message_id: str | None  # without angle brackets, as are the next two
    in_reply_to: str | None
    references: tuple[str, ...]  # oldest first, as in the header
    from_addr: str | None  # lower case; None where no address stands in From, Sender or Reply-To
    from_name: str
    from_alone: bool  # whether nobody else may be meant as the sender
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    text: str  # the whole body
    new_text: str  # without quotes, forwarded mail and signature
    automatic: str  # why the mail surely counts as automatic, or an empty string
    doubtful: str  # a mark says that it is automatic, and nothing else does: which one, or an empty string
    reply_to: tuple[Mailbox, ...]  # where answers are wanted
    original_senders: tuple[Mailbox, ...]  # for whom a form or a group wrote it: X-Original-From, X-Original-Sender
    list_id: str  # the mailing list it came through, as in RFC 2919, or an empty string
    authentication: tuple[str, ...]  # the Authentication-Results as they stand, topmost first
    exchange_sender: tuple[str, ...]  # how Exchange got to know its sender, X-MS-Exchange-Organization-AuthAs
    attachments: tuple[Attachment, ...]
    bounce: Bounce | None  # of a mail that did not arrive
    forwarded: Forwarded | None  # the topmost mail that was forwarded in it
    is_encrypted: bool
    is_signed: bool  # nobody has checked the signature
    cut: bool  # a limit was exceeded: something is missing


def read_mail(raw: bytes) -> Mail:
    """Read one mail. Raises UnreadableMailError when there is no header at all."""
    with one_mail() as left:
        mail = _read(raw)
        return replace(mail, cut=mail.cut or left.exceeded)


def _read(raw: bytes) -> Mail:
    headers, rest = _split(raw)
    sender = sender_of(headers.all("from"), headers.all("sender"), headers.all("reply-to"))
    subject = readable(headers.first("subject"))[:_SUBJECT_LIMIT]
    held = _read_content(headers, rest, sender, without_tags(subject))
    return Mail(
        message_id=_first_id(headers.first("message-id")),
        in_reply_to=_first_id(headers.first("in-reply-to")),
        references=tuple(_ids(" ".join(headers.all("references")))),
        from_addr=sender.mailbox.address if sender else None,
        from_name=sender.mailbox.name if sender else "",
        from_alone=sender is not None and sender.alone,
        to=_addresses(headers, "to"),
        cc=_addresses(headers, "cc"),
        subject=subject,
        text=held.body.text.strip("\n"),
        new_text=held.new_text,
        automatic=held.verdict.automatic,
        doubtful=held.verdict.doubtful,
        reply_to=tuple(mailboxes(headers.first("reply-to"), _REPLY_TO)),
        original_senders=tuple(box for name in _ORIGINAL if (box := sole_mailbox(headers.all(name)))),
        list_id="".join(_ids(headers.first("list-id"))[:1]).lower(),
        authentication=tuple(headers.all("authentication-results")),
        exchange_sender=tuple(headers.all("x-ms-exchange-organization-authas")),
        attachments=tuple(file for file in held.body.attachments if file.content_type != REACTION),
        bounce=held.bounce,
        forwarded=None if held.verdict.automatic else _forwarded(held.root, held.body.text, subject),
        is_encrypted=held.seals.is_encrypted,
        is_signed=held.seals.is_signed,
        cut=headers.cut or held.cut,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Content:
    """What stands below the headers, and what kind of mail that makes it."""

    root: Part
    body: Body
    new_text: str
    verdict: Verdict
    bounce: Bounce | None
    seals: Seals
    cut: bool


def _read_content(headers: Headers, rest: bytes, sender: Sender | None, subject: str) -> _Content:
    root, parts_cut = read_parts(headers, rest)
    body = read_body(root)
    box = sender.mailbox if sender else Mailbox("")
    bounce = read_bounce(headers, root, box.address, subject, body.text)
    written = newly_written(body.marked)
    click = None if bounce else read_click(root, box, subject, body.text, written)
    seals = read_seals(root, body.text)
    body.say(seals.sentences)
    new_text = newly_written(body.marked) if seals.sentences else written
    known = click.kind if click else "bounce" if bounce else ""
    return _Content(
        root=root,
        body=body,
        new_text=click.told if click else new_text,
        verdict=Verdict(known) if known else judge(headers, box.address, subject, new_text=written, text=body.text),
        bounce=bounce,
        seals=seals,
        cut=parts_cut or body.cut,
    )


def _split(raw: bytes) -> tuple[Headers, bytes]:
    headers, rest = split_head(raw)
    if not any(name for name, _ in headers.fields):
        raise UnreadableMailError("This mail has no headers.")
    return headers, rest


def read_message_id(raw: bytes) -> str | None:
    """The Message-ID alone, as `read_mail` reads it: `raw` may be the header block, or that one field."""
    headers, _ = split_head(raw)
    return _first_id(headers.first("message-id"))


def _forwarded(root: Part, text: str, subject: str) -> Forwarded | None:
    """What was forwarded in the text, else as an attachment."""
    return read_forwarded(searched(text), subject) or read_attached(root, text, subject)


def _addresses(headers: Headers, name: str) -> tuple[str, ...]:
    return tuple(box.address for value in headers.all(name) for box in mailboxes(value))


def _ids(value: str) -> list[str]:
    found = [joined for inner in _ID.findall(value) if (joined := "".join(inner.split()))]
    return found or [word.strip("<>,;") for word in value.split() if word.strip("<>,;")]


def _first_id(value: str) -> str | None:
    return next(iter(_ids(value)), None)
