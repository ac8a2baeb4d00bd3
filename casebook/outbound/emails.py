"""Emails to customers: built from notices, with Message-IDs by which replies find the case again (design 3.7)."""

import secrets
from datetime import datetime

from casebook import models as tables
from casebook import notices
from casebook.conversation import destinations, threads
from casebook.database import lock_case
from casebook.models import Case, Message, Secret, book
from casebook.outbound import replies
from casebook.outbound.email import Email
from casebook.outcomes import Claimed, Item, NoticeKind
from casebook.records import history, message_ids
from casebook.rules import Limits

_KEY_BYTES = 32


def write(claimed: Claimed, *, domain: str, now: datetime) -> Email | None:
    """Build the email for a notice, and store its Message-ID before it is sent; None if there is nothing left to send.

    Each attempt has the same Message-ID, so that mail programs recognise a second copy. One transaction.
    """
    item = claimed.items[0]
    with book.atomic():
        case = Case.get_or_none(Case.case_id == item.case_id)
        answer = _answer(item)
        if case is None or (item.kind is NoticeKind.ANSWER and answer is None):
            return None
        answered = Message.get_or_none(Message.id == item.payload.get("answers"))
        is_receipt = item.kind is NoticeKind.ACKNOWLEDGE
        to, copies = _recipients(case, answered, item)
        email = Email(
            case_id=case.case_id,
            message_id=_message_id(case, item, domain),
            answer=None if answer is None else answer.id,
            to=to,
            to_name="" if is_receipt else answered.sender_name if answered is not None else case.customer_name,
            copies=copies,
            author_name="" if answer is None else answer.sender_name,
            text=str(item.payload["text"]) if answer is None else answer.body,
            # An acknowledgement goes to whatever sender an email names: it contains no text that others chose.
            subject="" if is_receipt else (answered.subject if answered is not None else "") or case.subject,
            is_receipt=is_receipt,
            conversation=_conversation(answered),
            automatic=_automatic(item),
            quoted=None if answer is None or answered is None else _quoted(answered),
        )
        _store(email, answer, now)
        return email


def _answer(item: Item) -> Message | None:
    if item.kind is not NoticeKind.ANSWER:
        return None
    kept = (Message.id == item.target_id) & Message.deleted_at.is_null()
    message: Message | None = Message.get_or_none(kept)
    return message


def _recipients(case: Case, answered: Message | None, item: Item) -> tuple[str, tuple[str, ...]]:
    """The recipient, and those who get a copy; an acknowledgement goes to the sender alone."""
    if answered is not None and item.kind is NoticeKind.ACKNOWLEDGE:
        return answered.sender, ()
    to = str(item.payload.get("to") or destinations.address_of(case, answered))
    return to, destinations.copies(case, answered, to)


def _message_id(case: Case, item: Item, domain: str) -> str:
    key, customer = conversation_key(), case.customer_identifier
    return message_ids.message_id(case.case_id, customer, unique_key=item.key, key=key, domain=domain)


def conversation_key() -> str:
    """The random key that signs our Message-IDs, generated when it is first needed.

    It is stored in the database: a restored backup then still recognises its emails, no two databases share a key, and
    there is no setting to guard or copy. Whoever can read the database can read the cases anyway.
    """
    if Secret.get_or_none(Secret.name == threads.SECRET) is None:
        row = Secret.insert(name=threads.SECRET, value=secrets.token_hex(_KEY_BYTES))
        row.on_conflict_ignore().execute()
    return str(Secret.get_by_id(threads.SECRET).value)


def _conversation(answered: Message | None) -> tuple[str, ...]:
    """The Message-IDs that an email refers to, the nearest first; without those we made up for emails that had none."""
    if answered is None:
        return ()
    known = answered.external_id.partition("#")[0] if _has_digest(answered.external_id) else answered.external_id
    own = () if known.startswith("sha256:") else (known,)
    return (*own, *(answered.conversation or "").split())


def _has_digest(external_id: str) -> bool:
    """Whether our digest is appended to a Message-ID, because an earlier email with another text has the same one."""
    _, mark, digest = external_id.rpartition("#")
    return bool(mark) and len(digest) == 8 and "@" not in digest


def _automatic(item: Item) -> str:
    """The value of Auto-Submitted (RFC 3834); empty if a person wrote the text."""
    if item.kind is NoticeKind.ACKNOWLEDGE:
        return "auto-replied"
    return "auto-generated" if item.payload.get("automatic") else ""


def _quoted(answered: Message) -> tuple[str, str, datetime] | None:
    text = answered.body if answered.new_text is None else answered.new_text
    return (answered.sender_name or answered.sender, text, answered.timestamp) if text.strip() else None


def _store(email: Email, answer: Message | None, now: datetime) -> None:
    row = tables.Letter.insert(
        external_id=email.message_id,
        case=email.case_id,
        message=answer,
        recipients=" ".join((email.to, *email.copies)),
        at=now,
    )
    row.on_conflict_ignore().execute()


def not_sent(claimed: Claimed, *, now: datetime) -> bool:
    """Note that there is nothing left to send; returns whether it was still ours. One transaction."""
    if claimed.items[0].kind is NoticeKind.ANSWER:
        return replies.not_sent(claimed, now=now)
    return notices.mark_sent(claimed, channel="", ts="", now=now)


def sent(claimed: Claimed, *, refused: str, now: datetime, limits: Limits) -> bool:
    """Record that an email was sent, and which recipients the server refused, if any; one transaction.

    Returns whether that was new: another process may have recorded it already.
    """
    item = claimed.items[0]
    with book.atomic():
        if item.kind is NoticeKind.ANSWER:
            is_new = replies.sent(claimed, channel="", ts="", now=now, limits=limits)
        else:
            is_new = notices.mark_sent(claimed, channel="", ts="", now=now)
        if refused and is_new and item.case_id is not None:
            history.add(lock_case(item.case_id), now, "casebook", "not delivered", refused)
            notices.log(f"A mail in {item.case_id} did not reach everybody: {refused}", now=now, case_id=item.case_id)
        return is_new


def sent_without_follow_up(claimed: Claimed, *, now: datetime) -> None:
    """Record that an email was sent although applying the rules failed, and log it for the team; one transaction."""
    case_id = claimed.items[0].case_id
    with book.atomic():
        if notices.mark_sent(claimed, channel="", ts="", now=now):
            text = f"A mail in {case_id} was sent, but not what follows from it: see the log."
            notices.log(text, now=now, case_id=case_id)


def refused(claimed: Claimed, *, error: str, retry_at: datetime | None, now: datetime) -> bool:
    """Record that an email was refused, and when to try again; returns whether the claim was still ours.

    An answer stays in the outbox, and its state is shown where it was written. An automatic email is dropped when there
    is no time for another attempt, which is reported in the log channel. One transaction.
    """
    item = claimed.items[0]
    with book.atomic():
        if item.kind is NoticeKind.ANSWER and retry_at is not None:
            return replies.failed(claimed, error=error, retry_at=retry_at, now=now)
        if retry_at is not None:
            return notices.mark_failed(claimed, error=error, retry_at=retry_at)
        is_ours = notices.give_up(claimed)
        if is_ours:
            notices.log(f"The customer of {item.case_id} was not told by mail: {error}", now=now, case_id=item.case_id)
        return is_ours


def put_off(claimed: Claimed, *, error: str, retry_at: datetime, maybe_sent: bool, now: datetime) -> bool:
    """Record that the mail server was unavailable, or disconnected and may have accepted the email (`maybe_sent`).

    Returns whether the claim was still ours. One transaction.
    """
    item = claimed.items[0]
    with book.atomic():
        if item.case_id is not None:
            lock_case(item.case_id)  # before its notice: the same order everywhere
        record = notices.mark_uncertain if maybe_sent else notices.put_off
        is_ours = record(claimed, error=error, retry_at=retry_at)
        if is_ours and item.kind is NoticeKind.ANSWER:
            replies.show_claimed_state(claimed, now=now)
        return is_ours
