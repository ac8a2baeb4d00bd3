"""A mail as the book takes it: who wrote it and with what standing, which conversation it belongs to, what is new."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from bot.mail.identity import Proof, is_admin_message
from bot.mail.parse import Mail, UnreadableMailError, read_mail
from casebook.incoming import Incoming, Source, Standing
from casebook.naming import cases_named

_CASE_TAG = re.compile(r"\[\s*CASE-0*(\d{1,9})\s*\]", re.IGNORECASE)
_STANDINGS = {Proof.ADMIN: Standing.ADMIN, Proof.CLAIM: Standing.CLAIM, Proof.CUSTOMER: Standing.CUSTOMER}
_ID_LIMIT = 900  # characters of a Message-ID; RFC 5322 lines end at 998


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRules:
    """What the settings say about who is who by mail; addresses in lower case."""

    inbox_address: str
    sending_address: str = ""  # SMTP_FROM, where it is not the inbox
    admin_emails: frozenset[str] = frozenset()
    authserv_id: str | None = None  # MAIL_AUTHSERV_ID


def read_incoming(raw: bytes, *, received_at: datetime, folder: str, settings: MailRules) -> Incoming:
    """Read a mail that reached the folder at `received_at` (aware UTC).

    Raises UnreadableMailError when it has no headers, or no single sender and no sign of being automatic.
    """
    mail = read_mail(raw)
    standing = _standing(mail, settings)
    if mail.from_addr is None and standing is not Standing.AUTOMATIC:
        raise UnreadableMailError("This mail does not name exactly one sender in From.")
    by_admin = standing in {Standing.ADMIN, Standing.CLAIM}
    return Incoming(
        source=Source.EMAIL,
        external_id=external_id(raw, mail.message_id),
        sender=mail.from_addr or "",
        standing=standing,
        timestamp=received_at,
        body=mail.text or _without_text(mail),
        new_text=mail.new_text,
        sender_name=mail.from_name,
        subject=mail.subject,
        place=folder,
        conversation=_conversation(mail),
        about=_addressed(mail, settings) if by_admin else (),
        cases_named=_named(mail, by_admin=by_admin),
        cut=mail.cut,
    )


def external_id(raw: bytes, message_id: str | None) -> str:
    """A mail's ID in the ledger: its Message-ID, or `sha256:` and the digest of its bytes (design 3.1)."""
    if message_id and len(message_id) <= _ID_LIMIT:
        return message_id
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _standing(mail: Mail, settings: MailRules) -> Standing:
    if mail.from_addr and mail.from_addr in {settings.inbox_address, settings.sending_address}:
        return Standing.AUTOMATIC  # our own mail: answering it would never end
    if mail.automatic and not _through_our_own_list(mail, settings):
        return Standing.AUTOMATIC
    return _STANDINGS[is_admin_message(mail, settings.admin_emails, settings.authserv_id)]


def _through_our_own_list(mail: Mail, settings: MailRules) -> bool:
    """A support address that is a distribution group marks every customer's mail as a list's."""
    return mail.automatic == "mailing list" and mail.list_id == settings.inbox_address.replace("@", ".")


def _conversation(mail: Mail) -> tuple[str, ...]:
    answered = (mail.in_reply_to,) if mail.in_reply_to else ()
    return tuple(dict.fromkeys((*answered, *reversed(mail.references))))


def _addressed(mail: Mail, settings: MailRules) -> tuple[str, ...]:
    ours = {settings.inbox_address, settings.sending_address, *settings.admin_emails}
    return tuple(dict.fromkeys(address for address in (*mail.to, *mail.cc) if address not in ours))


def _named(mail: Mail, *, by_admin: bool) -> tuple[int, ...]:
    """The cases that the mail names: a tag in the subject, and for an admin any mention in what they newly wrote."""
    if by_admin:
        return cases_named(f"{mail.subject}\n{mail.new_text}")
    return tuple(dict.fromkeys(int(number) for number in _CASE_TAG.findall(mail.subject)))


def _without_text(mail: Mail) -> str:
    names = ", ".join(attachment.filename or attachment.content_type for attachment in mail.attachments)
    return f"(no text; attached: {names})" if names else "(no text)"
