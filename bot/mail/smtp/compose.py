"""A letter becomes a mail: headers by which programs and people follow a conversation, text and HTML; pure."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from bot.mail.smtp.headers import address_list, mailbox, message_ids, one_line, phrase_and_address, words
from bot.mail.smtp.parts import OutgoingFile, alternative, joined, mixed
from casebook.outbound.email import Email
from casebook.records.addresses import is_one_of

__all__ = ["Letterhead", "Outgoing", "OutgoingFile", "compose", "subject_of"]

SUBJECT_CHARACTERS = 200
QUOTED_LINES = 60
QUOTED_CHARACTERS = 4_000

# What mail programs put before the subject of a reply: re, and what it is in other languages; also Re[2].
_REPLY = re.compile(
    r"\s*(?:re|aw|antw|sv|vs|odp|ynt|rif|res|ref|r|回复|回覆|答复|返信)(?:\s*\[\d{1,3}\])?\s*[:：]",  # noqa: RUF001
    re.IGNORECASE,
)
_TAG = re.compile(r"\s*\[\s*CASE-\d{1,9}\s*\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who our mail is from, and where replies to it go; addresses in lower case."""

    sender: str  # SMTP_FROM
    inbox: str = ""  # IMAP_EMAIL; replies must reach it, since nothing else is read
    further: frozenset[str] = frozenset()  # OUR_ADDRESSES

    @property
    def domain(self) -> str:
        """The right side of our Message-IDs."""
        return self.sender.rpartition("@")[2]

    def is_ours(self, address: str) -> bool:
        """Whether what is sent there would come back as a customer's mail."""
        return is_one_of(address, {self.sender, self.inbox, *self.further})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A mail as it is handed to the server."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    utf8: bool  # an address has letters that only SMTPUTF8 (RFC 6531) carries


def compose(letter: Email, *, head: Letterhead, now: datetime, files: Sequence[OutgoingFile] = ()) -> Outgoing:
    """Put a letter into the form of a mail; raises UnmailableError when an address cannot stand in one."""
    to = mailbox(letter.to)
    copies = tuple(mailbox(address) for address in letter.copies)
    body = alternative(letter.text, _shortened(letter), boundary=_boundary(letter, "a"))
    if files:
        body = mixed([body, *map(joined, files)], boundary=_boundary(letter, "m"))
    lines = [f"{name}: {value}" for name, value in _headers(letter, head, now, to, copies) if value]
    content = "\r\n".join([*lines, "MIME-Version: 1.0", ""]).encode() + body
    addresses = (to, *copies)
    return Outgoing(
        sender=mailbox(head.sender),
        recipients=addresses,
        content=content,
        utf8=not all(address.isascii() for address in addresses),
    )


def _headers(
    letter: Email, head: Letterhead, now: datetime, to: str, copies: tuple[str, ...]
) -> Sequence[tuple[str, str]]:
    answered = letter.conversation[:1]
    return (
        ("Date", format_datetime(now)),
        # Our own address, whoever wrote it: with theirs the mail would fail DMARC.
        ("From", phrase_and_address(letter.author_name, mailbox(head.sender))),
        ("Reply-To", mailbox(head.inbox) if head.inbox and head.inbox != head.sender else ""),
        ("To", phrase_and_address(letter.to_name, to)),
        ("Cc", address_list(copies)),
        ("Subject", words(_subject(letter), first_line=len("Subject: "))),
        ("Message-ID", f"<{letter.message_id}>"),
        ("In-Reply-To", message_ids(answered)),
        ("References", message_ids(tuple(reversed(letter.conversation)))),
        ("Auto-Submitted", letter.automatic),  # RFC 3834: no machine answers it
        ("X-Auto-Response-Suppress", "All" if letter.automatic else ""),  # the same for Exchange
    )


def _subject(letter: Email) -> str:
    if letter.is_receipt:
        return f"We have received your message [{letter.case_id}]"
    return subject_of(letter.subject, letter.case_id)


def subject_of(subject: str, case_id: str) -> str:
    """`Re: the customer's subject [CASE-0012]`, with one `Re:` and one tag however many there were."""
    bare = one_line(_TAG.sub("", subject))
    while found := _REPLY.match(bare):
        bare = bare[found.end() :].strip()
    if len(bare) > SUBJECT_CHARACTERS:
        bare = f"{bare[: SUBJECT_CHARACTERS - 1].rstrip()}…"
    return f"Re: {bare} [{case_id}]" if bare else f"Re: [{case_id}]"


def _shortened(letter: Email) -> tuple[str, list[str]] | None:
    """Who wrote what is quoted, as most mail programs say it, and its first lines."""
    if letter.quoted is None:
        return None
    name, text, at = letter.quoted
    lines = text.strip()[:QUOTED_CHARACTERS].splitlines()
    kept = lines[:QUOTED_LINES]
    if len(lines) > QUOTED_LINES or len(text.strip()) > QUOTED_CHARACTERS:
        kept.append("[...]")
    return f"On {format_datetime(at)}, {one_line(name)[:100]} wrote:", kept


def _boundary(letter: Email, kind: str) -> str:
    """A line that cannot stand in a part: neither quoted-printable nor base64 ever holds `=_` (RFC 2045, 6.7)."""
    return f"=_{kind}{hashlib.sha256(letter.message_id.encode()).hexdigest()[:24]}"
