"""Answers written in Slack: drafted, perhaps taken back, and sent where the customer wrote last (design 3.7)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from casebook import ledger, notices, routing
from casebook.conversation import attachments, destinations, messages, response_state
from casebook.database import lock_case, locked
from casebook.errors import NoSuchCaseError, NothingToSayError, TooLateError, TooLongError, WroteMeanwhileError
from casebook.incoming import Incoming, Standing
from casebook.intake import duplicates
from casebook.models import Case, Message, Notice, Post, book
from casebook.outbound.email import Readers
from casebook.outbound.reply_views import UNSENT, notices_of, view
from casebook.outcomes import CaseChange, Claimed, NoticeKind, Outcome, Received
from casebook.records import history
from casebook.rules import Limits
from casebook.views import AnswerState

__all__ = [
    "AnswerState", "check_answerable", "check_text", "draft", "failed", "forget", "not_sent", "notice_of",
    "refresh_shown_state", "send_later", "sent", "show_claimed_state", "show_state", "take_back", "try_again", "view",
]  # fmt: skip

REASON = "an answer"  # the reason in the ledger for a message that was written as an answer
MOST_CHARACTERS = 12_000  # of an answer: after escaping it must still fit into one post


def check_answerable(case_id: str, limits: Limits) -> Readers:
    """Check that an answer to this case can be sent, before anything is typed; returns who will read it.

    Raises NoSuchCaseError, CaseClosedError, NoWayToAnswerError.
    """
    case = Case.get_or_none(Case.case_id == case_id)
    if case is None:
        raise NoSuchCaseError(f"There is no case {case_id}.")
    to = destinations.for_answer(case, limits)
    customer = str(case.customer_name or case.customer_identifier)
    last = routing.last_of_customer(case)
    last_id = None if last is None else last.id
    if to.lane != notices.MAIL:
        return Readers(named=customer, last=last_id, choices=())
    address = destinations.address_of(case, last)
    copies = destinations.copies(case, last, address)
    named = customer if address == case.customer_identifier else address
    return Readers(
        named=f"{named}, with a copy to {', '.join(copies)}," if copies else named,
        last=last_id,
        choices=destinations.address_choices(case, last),
    )


def draft(
    incoming: Incoming,
    *,
    now: datetime,
    undo: timedelta,
    limits: Limits,
    to: str = "",
    seen: int | None = None,
    outcome: Outcome = Outcome.MESSAGE,
) -> Received:
    """Store an answer, to be sent after `undo` unless it is taken back; one transaction.

    The case is that of the conversation, or the one that the message names. `to` is the address that the author chose,
    `seen` the ID of the customer's last message that they knew. If it raises NoSuchCaseError, CaseClosedError,
    NoWayToAnswerError, NothingToSayError, TooLongError or WroteMeanwhileError, nothing is stored.
    """
    with book.atomic():
        incoming, row = ledger.identify(incoming)
        if (row := row or duplicates.ignore_duplicate(incoming, now=now)) is not None:
            return ledger.known(row)
        check_text(incoming.body)
        place = routing.place(replace(incoming, standing=Standing.NOTE))
        if place.case is None:
            raise NoSuchCaseError
        case = lock_case(place.case.case_id)
        _check_nothing_new(case, seen)
        destination = destinations.for_answer(case, limits, to=to)
        message = messages.insert(case, replace(incoming, standing=Standing.DRAFT))
        send_later(message, destination, now=now, due_at=now + undo)
        return ledger.enter(
            incoming.source, incoming.external_id, outcome, now=now, reason=REASON, case_id=case.case_id
        )


def send_later(message: Message, destination: destinations.Destination, *, now: datetime, due_at: datetime) -> None:
    """Schedule a draft to be sent, and show that it is pending; inside the caller's transaction."""
    notices.put(
        NoticeKind.ANSWER,
        lane=destination.lane,
        now=now,
        case_id=message.case_id,
        target=f"answer:{message.id}",
        payload=destination.payload,
        due_at=due_at,
    )
    attachments.pass_on(message, now=now)  # files downloaded while the answer is pending can be sent with it
    show_state(message, now=now)


def check_text(text: str) -> None:
    """Check the length of an answer; raises NothingToSayError, TooLongError."""
    if not text.strip():
        raise NothingToSayError
    if len(text) > MOST_CHARACTERS:
        raise TooLongError


def _check_nothing_new(case: Case, seen: int | None) -> None:
    """Raise WroteMeanwhileError if the customer has written since: that may change the answer, and its recipients."""
    last = None if seen is None else routing.last_of_customer(case)
    if last is not None and last.id != seen:
        raise WroteMeanwhileError(last.id, last.sender_name or last.sender, response_state.new_text_of(last))


def show_state(message: Message, *, now: datetime) -> None:
    """Show the state of an answer under the card; inside the caller's transaction."""
    notices.put(
        NoticeKind.ANSWER_STATE, lane=notices.SUPPORT, now=now, case_id=message.case_id, target=f"state:{message.id}"
    )


def refresh_shown_state(message: Message, *, now: datetime) -> None:
    """Update the state shown for a message, if one is or will be shown: it may be no answer, or none any more."""
    state = (Notice.target == f"state:{message.id}") & (Notice.kind == NoticeKind.ANSWER_STATE)
    if Post.select().where(Post.key == f"state:{message.id}").exists() or Notice.select().where(state).exists():
        show_state(message, now=now)


def notice_of(message_id: int) -> Notice | None:
    """The notice that sends an answer, locked; the latest one if the answer was a note in between."""
    notice: Notice | None = locked(notices_of(message_id)).first()
    return notice


def _locked_answer(message_id: int) -> tuple[Case, Message]:
    """The case of an answer, locked, and the answer as it is under the lock; raises NoSuchCaseError."""
    message = Message.get_or_none(Message.id == message_id)
    if message is None:
        raise NoSuchCaseError("There is no such answer.")
    return lock_case(message.case_id), Message.get_by_id(message_id)


def take_back(message_id: int, *, by: str, now: datetime) -> CaseChange:
    """Take an answer back before it is sent; raises TooLateError; one transaction."""
    with book.atomic():
        case, message = _locked_answer(message_id)
        notice = notice_of(message_id)
        if message.standing in UNSENT or (notice is not None and notice.state == "dropped"):
            raise TooLateError("The answer was taken back already; the customer has not seen it.")
        if notice is None or notice.state not in ("pending", "failed") or notice.claimed_until is not None:
            raise TooLateError
        notices.drop([notice.id])
        message.standing = Standing.TAKEN_BACK
        message.save(only=[Message.standing])
        history.add(case, now, by, "answer taken back")
        show_state(message, now=now)
        return CaseChange(case_id=case.case_id, at=now, by=by, customer=case.customer_identifier)


def sent(claimed: Claimed, *, channel: str, ts: str, now: datetime, limits: Limits) -> bool:
    """Record that an answer was sent: from now on it counts, ends the episode, and may close; one transaction.

    Returns whether that was new: another courier may have found the post before this one returned.
    """
    with book.atomic():
        case = lock_case(claimed.items[0].case_id or "")
        if not notices.mark_sent(claimed, channel=channel, ts=ts, now=now):
            return False
        message = Message.get_by_id(claimed.items[0].target_id)
        sent_at = max(_sent_at(ts, now), case.created_at)  # never earlier than the case, whichever clock is wrong
        message.kind, message.standing, message.timestamp = "message", Standing.ADMIN, sent_at
        message.save(only=[Message.kind, Message.standing, Message.timestamp])
        history.add(case, now, message.sender, "answered")
        messages.count_sent_answer(case, message, now=now, limits=limits)
        attachments.pass_on(message, now=now)
        show_state(message, now=now)
        return True


def _sent_at(ts: str, now: datetime) -> datetime:
    """When an answer was sent: in Slack by Slack's clock, like the customer's messages there."""
    return min(now, datetime.fromtimestamp(float(ts), UTC)) if ts else now


def forget(message: Message) -> None:
    """Drop a draft that its author deleted; inside the caller's transaction."""
    notice = notice_of(message.id) if message.standing == Standing.DRAFT else None
    if notice is not None and notice.claimed_until is None:
        notices.drop([notice.id])
        Message.update(standing=Standing.TAKEN_BACK).where(Message.id == message.id).execute()


def not_sent(claimed: Claimed, *, now: datetime) -> bool:
    """Record that an answer is not sent, since its author deleted it during the delivery; one transaction.

    Returns whether the claim was still ours.
    """
    with book.atomic():
        lock_case(claimed.items[0].case_id or "")
        if not notices.give_up(claimed):
            return False
        message = Message.get_by_id(claimed.items[0].target_id)
        message.standing = Standing.TAKEN_BACK
        message.save(only=[Message.standing])
        show_state(message, now=now)
        return True


def failed(claimed: Claimed, *, error: str, retry_at: datetime, now: datetime, uncertain: bool = False) -> bool:
    """Record that an answer was refused, and show it where it was written; it will be tried again.

    Returns whether the claim was still ours. One transaction.
    """
    with book.atomic():
        lock_case(claimed.items[0].case_id or "")  # before its notice: the same order everywhere
        is_ours = notices.mark_failed(claimed, error=error, retry_at=retry_at, uncertain=uncertain)
        if is_ours:
            show_claimed_state(claimed, now=now)
        return is_ours


def show_claimed_state(claimed: Claimed, *, now: datetime) -> None:
    """Show the state of a claimed answer where it was written; inside the caller's transaction."""
    show_state(Message.get_by_id(claimed.items[0].target_id), now=now)


def try_again(message_id: int, *, by: str, now: datetime) -> CaseChange:
    """Try to send a refused answer now instead of at its next retry; raises TooLateError; one transaction."""
    with book.atomic():
        case, _ = _locked_answer(message_id)
        notice = notice_of(message_id)
        if notice is None or notice.state not in ("pending", "failed"):
            raise TooLateError("This answer does not wait any more.")
        if notice.claimed_until is None:
            notice.due_at = now
            notice.save(only=[Notice.due_at])
        return CaseChange(case_id=case.case_id, at=now, by=by, customer=case.customer_identifier)
