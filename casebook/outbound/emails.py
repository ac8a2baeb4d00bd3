"""Mail of ours: what a notice says as a letter, under a Message-ID by which its case is found again (design 3.7)."""

import secrets
from datetime import datetime

from casebook import models as tables
from casebook import notices
from casebook.conversation import destinations, threads
from casebook.database import lock_case
from casebook.models import Case, Message, Secret, book
from casebook.outbound import replies
from casebook.outbound.email import Letter
from casebook.outcomes import Claimed, Item, NoticeKind
from casebook.records import history, message_ids
from casebook.rules import Limits

_KEY_BYTES = 32


def write(claimed: Claimed, *, domain: str, now: datetime) -> Letter | None:
    """The letter that a notice stands for, noted before it is sent; None when there is nothing left to say.

    Each try has the same Message-ID, so that a letter that arrives twice is known as one. One transaction.
    """
    item = claimed.items[0]
    with book.atomic():
        case = Case.get_or_none(Case.case_id == item.case_id)
        answer = _answer(item)
        if case is None or (item.kind is NoticeKind.ANSWER and answer is None):
            return None
        answered = Message.get_or_none(Message.id == item.payload.get("answers"))
        receipt = item.kind is NoticeKind.ACKNOWLEDGE
        to, copies = _readers(case, answered, item)
        letter = Letter(
            case_id=case.case_id,
            message_id=_message_id(case, item, domain),
            answer=None if answer is None else answer.id,
            to=to,
            to_name="" if receipt else answered.sender_name if answered is not None else case.customer_name,
            copies=copies,
            author_name="" if answer is None else answer.sender_name,
            text=str(item.payload["text"]) if answer is None else answer.body,
            # A receipt goes to whoever a mail says that it is from: it carries no word that others chose.
            subject="" if receipt else (answered.subject if answered is not None else "") or case.subject,
            is_receipt=receipt,
            conversation=_conversation(answered),
            automatic=_automatic(item),
            quoted=None if answer is None or answered is None else _quoted(answered),
        )
        _remember(letter, answer, now)
        return letter


def _answer(item: Item) -> Message | None:
    if item.kind is not NoticeKind.ANSWER:
        return None
    kept = (Message.id == replies.message_of(item)) & Message.deleted_at.is_null()
    message: Message | None = Message.get_or_none(kept)
    return message


def _readers(case: Case, answered: Message | None, item: Item) -> tuple[str, tuple[str, ...]]:
    """Who gets it, and who a copy; a receipt is for its sender alone."""
    if answered is not None and item.kind is NoticeKind.ACKNOWLEDGE:
        return answered.sender, ()
    to = str(item.payload.get("to") or destinations.address_of(case, answered))
    return to, destinations.copies(case, answered, to)


def _message_id(case: Case, item: Item, domain: str) -> str:
    key, customer = conversation_key(), case.customer_identifier
    return message_ids.message_id(case.case_id, customer, key_of_letter=item.key, key=key, domain=domain)


def conversation_key() -> str:
    """The key that signs our Message-IDs, drawn by chance when it is first wanted.

    It is kept in the book: a backup then brings back what its letters are known by, no two books share one, and
    nobody has to set, guard or copy a setting. Who can read the book can read the cases anyway.
    """
    if Secret.get_or_none(Secret.name == threads.SECRET) is None:
        drawn = Secret.insert(name=threads.SECRET, value=secrets.token_hex(_KEY_BYTES))
        drawn.on_conflict_ignore().execute()
    return str(Secret.get_by_id(threads.SECRET).value)


def _conversation(answered: Message | None) -> tuple[str, ...]:
    """The mails that came before, the nearest first; what we made up for a mail without an ID is none."""
    if answered is None:
        return ()
    known = answered.external_id.partition("#")[0] if _is_apart(answered.external_id) else answered.external_id
    own = () if known.startswith("sha256:") else (known,)
    return (*own, *(answered.conversation or "").split())


def _is_apart(external_id: str) -> bool:
    """Whether a mark of ours stands behind a Message-ID: it came a second time, with another text."""
    _, mark, digest = external_id.rpartition("#")
    return bool(mark) and len(digest) == 8 and "@" not in digest


def _automatic(item: Item) -> str:
    """What RFC 3834 calls it; empty for what a person wrote."""
    if item.kind is NoticeKind.ACKNOWLEDGE:
        return "auto-replied"
    return "auto-generated" if item.payload.get("automatic") else ""


def _quoted(answered: Message) -> tuple[str, str, datetime] | None:
    text = answered.body if answered.new_text is None else answered.new_text
    return (answered.sender_name or answered.sender, text, answered.timestamp) if text.strip() else None


def _remember(letter: Letter, answer: Message | None, now: datetime) -> None:
    row = tables.Letter.insert(
        external_id=letter.message_id,
        case=letter.case_id,
        message=answer,
        recipients=" ".join((letter.to, *letter.copies)),
        at=now,
    )
    row.on_conflict_ignore().execute()


def left_out(claimed: Claimed, *, now: datetime) -> bool:
    """Note that there is nothing left to send; returns whether it was still ours. One transaction."""
    if claimed.items[0].kind is NoticeKind.ANSWER:
        return replies.left_out(claimed, now=now)
    return notices.mark_sent(claimed, channel="", ts="", now=now)


def sent(claimed: Claimed, *, refused: str, now: datetime, limits: Limits) -> bool:
    """Note that a letter was sent, and which of its readers the server refused, if any; one transaction.

    Returns whether that was news: another process may have noted it already.
    """
    item = claimed.items[0]
    with book.atomic():
        if item.kind is NoticeKind.ANSWER:
            is_news = replies.sent(claimed, channel="", ts="", now=now, limits=limits)
        else:
            is_news = notices.mark_sent(claimed, channel="", ts="", now=now)
        if refused and is_news and item.case_id is not None:
            history.add(lock_case(item.case_id), now, "casebook", "not delivered", refused)
            notices.log(f"A mail in {item.case_id} did not reach everybody: {refused}", now=now, case_id=item.case_id)
        return is_news


def sent_alone(claimed: Claimed, *, now: datetime) -> None:
    """Note that a letter was sent though what follows from it cannot be noted, and say so; one transaction."""
    case_id = claimed.items[0].case_id
    with book.atomic():
        if notices.mark_sent(claimed, channel="", ts="", now=now):
            words = f"A mail in {case_id} was sent, but not what follows from it: see the log."
            notices.log(words, now=now, case_id=case_id)


def refused(claimed: Claimed, *, error: str, retry_at: datetime | None, now: datetime) -> bool:
    """Note that a letter was refused, and when it is tried again; returns whether it was still ours. One transaction.

    An answer stays in the outbox, and what became of it stands where it was written. What nobody wrote by hand is
    given up when there is no time for another try, and the log channel says so.
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
    """Note that the mail server was not there, or went away and may have taken the letter.

    Returns whether it was still ours. One transaction.
    """
    item = claimed.items[0]
    with book.atomic():
        if item.case_id is not None:
            lock_case(item.case_id)  # before its notice, as everywhere
        note = notices.mark_uncertain if maybe_sent else notices.put_off
        is_ours = note(claimed, error=error, retry_at=retry_at)
        if is_ours and item.kind is NoticeKind.ANSWER:
            replies.show_again(claimed, now=now)
        return is_ours
