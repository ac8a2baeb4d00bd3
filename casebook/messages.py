"""Adding a message to a case, and what follows from it by the rules; inside the caller's transaction."""

from datetime import datetime

from casebook import closing, escalation, notices
from casebook.incoming import Incoming, Source, Standing
from casebook.models import Case, Message, Participant, Post, Thread
from casebook.outcomes import NoticeKind
from casebook.rules import (
    CaseFacts,
    Limits,
    check_followup_escalation,
    check_keyword_escalation,
    detect_closure_phrase,
)

_COUNTED = (Standing.CUSTOMER, Standing.ADMIN, Standing.CLAIM)  # the rest are notes


def add_message_to_case(
    case: Case, incoming: Incoming, *, now: datetime, limits: Limits, first: bool = False
) -> Message:
    """Store a message with its case, apply the rules, and put what must be said; the row of the case is locked.

    `first` says that it opened the case. A message that reaches a closed case is kept there and changes nothing.
    """
    message = insert(case, incoming)
    _remember_who_and_where(case, incoming)
    was_open = case.status == "open"
    if incoming.standing in _COUNTED:
        _count(case, message)
    if was_open:
        _follow_the_rules(case, message, incoming, now=now, limits=limits, first=first)
    if not first and not _written_under_card(incoming):
        notices.put(
            NoticeKind.THREAD,
            lane=notices.SUPPORT,
            now=now,
            case_id=case.case_id,
            target=f"message:{message.id}",
        )
    if incoming.standing in _COUNTED:
        notices.card(case.case_id, now=now)
    return message


def insert(case: Case, incoming: Incoming) -> Message:
    """Store a message whole; inside the caller's transaction, and nothing follows from it."""
    message: Message = Message.create(
        case=case,
        sender=incoming.sender,
        sender_name=incoming.sender_name,
        is_admin=incoming.standing in (Standing.ADMIN, Standing.NOTE, Standing.DRAFT),
        kind="message" if incoming.standing in _COUNTED else "note",
        standing=incoming.standing,
        body=incoming.body,
        new_text=None if incoming.new_text == incoming.body else incoming.new_text,
        subject=incoming.subject,
        timestamp=incoming.timestamp,
        source=incoming.source,
        external_id=incoming.external_id,
        place=incoming.place,
        thread=incoming.thread,
        cut=incoming.cut,
    )
    return message


def _remember_who_and_where(case: Case, incoming: Incoming) -> None:
    """Let later messages find the case: by a thread whose beginning is not in the book, by who takes part."""
    if incoming.source is Source.SLACK and incoming.conversation and not _written_under_card(incoming):
        root = incoming.conversation[0]
        begun_here = Message.select().where((Message.source == incoming.source) & (Message.external_id == root))
        if not begun_here.exists():
            Thread.insert(external_id=root, case=case).on_conflict_ignore().execute()
    if incoming.standing is Standing.CUSTOMER and incoming.sender != case.customer_identifier:
        Participant.insert(case=case, person=incoming.sender, stranger=True).on_conflict_ignore().execute()


def _written_under_card(incoming: Incoming) -> bool:
    """Whether it stands under the case's card already, so that no copy is wanted there."""
    if incoming.source is not Source.SLACK or not incoming.thread:
        return False
    return incoming.standing in (Standing.NOTE, Standing.REMARK) and (
        Post.select().where((Post.channel == incoming.place) & (Post.ts == incoming.thread)).exists()
    )


def _count(case: Case, message: Message) -> None:
    case.message_count += 1
    case.last_message_at = max(case.last_message_at, message.timestamp)
    Case.update(message_count=Case.message_count + 1, last_message_at=case.last_message_at).where(
        Case.case_id == case.case_id
    ).execute()


def let_answer_count(case: Case, message: Message, *, now: datetime, limits: Limits) -> None:
    """An answer that was a draft has been sent: from now on it counts as every other; inside the caller's transaction.

    The row of the case is locked by the caller.
    """
    _count(case, message)
    if case.status == "open":
        _admin_answered(case, message, now=now)
        if detect_closure_phrase(message.body):
            closing.shut(case, by=message.sender, now=now, limits=limits)
    notices.card(case.case_id, now=now)


def _follow_the_rules(
    case: Case, message: Message, incoming: Incoming, *, now: datetime, limits: Limits, first: bool
) -> None:
    match incoming.standing:
        case Standing.CUSTOMER:
            _customer_wrote(case, message, incoming, now=now, limits=limits, first=first)
        case Standing.ADMIN:
            _admin_answered(case, message, now=now)
    closes = incoming.standing in (Standing.ADMIN, Standing.NOTE) and detect_closure_phrase(incoming.new_text)
    if closes:
        closing.shut(case, by=incoming.sender, now=now, limits=limits)


def _customer_wrote(
    case: Case, message: Message, incoming: Incoming, *, now: datetime, limits: Limits, first: bool
) -> None:
    if not case.answered_at or message.timestamp > case.answered_at:
        case.waiting_since = min(message.timestamp, case.waiting_since or message.timestamp)
    case.silent_since = max(case.silent_since, message.timestamp)
    case.save(only=[Case.waiting_since, Case.silent_since])
    text = f"{incoming.subject}\n{incoming.new_text}" if first else incoming.new_text
    facts = look_at(case, message, text, limits=limits)
    reasons = (
        check_keyword_escalation(facts.new_text, limits=limits),
        check_followup_escalation(facts.unanswered, limits=limits, since=facts.unanswered_since),
    )
    escalation.start_episode(case, [reason for reason in reasons if reason], now=now, triggered_at=message.timestamp)


def look_at(case: Case, message: Message, text: str, *, limits: Limits) -> CaseFacts:
    """What the rules need to know after a customer's message: what came before the last answer does not count."""
    floor = _floor(case)
    times = unanswered(case, limits=limits)
    return CaseFacts(
        silent_since=case.silent_since,
        waiting_since=case.waiting_since,
        unanswered=len(times),
        unanswered_since=times[0] if times else None,
        new_text=text if floor is None or message.timestamp > floor else "",
    )


def unanswered(case: Case, *, limits: Limits) -> list[datetime]:
    """The times of the customer's messages since our last answer and the last episode, up to one over the limit."""
    query = Message.select(Message.timestamp).where(
        (Message.case == case) & (Message.standing == Standing.CUSTOMER) & Message.deleted_at.is_null()
    )
    floor = _floor(case)
    if floor is not None:
        query = query.where(Message.timestamp > floor)
    return [row.timestamp for row in query.order_by(Message.timestamp).limit(limits.follow_ups + 1)]


def _floor(case: Case) -> datetime | None:
    """Only what was written after this counts for keywords and follow-ups."""
    return max(filter(None, (case.answered_at, case.settled_at)), default=None)


def _admin_answered(case: Case, message: Message, *, now: datetime) -> None:
    """An answer ends the episode, unless it was written before what started it and only arrived late."""
    episode = escalation.open_episode(case)
    if episode is not None and message.timestamp >= episode.triggered_at:
        escalation.end_episode(case, at=message.timestamp, by=message.sender, how="answered", now=now)
    case.answered_at = max(message.timestamp, case.answered_at or message.timestamp)
    case.silent_since = max(case.silent_since, message.timestamp)
    waiting = (
        Message.select(Message.timestamp)
        .where(
            (Message.case == case)
            & (Message.standing == Standing.CUSTOMER)
            & (Message.timestamp > case.answered_at)
            & Message.deleted_at.is_null()
        )
        .order_by(Message.timestamp)
        .first()
    )
    case.waiting_since = None if waiting is None else waiting.timestamp
    case.save(only=[Case.answered_at, Case.silent_since, Case.waiting_since])
