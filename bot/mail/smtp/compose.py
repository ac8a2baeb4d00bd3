"""Compose the MIME message of an email: headers that keep the conversation together, text, HTML and files; pure."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from bot.mail.smtp.headers import address_list, encoded, envelope_address, message_ids, one_line, phrase_and_address
from bot.mail.smtp.parts import OutgoingFile, alternative, file_part, mixed
from casebook.outbound.email import Email
from casebook.records.addresses import is_one_of

__all__ = ["Outgoing", "OutgoingFile", "SenderIdentity", "compose", "subject_of"]

MAX_SUBJECT_CHARACTERS = 200
MAX_QUOTED_LINES = 60
MAX_QUOTED_CHARACTERS = 4_000

# The prefix of a reply's subject in several languages, also with a count: Re[2].
_REPLY = re.compile(
    r"\s*(?:re|aw|antw|sv|vs|odp|ynt|rif|res|ref|r|回复|回覆|答复|返信)(?:\s*\[\d{1,3}\])?\s*[:：]",  # noqa: RUF001
    re.IGNORECASE,
)
_TAG = re.compile(r"\s*\[\s*CASE-\d{1,9}\s*\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SenderIdentity:
    """The sender of our mail and the address for replies; addresses in lower case."""

    sender: str  # SMTP_FROM
    inbox: str = ""  # IMAP_EMAIL: the only inbox that is read, so replies must go there
    further: frozenset[str] = frozenset()  # OUR_ADDRESSES

    @property
    def domain(self) -> str:
        """The domain of our Message-IDs."""
        return self.sender.rpartition("@")[2]

    def is_ours(self, address: str) -> bool:
        """Whether the address is one of ours: mail to it would come back as a customer's."""
        return is_one_of(address, {self.sender, self.inbox, *self.further})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message ready for the SMTP server."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    utf8: bool  # whether an address needs SMTPUTF8 (RFC 6531)


def compose(letter: Email, *, identity: SenderIdentity, now: datetime, files: Sequence[OutgoingFile] = ()) -> Outgoing:
    """Compose the message; raises UnmailableError when an address is not valid."""
    to = envelope_address(letter.to)
    copies = tuple(envelope_address(address) for address in letter.copies)
    body = alternative(letter.text, _quote(letter), boundary=_boundary(letter, "a"))
    if files:
        body = mixed([body, *map(file_part, files)], boundary=_boundary(letter, "m"))
    lines = [f"{name}: {value}" for name, value in _headers(letter, identity, now, to, copies) if value]
    content = "\r\n".join([*lines, "MIME-Version: 1.0", ""]).encode() + body
    addresses = (to, *copies)
    return Outgoing(
        sender=envelope_address(identity.sender),
        recipients=addresses,
        content=content,
        utf8=not all(address.isascii() for address in addresses),
    )


def _headers(
    letter: Email, identity: SenderIdentity, now: datetime, to: str, copies: tuple[str, ...]
) -> Sequence[tuple[str, str]]:
    reply_to_id = letter.conversation[:1]
    return (
        ("Date", format_datetime(now)),
        # Always our own address: with the author's address the mail would fail DMARC.
        ("From", phrase_and_address(letter.author_name, envelope_address(identity.sender))),
        ("Reply-To", envelope_address(identity.inbox) if identity.inbox and identity.inbox != identity.sender else ""),
        ("To", phrase_and_address(letter.to_name, to)),
        ("Cc", address_list(copies)),
        ("Subject", encoded(_subject(letter), first_line=len("Subject: "))),
        ("Message-ID", f"<{letter.message_id}>"),
        ("In-Reply-To", message_ids(reply_to_id)),
        ("References", message_ids(tuple(reversed(letter.conversation)))),
        ("Auto-Submitted", letter.automatic),  # RFC 3834: no automatic reply
        ("X-Auto-Response-Suppress", "All" if letter.automatic else ""),  # the same for Exchange
    )


def _subject(letter: Email) -> str:
    if letter.is_receipt:
        return f"We have received your message [{letter.case_id}]"
    return subject_of(letter.subject, letter.case_id)


def subject_of(subject: str, case_id: str) -> str:
    """`Re: the customer's subject [CASE-0012]`, with exactly one `Re:` and one tag."""
    bare = one_line(_TAG.sub("", subject))
    while found := _REPLY.match(bare):
        bare = bare[found.end() :].strip()
    if len(bare) > MAX_SUBJECT_CHARACTERS:
        bare = f"{bare[: MAX_SUBJECT_CHARACTERS - 1].rstrip()}…"
    return f"Re: {bare} [{case_id}]" if bare else f"Re: [{case_id}]"


def _quote(letter: Email) -> tuple[str, list[str]] | None:
    """The attribution above the quote, such as "On ... Mia wrote:", and the first lines of the quoted message."""
    if letter.quoted is None:
        return None
    name, text, at = letter.quoted
    lines = text.strip()[:MAX_QUOTED_CHARACTERS].splitlines()
    kept = lines[:MAX_QUOTED_LINES]
    if len(lines) > MAX_QUOTED_LINES or len(text.strip()) > MAX_QUOTED_CHARACTERS:
        kept.append("[...]")
    return f"On {format_datetime(at)}, {one_line(name)[:100]} wrote:", kept


def _boundary(letter: Email, kind: str) -> str:
    """A boundary that no part can contain: quoted-printable and base64 never hold `=_` (RFC 2045, 6.7)."""
    return f"=_{kind}{hashlib.sha256(letter.message_id.encode()).hexdigest()[:24]}"
