"""A mail as the book takes it: who wrote it and with what standing, which conversation it belongs to, what is new."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.mail.authentication import Proof, is_admin_message, is_vouched_for
from bot.mail.automated.bounces import Bounce
from bot.mail.boilerplate.banners import without_tags
from bot.mail.mime.encryption import is_seal
from bot.mail.parse import Mail, UnreadableMailError, read_mail
from bot.mail.reply_text import newly_written
from bot.mail.saving import Keeping
from bot.mail.text.body import Attachment
from bot.mail.writer import Writer, named_in_from, writer_of
from casebook.incoming import Forward, Incoming, IncomingFile, Source, Standing
from casebook.records.addresses import domain_of, is_one_of, is_unattended
from casebook.records.case_ids import cases_named

if TYPE_CHECKING:  # the process that reads mails needs no settings, nor the database that they name
    from bot.settings import Settings

_CASE_TAG = re.compile(r"\[\s*CASE-0*(\d{1,9})\s*\]", re.IGNORECASE)
_STANDINGS = {Proof.ADMIN: Standing.ADMIN, Proof.CLAIM: Standing.CLAIM, Proof.CUSTOMER: Standing.CUSTOMER}
_NAMED = 5  # recipients of a bounce
_REASON_CHARACTERS = 300
_ID_LIMIT = 900  # characters of a Message-ID; RFC 5322 lines end at 998


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRules:
    """What the settings say about who is who by mail; addresses in lower case."""

    inbox_address: str
    login: str = ""  # IMAP_LOGIN: where it is an address, mail from it is ours too
    sending_address: str = ""  # SMTP_FROM, where it is not the inbox
    further_addresses: frozenset[str] = frozenset()  # OUR_ADDRESSES
    admin_emails: frozenset[str] = frozenset()
    authserv_id: str | None = None  # MAIL_AUTHSERV_ID

    @property
    def our_addresses(self) -> frozenset[str]:
        """The addresses of the inbox, without their plus addresses."""
        return self.further_addresses | ({self.inbox_address, self.login, self.sending_address} - {""})

    def is_ours(self, address: str) -> bool:
        """Whether an address is one of the inbox: mail from there is our own, or written for somebody else."""
        return is_one_of(address, self.our_addresses)


Keep = Callable[[Sequence[Attachment]], tuple[IncomingFile, ...]]  # says what became of each file


def mail_rules(settings: "Settings") -> MailRules:
    """The rules of the settings."""
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
    """Read a mail that reached the folder at `received_at` (aware UTC); `keep` takes its files once it can be read.

    Raises UnreadableMailError when it has no headers, or names no sender and has no sign of being automatic.
    """
    return as_incoming(read_mail(raw), raw, received_at=received_at, folder=folder, settings=settings, keep=keep)


def as_incoming(
    mail: Mail, raw: bytes, *, received_at: datetime, folder: str, settings: MailRules, keep: Keep | None = None
) -> Incoming:
    """A mail that was read, as the book takes it; raises UnreadableMailError where nobody is named as its sender."""
    writer = who_wrote(mail, settings)
    standing = _standing(mail, writer, settings)
    if not writer.address and standing is not Standing.AUTOMATIC:
        raise UnreadableMailError("This mail names no sender: no address stands in From, Sender or Reply-To.")
    by_admin = standing in {Standing.ADMIN, Standing.CLAIM}
    undelivered = _undelivered(mail.bounce) if mail.bounce and standing is Standing.AUTOMATIC else ""
    vouched = _vouched(mail, writer, settings)
    reply_to = _reply_to(mail, writer, settings) if standing in {Standing.CUSTOMER, Standing.DOUBTFUL} else ""
    return Incoming(
        source=Source.EMAIL,
        external_id=external_id(raw, mail.message_id),
        sender=writer.address,
        standing=standing,
        timestamp=received_at,
        body=mail.text or _without_text(mail),
        new_text=undelivered or mail.new_text,
        sender_name=writer.name or ("The mail server" if undelivered and not writer.address else ""),
        subject=without_tags(mail.subject),  # the rules read it: no gateway's word is a customer's
        place=folder,
        conversation=_conversation(mail),
        about=_addressed(mail, settings) if by_admin else (),
        cases_named=_named(mail, by_admin=by_admin),
        cut=mail.cut,
        attachments=(keep or Keeping(None, raw).keep)(mail.attachments),
        forward=_forward(mail, settings) if by_admin else None,
        undelivered=undelivered,
        doubt=mail.doubtful if standing is Standing.DOUBTFUL else "",
        addressed=tuple(dict.fromkeys((*mail.to, *mail.cc))),
        reply_to=reply_to,
        is_reply_to_safe=bool(reply_to) and (vouched is True or domain_of(reply_to) == domain_of(writer.address)),
        vouched=vouched,
    )


def who_wrote(mail: Mail, settings: MailRules) -> Writer:
    """Who wrote a mail; a program's mail has no other writer than From."""
    if mail.automatic and not through_our_own_list(mail, settings):
        return named_in_from(mail)
    return writer_of(mail, settings.is_ours)


def _vouched(mail: Mail, writer: Writer, settings: MailRules) -> bool | None:
    """Whether our server vouches for the writer: of whom From does not name, it knows nothing."""
    vouched = is_vouched_for(mail, settings.authserv_id)
    return vouched if vouched is None or writer.is_sender else False


def _reply_to(mail: Mail, writer: Writer, settings: MailRules) -> str:
    """The one outside address at which a person wants to be answered, where it is not their own; else empty."""
    addresses = {box.address for box in mail.reply_to if not settings.is_ours(box.address)}
    if len(addresses) != 1 or not writer.is_sender or through_our_own_list(mail, settings):
        return ""
    (address,) = addresses
    return "" if address == writer.address or is_unattended(address) else address


def external_id(raw: bytes, message_id: str | None) -> str:
    """A mail's ID in the ledger: its Message-ID, or `sha256:` and the digest of its bytes (design 3.1)."""
    if message_id and len(message_id) <= _ID_LIMIT:
        return message_id
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _standing(mail: Mail, writer: Writer, settings: MailRules) -> Standing:
    if mail.automatic and not through_our_own_list(mail, settings):
        return Standing.AUTOMATIC
    if settings.is_ours(writer.address):
        return Standing.AUTOMATIC  # our own mail: answering it would never end
    if mail.doubtful:
        return Standing.DOUBTFUL
    if not writer.is_sender:  # no power comes from what anybody can write
        return Standing.CLAIM if writer.address in settings.admin_emails else Standing.CUSTOMER
    return _STANDINGS[is_admin_message(mail, settings.admin_emails, settings.authserv_id)]


def through_our_own_list(mail: Mail, settings: MailRules) -> bool:
    """A support address that is a distribution group marks every customer's mail as a list's."""
    if mail.automatic != "mailing list":
        return False
    return mail.list_id in {address.replace("@", ".") for address in settings.our_addresses}


def _conversation(mail: Mail) -> tuple[str, ...]:
    if mail.bounce is not None:
        # Only what it says came back: of the rest nobody knows whose it is, and whoever reports may make it up.
        return (mail.bounce.message_id,) if mail.bounce.message_id else ()
    answered = (mail.in_reply_to,) if mail.in_reply_to else ()
    return tuple(dict.fromkeys((*answered, *reversed(mail.references))))


def _addressed(mail: Mail, settings: MailRules) -> tuple[str, ...]:
    others = (each for each in (*mail.to, *mail.cc) if not settings.is_ours(each) and each not in settings.admin_emails)
    return tuple(dict.fromkeys(others))


def _undelivered(bounce: Bounce) -> str:
    """What could not be delivered, to whom and why, in a line."""
    named = ", ".join(bounce.recipients[:_NAMED]) or "the customer"
    more = len(bounce.recipients) - _NAMED
    whom = f"{named} and {more} more" if more > 0 else named
    why = " ".join(f"{bounce.status} {bounce.reason}".split())[:_REASON_CHARACTERS]
    if bounce.permanent is False:
        return f"⚠ Not delivered yet to {whom}, and tried again: {why or 'without a reason'}"
    return f"⚠ Not delivered to {whom}: {why or 'without a reason'}"


def _forward(mail: Mail, settings: MailRules) -> Forward | None:
    """The mail that an admin passes on; one of our own is no customer's."""
    found = mail.forwarded
    author = (found.sender_addr or "").lower() if found else ""
    if found is None or (author and (settings.is_ours(author) or author in settings.admin_emails)):
        return None
    return Forward(
        author=author,
        author_name=found.sender_name,
        subject=without_tags(found.subject),
        body=found.text,
        new_text=newly_written(found.text),
        before=found.before,
        certain=found.certain,
        tagged=_tags(found.subject),
        named=cases_named(found.before),
    )


def _tags(subject: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(int(number) for number in _CASE_TAG.findall(subject)))


def _named(mail: Mail, *, by_admin: bool) -> tuple[int, ...]:
    """The cases that the mail names: a tag in the subject, and for an admin any mention in what they newly wrote."""
    if by_admin:
        return cases_named(f"{mail.subject}\n{mail.new_text}")
    return _tags(mail.subject)


def _without_text(mail: Mail) -> str:
    files = (file for file in mail.attachments if not is_seal(file.content_type, file.filename))
    names = ", ".join(file.filename or file.content_type for file in files)
    return f"(no text; attached: {names})" if names else "(no text)"
