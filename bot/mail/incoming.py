"""Turn a parsed mail into an `Incoming`: its writer and their standing, its conversation, its new text."""

import hashlib
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.mail.authentication import Proof, is_admin_message, is_vouched_for
from bot.mail.automated.bounces import Bounce
from bot.mail.boilerplate.banners import without_external_tags
from bot.mail.mime.encryption import is_signature_or_key
from bot.mail.parse import Mail, UnreadableMailError, read_mail
from bot.mail.reply_text import newly_written
from bot.mail.saving import FileSaver
from bot.mail.text.body import Attachment
from bot.mail.writer import Writer, writer_in_from, writer_of
from casebook.incoming import Forward, Incoming, IncomingFile, Source, Standing
from casebook.records.addresses import domain_of, is_one_of, is_unattended
from casebook.records.case_ids import cases_named

if TYPE_CHECKING:  # the process that parses mails must not load the settings or the database
    from bot.settings import Settings

_CASE_TAG = re.compile(r"\[\s*CASE-0*(\d{1,9})\s*\]", re.IGNORECASE)
_STANDINGS = {Proof.ADMIN: Standing.ADMIN, Proof.CLAIM: Standing.CLAIM, Proof.CUSTOMER: Standing.CUSTOMER}
_LISTED_RECIPIENTS = 5  # of a bounce, by address; the rest are counted
_REASON_CHARACTERS = 300
_MESSAGE_ID_LIMIT = 900  # characters of a Message-ID; RFC 5322 lines end at 998


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRules:
    """The settings that decide who is who by mail; addresses in lower case."""

    inbox_address: str
    login: str = ""  # IMAP_LOGIN; if it is an address, mail from it is ours too
    sending_address: str = ""  # SMTP_FROM
    further_addresses: frozenset[str] = frozenset()  # OUR_ADDRESSES
    admin_emails: frozenset[str] = frozenset()
    authserv_id: str | None = None  # MAIL_AUTHSERV_ID

    @property
    def our_addresses(self) -> frozenset[str]:
        """All addresses of the inbox, without plus addresses."""
        return self.further_addresses | ({self.inbox_address, self.login, self.sending_address} - {""})

    def is_ours(self, address: str) -> bool:
        """Whether the address is one of ours, plus addresses included."""
        return is_one_of(address, self.our_addresses)


# Takes the files of a mail and the SHA-256 of its ornaments; returns what became of each file.
Keep = Callable[[Sequence[Attachment], Collection[str]], tuple[IncomingFile, ...]]


def mail_rules(settings: "Settings") -> MailRules:
    """The part of the settings that reading mails needs."""
    return MailRules(
        inbox_address=settings.imap_email,
        login=settings.imap_login.lower(),
        sending_address=settings.smtp_from,
        further_addresses=settings.our_addresses,
        admin_emails=settings.admin_emails,
        authserv_id=settings.mail_authserv_id or None,
    )


def read_incoming(
    raw: bytes, *, received_at: datetime, folder: str, settings: MailRules, keep: Keep | None = None
) -> Incoming:
    """Parse a mail that arrived in the folder at `received_at` (aware UTC); `keep` saves its files.

    Raises UnreadableMailError when the mail has no headers, or names no sender and is not automatic.
    """
    return as_incoming(read_mail(raw), raw, received_at=received_at, folder=folder, settings=settings, keep=keep)


def as_incoming(
    mail: Mail, raw: bytes, *, received_at: datetime, folder: str, settings: MailRules, keep: Keep | None = None
) -> Incoming:
    """Convert a parsed mail; raises UnreadableMailError when it names no sender and is not automatic."""
    writer = resolve_writer(mail, settings)
    standing = _standing(mail, writer, settings)
    if not writer.address and standing is not Standing.AUTOMATIC:
        raise UnreadableMailError("This mail names no sender: no address stands in From, Sender or Reply-To.")
    by_admin = standing in {Standing.ADMIN, Standing.CLAIM}
    undelivered = _bounce_summary(mail.bounce) if mail.bounce and standing is Standing.AUTOMATIC else ""
    vouched = _is_writer_vouched_for(mail, writer, settings)
    reply_to = _reply_to(mail, writer, settings) if standing in {Standing.CUSTOMER, Standing.DOUBTFUL} else ""
    return Incoming(
        source=Source.EMAIL,
        external_id=external_id(raw, mail.message_id),
        sender=writer.address,
        standing=standing,
        timestamp=received_at,
        body=mail.text or _placeholder_text(mail),
        new_text=undelivered or mail.new_text,
        sender_name=writer.name or ("The mail server" if undelivered and not writer.address else ""),
        subject=without_external_tags(mail.subject),  # the rules match it: a gateway's tag is no customer's word
        place=folder,
        conversation=_conversation(mail),
        about=_outside_recipients(mail, settings) if by_admin else (),
        cases_named=_cases_named(mail, by_admin=by_admin),
        cut=mail.cut,
        attachments=(keep or FileSaver(None).keep)(mail.attachments, mail.ornaments),
        forward=_forward(mail, settings) if by_admin else None,
        undelivered=undelivered,
        doubt=mail.doubtful if standing is Standing.DOUBTFUL else "",
        addressed=tuple(dict.fromkeys((*mail.to, *mail.cc))),
        reply_to=reply_to,
        is_reply_to_safe=bool(reply_to) and (vouched is True or domain_of(reply_to) == domain_of(writer.address)),
        vouched=vouched,
    )


def resolve_writer(mail: Mail, settings: MailRules) -> Writer:
    """Who wrote a mail; for automatic mail always the address in From."""
    if mail.automatic and not is_from_own_list(mail, settings):
        return writer_in_from(mail)
    return writer_of(mail, settings.is_ours)


def _is_writer_vouched_for(mail: Mail, writer: Writer, settings: MailRules) -> bool | None:
    """Whether our mail server vouches for the writer: never for one whom From does not name."""
    vouched = is_vouched_for(mail, settings.authserv_id)
    return vouched if vouched is None or writer.is_sender else False


def _reply_to(mail: Mail, writer: Writer, settings: MailRules) -> str:
    """The only outside address in Reply-To, if it differs from the writer's; else an empty string."""
    addresses = {box.address for box in mail.reply_to if not settings.is_ours(box.address)}
    if len(addresses) != 1 or not writer.is_sender or is_from_own_list(mail, settings):
        return ""
    (address,) = addresses
    return "" if address == writer.address or is_unattended(address) else address


def external_id(raw: bytes, message_id: str | None) -> str:
    """A mail's ID in the ledger: its Message-ID, or `sha256:` and the digest of its bytes (design 3.1)."""
    if message_id and len(message_id) <= _MESSAGE_ID_LIMIT:
        return message_id
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _standing(mail: Mail, writer: Writer, settings: MailRules) -> Standing:
    if mail.automatic and not is_from_own_list(mail, settings):
        return Standing.AUTOMATIC
    if settings.is_ours(writer.address):
        return Standing.AUTOMATIC  # our own mail: answering it would start a loop
    if mail.doubtful:
        return Standing.DOUBTFUL
    if not writer.is_sender:  # the writer is from a header that anybody can write: no admin rights
        return Standing.CLAIM if writer.address in settings.admin_emails else Standing.CUSTOMER
    return _STANDINGS[is_admin_message(mail, settings.admin_emails, settings.authserv_id)]


def is_from_own_list(mail: Mail, settings: MailRules) -> bool:
    """Whether a mail came through a support address that is a distribution group: it marks all mail as list mail."""
    if mail.automatic != "mailing list":
        return False
    return mail.list_id in {address.replace("@", ".") for address in settings.our_addresses}


def _conversation(mail: Mail) -> tuple[str, ...]:
    if mail.bounce is not None:
        # Only the Message-ID of the bounced mail: the other headers may be forged or belong to another conversation.
        return (mail.bounce.message_id,) if mail.bounce.message_id else ()
    answered = (mail.in_reply_to,) if mail.in_reply_to else ()
    return tuple(dict.fromkeys((*answered, *reversed(mail.references))))


def _outside_recipients(mail: Mail, settings: MailRules) -> tuple[str, ...]:
    others = (each for each in (*mail.to, *mail.cc) if not settings.is_ours(each) and each not in settings.admin_emails)
    return tuple(dict.fromkeys(others))


def _bounce_summary(bounce: Bounce) -> str:
    """One line that says to whom a mail was not delivered, and why."""
    listed = ", ".join(bounce.recipients[:_LISTED_RECIPIENTS]) or "the customer"
    more = len(bounce.recipients) - _LISTED_RECIPIENTS
    recipients = f"{listed} and {more} more" if more > 0 else listed
    reason = " ".join(f"{bounce.status} {bounce.reason}".split())[:_REASON_CHARACTERS] or "without a reason"
    if bounce.permanent is False:
        return f"⚠ Not delivered yet to {recipients}, and tried again: {reason}"
    return f"⚠ Not delivered to {recipients}: {reason}"


def _forward(mail: Mail, settings: MailRules) -> Forward | None:
    """The customer's mail that an admin forwarded; None for none, or one that we or an admin wrote."""
    found = mail.forwarded
    author = (found.sender_addr or "").lower() if found else ""
    if found is None or (author and (settings.is_ours(author) or author in settings.admin_emails)):
        return None
    return Forward(
        author=author,
        author_name=found.sender_name,
        subject=without_external_tags(found.subject),
        body=found.text,
        new_text=newly_written(found.text),
        before=found.before,
        certain=found.certain,
        tagged=_case_tags(found.subject),
        named=cases_named(found.before),
    )


def _case_tags(subject: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(number) for number in _CASE_TAG.findall(subject)))


def _cases_named(mail: Mail, *, by_admin: bool) -> tuple[int, ...]:
    """The cases that the mail names: in a tag of the subject, and for an admin also anywhere in the new text."""
    if by_admin:
        return cases_named(f"{mail.subject}\n{mail.new_text}")
    return _case_tags(mail.subject)


def _placeholder_text(mail: Mail) -> str:
    files = (file for file in mail.attachments if not is_signature_or_key(file.content_type, file.filename))
    names = ", ".join(file.filename or file.content_type for file in files)
    return f"(no text; attached: {names})" if names else "(no text)"
