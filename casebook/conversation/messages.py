"""Adding a message to a case, and what follows from it by the rules; inside the caller's transaction."""

from datetime import datetime

from casebook import escalation, notices
from casebook.conversation import attachments, late_arrivals, previews, response_state, transcripts
from casebook.incoming import Incoming, Source, Standing
from casebook.models import Case, Message, Participant, Thread, Version
from casebook.outcomes import NoticeKind
from casebook.rules import Limits, detect_closure_phrase

_ANSWERED_AT_MOST = 30
_ADDRESSED_AT_MOST = 100
_KEPT_CHARACTERS = 4000
_COUNTED = (Standing.CUSTOMER, Standing.ADMIN, Standing.CLAIM)  # the rest are notes


def add_message_to_case(
    case: Case, incoming: Incoming, *, now: datetime, limits: Limits, first: bool = False
) -> Message:
    """Store a message with its case, apply the rules, and put what must be said; the row of the case is locked.

    `first` says that it opened the case. A message that reaches a closed case is kept there and changes nothing.
    """
    is_first = first or incoming.timestamp < case.created_at
    is_preview = incoming.standing in _COUNTED and (is_first or case.message_count == 0)
    before = previews.of(case) if is_preview and not first else None
    message = insert(case, incoming)
    _remember_who_and_where(case, incoming)
    if incoming.standing in _COUNTED:
        _count(case, message)
    if case.status == "open":
        _follow_the_rules(case, message, incoming, now=now, limits=limits, first=is_first)
    else:
        _note_in_closed(case, message)
    previews.hand_over(case, before, message, now=now)
    if not is_preview and not _written_under_card(incoming):
        previews.post(case, message, now=now)
    if incoming.attachments:
        attachments.pass_on(message, now=now)
        transcripts.expect(message, now=now)
    if incoming.standing in _COUNTED:
        notices.card(case.case_id, now=now)
    if incoming.standing is Standing.CLAIM:
        target = f"claim:{message.id}"
        notices.put(NoticeKind.CLAIM, lane=notices.SUPPORT, now=now, case_id=case.case_id, target=target)
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
        own_text=incoming.own_text,
        subject=incoming.subject,
        timestamp=incoming.timestamp,
        source=incoming.source,
        external_id=incoming.external_id,
        place=incoming.place,
        thread=incoming.thread,
        cut=incoming.cut,
        edited_at=_edited_at(incoming),
        conversation=_joined(incoming.conversation, incoming, _ANSWERED_AT_MOST),
        addressed=_joined(incoming.addressed, incoming, _ADDRESSED_AT_MOST),
        reply_to=incoming.reply_to,
        is_reply_to_safe=incoming.is_reply_to_safe,
        vouched=incoming.vouched,
        client_message_id=incoming.client_message_id or None,
    )
    attachments.add(message, incoming.attachments)
    return message


def _edited_at(incoming: Incoming) -> datetime | None:
    """When it was edited; Slack also sends an "edit" of a message whose words nobody has changed."""
    return incoming.edited_at if incoming.edited_at and incoming.edited_at > incoming.timestamp else None


def keep_earlier_words(incoming: Incoming, *, now: datetime) -> None:
    """Keep what an edited message said before, when that arrives after its edit; inside the caller's transaction."""
    message = Message.get_or_none((Message.source == incoming.source) & (Message.external_id == incoming.external_id))
    if message is None or message.edited_at is None or message.deleted_at or message.body == incoming.body:
        return
    kept = Version.select().where((Version.message == message) & (Version.body == incoming.body))
    if not kept.exists():
        Version.create(message=message, at=now, body=incoming.body)


def _joined(names: tuple[str, ...], incoming: Incoming, most: int) -> str | None:
    """Message-IDs or addresses of a mail as they are kept, with blanks between them; None where there are none."""
    if incoming.source is not Source.EMAIL:
        return None
    kept = names[:most]
    while len(" ".join(kept)) > _KEPT_CHARACTERS:
        kept = kept[:-1]
    return " ".join(kept) or None


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
    if incoming.source is not Source.SLACK or incoming.standing not in (Standing.NOTE, Standing.REMARK):
        return False
    return attachments.written_under_card(incoming.place, incoming.thread)


def _count(case: Case, message: Message) -> None:
    case.message_count += 1
    case.last_message_at = max(case.last_message_at, message.timestamp)
    if message.timestamp < case.created_at:  # the first message arrives after the second
        case.created_at, case.subject, case.source = message.timestamp, message.subject, message.source
    Case.update(
        message_count=Case.message_count + 1,
        last_message_at=case.last_message_at,
        created_at=case.created_at,
        subject=case.subject,
        source=case.source,
    ).where(Case.case_id == case.case_id).execute()


def _note_in_closed(case: Case, message: Message) -> None:
    """The times of a closed case count once it is reopened."""
    if message.standing not in (Standing.CUSTOMER, Standing.ADMIN):
        return
    if message.standing == Standing.ADMIN:
        case.answered_at = max(message.timestamp, case.answered_at or message.timestamp)
    case.silent_since = max(case.silent_since, message.timestamp)
    case.save(only=[Case.answered_at, Case.silent_since])


def let_answer_count(case: Case, message: Message, *, now: datetime, limits: Limits) -> None:
    """An answer that was a draft has been sent: from now on it counts as every other; inside the caller's transaction.

    The row of the case is locked by the caller.
    """
    _count(case, message)
    take_effect(case, message, now=now, limits=limits)


def take_effect(case: Case, message: Message, *, now: datetime, limits: Limits, how: str = "") -> None:
    """What was without effect is an admin's answer now: it ends an episode, and closes by its words.

    `how` stands beside the closing in the case's history. The row of the case is locked by the caller.
    """
    if case.status == "open":
        _admin_answered(case, message, now=now, limits=limits)
        if detect_closure_phrase(response_state.counted(message)):
            late_arrivals.close_by_words(case, message, now=now, limits=limits, reason=how)
    notices.card(case.case_id, now=now)


def take_in_again(case: Case, message: Message, *, now: datetime, limits: Limits) -> None:
    """What was written in another case counts in this one, as if it had always stood here.

    No words close it: they were about the other one. The row of the case is locked by the caller.
    """
    if message.standing in _COUNTED:
        _count(case, message)
    if message.standing == Standing.CUSTOMER:
        _customer_wrote(case, message, response_state.counted(message), now=now, limits=limits)
    elif message.standing == Standing.ADMIN:
        _admin_answered(case, message, now=now, limits=limits)


def _follow_the_rules(
    case: Case, message: Message, incoming: Incoming, *, now: datetime, limits: Limits, first: bool
) -> None:
    match incoming.standing:
        case Standing.CUSTOMER:
            text = f"{incoming.subject}\n{incoming.counted}" if first else incoming.counted
            _customer_wrote(case, message, text, now=now, limits=limits)
        case Standing.ADMIN:
            _admin_answered(case, message, now=now, limits=limits)
    closes = incoming.standing in (Standing.ADMIN, Standing.NOTE) and detect_closure_phrase(incoming.counted)
    if closes:
        late_arrivals.close_by_words(case, message, now=now, limits=limits)


def _customer_wrote(case: Case, message: Message, text: str, *, now: datetime, limits: Limits) -> None:
    if not case.answered_at or message.timestamp > case.answered_at:
        case.waiting_since = min(message.timestamp, case.waiting_since or message.timestamp)
    case.silent_since = max(case.silent_since, message.timestamp)
    case.save(only=[Case.waiting_since, Case.silent_since])
    reasons = (
        response_state.keyword_reason(case, message, text, limits=limits),
        response_state.followup_reason(case, limits=limits),
    )
    escalation.start_episode(case, [reason for reason in reasons if reason], now=now, triggered_at=message.timestamp)


def _admin_answered(case: Case, message: Message, *, now: datetime, limits: Limits) -> None:
    """An answer ends the episode, unless it only arrived late and what came after it is urgent by itself."""
    case.answered_at = max(message.timestamp, case.answered_at or message.timestamp)
    case.silent_since = max(case.silent_since, message.timestamp)
    case.waiting_since = response_state.waiting_since(case)
    case.save(only=[Case.answered_at, Case.silent_since, Case.waiting_since])
    if escalation.can_be_ended_by(case, message.timestamp) and not response_state.still_urgent(case, limits=limits):
        escalation.end_episode(case, at=message.timestamp, by=message.sender, how="answered", now=now)
