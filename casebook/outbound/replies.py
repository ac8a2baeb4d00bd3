"""Answering a customer from Slack: drafted, perhaps taken back, then sent where they wrote last (design 3.7)."""

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
from casebook.outcomes import CaseChange, Claimed, Item, NoticeKind, Outcome, Received
from casebook.records import history
from casebook.rules import Limits
from casebook.views import AnswerState

__all__ = [
    "AnswerState", "check_answerable", "check_words", "draft", "failed", "forget", "left_out", "message_of",
    "notice_of", "send_later", "sent", "show", "show_again", "show_if_shown", "take_back", "try_again", "view",
]  # fmt: skip

REASON = "an answer"  # in the ledger, of what was written to be sent
MOST_CHARACTERS = 12_000  # of an answer: escaped, it must still fit into one post


def check_answerable(case_id: str, limits: Limits) -> Readers:
    """Whether an answer to this case can be sent, before anything is typed; returns who will read it.

    Raises NoSuchCaseError, CaseClosedError, NoWayToAnswerError.
    """
    case = Case.get_or_none(Case.case_id == case_id)
    if case is None:
        raise NoSuchCaseError(f"There is no case {case_id}.")
    to = destinations.of_answer(case, limits)
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
        choices=destinations.choices(case, last),
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
    """Keep an answer and send it after `undo`, unless it is taken back; one transaction.

    The case is that of the conversation, or the one that is named. `to` is the address that its author chose, `seen`
    the customer's last message that they knew of. Nothing is kept where it raises NoSuchCaseError, CaseClosedError,
    NoWayToAnswerError, NothingToSayError, TooLongError, WroteMeanwhileError.
    """
    with book.atomic():
        incoming, row = ledger.identify(incoming)
        if (row := row or duplicates.leave_out(incoming, now=now)) is not None:
            return ledger.known(row)
        check_words(incoming.body)
        place = routing.place(replace(incoming, standing=Standing.NOTE))
        if place.case is None:
            raise NoSuchCaseError
        case = lock_case(place.case.case_id)
        _check_seen(case, seen)
        where = destinations.of_answer(case, limits, to=to)
        message = messages.insert(case, replace(incoming, standing=Standing.DRAFT))
        send_later(message, where, now=now, due_at=now + undo)
        return ledger.enter(
            incoming.source, incoming.external_id, outcome, now=now, reason=REASON, case_id=case.case_id
        )


def send_later(message: Message, where: destinations.Destination, *, now: datetime, due_at: datetime) -> None:
    """Send a message that is a draft at its time, and show that it waits; inside the caller's transaction."""
    notices.put(
        NoticeKind.ANSWER,
        lane=where.lane,
        now=now,
        case_id=message.case_id,
        target=f"answer:{message.id}",
        payload=where.payload,
        due_at=due_at,
    )
    attachments.pass_on(message, now=now)  # what is fetched while the answer waits can go out with it
    show(message, now=now)


def check_words(text: str) -> None:
    """Whether an answer can say this; raises NothingToSayError, TooLongError."""
    if not text.strip():
        raise NothingToSayError
    if len(text) > MOST_CHARACTERS:
        raise TooLongError


def _check_seen(case: Case, seen: int | None) -> None:
    """What somebody wrote meanwhile may change the answer, and who gets it."""
    last = None if seen is None else routing.last_of_customer(case)
    if last is not None and last.id != seen:
        raise WroteMeanwhileError(last.id, last.sender_name or last.sender, response_state.written(last))


def show(message: Message, *, now: datetime) -> None:
    """Under the card stands what has become of the answer; inside the caller's transaction."""
    notices.put(
        NoticeKind.ANSWER_STATE, lane=notices.SUPPORT, now=now, case_id=message.case_id, target=f"state:{message.id}"
    )


def show_if_shown(message: Message, *, now: datetime) -> None:
    """The same of a message that may be no answer, or none any more."""
    state = (Notice.target == f"state:{message.id}") & (Notice.kind == NoticeKind.ANSWER_STATE)
    if Post.select().where(Post.key == f"state:{message.id}").exists() or Notice.select().where(state).exists():
        show(message, now=now)


def notice_of(message_id: int) -> Notice | None:
    """The notice that sends an answer, locked; of one that was made a note and an answer again, the last."""
    notice: Notice | None = locked(notices_of(message_id)).first()
    return notice


def take_back(message_id: int, *, by: str, now: datetime) -> CaseChange:
    """Take an answer back before it is sent; raises TooLateError; one transaction."""
    with book.atomic():
        message = Message.get_or_none(Message.id == message_id)
        if message is None:
            raise NoSuchCaseError("There is no such answer.")
        case = lock_case(message.case_id)
        message = Message.get_by_id(message_id)  # as it is under the lock
        notice = notice_of(message_id)
        if message.standing in UNSENT or (notice is not None and notice.state == "dropped"):
            raise TooLateError("The answer was taken back already; the customer has not seen it.")
        if notice is None or notice.state not in ("pending", "failed") or notice.claimed_until is not None:
            raise TooLateError
        notices.drop([notice.id])
        message.standing = Standing.TAKEN_BACK
        message.save(only=[Message.standing])
        history.add(case, now, by, "answer taken back")
        show(message, now=now)
        return CaseChange(case_id=case.case_id, at=now, by=by, customer=case.customer_identifier)


def sent(claimed: Claimed, *, channel: str, ts: str, now: datetime, limits: Limits) -> bool:
    """Note that an answer was sent: only now it counts, ends the episode, and closes by its words; one transaction.

    Returns whether that was news: another courier may have found the post before this one came back.
    """
    with book.atomic():
        case = lock_case(claimed.items[0].case_id or "")
        if not notices.mark_sent(claimed, channel=channel, ts=ts, now=now):
            return False
        message = Message.get(Message.id == message_of(claimed.items[0]))
        said_at = max(_said_at(ts, now), case.created_at)  # by whatever clock, not before what it answers
        message.kind, message.standing, message.timestamp = "message", Standing.ADMIN, said_at
        message.save(only=[Message.kind, Message.standing, Message.timestamp])
        history.add(case, now, message.sender, "answered")
        messages.let_answer_count(case, message, now=now, limits=limits)
        attachments.pass_on(message, now=now)
        show(message, now=now)
        return True


def _said_at(ts: str, now: datetime) -> datetime:
    """When an answer was said: on Slack by Slack's clock, as all that the customer writes there."""
    return min(now, datetime.fromtimestamp(float(ts), UTC)) if ts else now


def forget(message: Message) -> None:
    """Its author deleted a draft: it is not sent; inside the caller's transaction."""
    notice = notice_of(message.id) if message.standing == Standing.DRAFT else None
    if notice is not None and notice.claimed_until is None:
        notices.drop([notice.id])
        Message.update(standing=Standing.TAKEN_BACK).where(Message.id == message.id).execute()


def left_out(claimed: Claimed, *, now: datetime) -> bool:
    """Note that an answer is not sent, since its author deleted it while it was on its way; one transaction.

    Returns whether it was still ours.
    """
    with book.atomic():
        lock_case(claimed.items[0].case_id or "")
        if not notices.give_up(claimed):
            return False
        message = Message.get_by_id(message_of(claimed.items[0]))
        message.standing = Standing.TAKEN_BACK
        message.save(only=[Message.standing])
        show(message, now=now)
        return True


def failed(claimed: Claimed, *, error: str, retry_at: datetime, now: datetime, uncertain: bool = False) -> bool:
    """Note that an answer was refused, and show it where it was written; it is tried again.

    Returns whether it was still ours. One transaction.
    """
    with book.atomic():
        lock_case(claimed.items[0].case_id or "")  # before its notice, as everywhere
        is_ours = notices.mark_failed(claimed, error=error, retry_at=retry_at, uncertain=uncertain)
        if is_ours:
            show_again(claimed, now=now)
        return is_ours


def show_again(claimed: Claimed, *, now: datetime) -> None:
    """Where it was written stands how it is now; inside the caller's transaction."""
    show(Message.get(Message.id == message_of(claimed.items[0])), now=now)


def try_again(message_id: int, *, by: str, now: datetime) -> CaseChange:
    """Send an answer that was refused now, and not when it would be tried by itself; raises TooLateError.

    One transaction.
    """
    with book.atomic():
        message = Message.get_or_none(Message.id == message_id)
        if message is None:
            raise NoSuchCaseError("There is no such answer.")
        case = lock_case(message.case_id)
        notice = notice_of(message_id)
        if notice is None or notice.state not in ("pending", "failed"):
            raise TooLateError("This answer does not wait any more.")
        if notice.claimed_until is None:
            notice.due_at = now
            notice.save(only=[Notice.due_at])
        return CaseChange(case_id=case.case_id, at=now, by=by, customer=case.customer_identifier)


def message_of(item: Item) -> int:
    """The message that a notice of an answer is about."""
    return int(item.target.partition(":")[2])
