"""Adding a message to a case, and applying the rules to it; inside the caller's transaction."""

from datetime import datetime

from casebook import escalation, notices
from casebook.conversation import attachments, late_arrivals, previews, response_state, transcripts
from casebook.incoming import Incoming, Source, Standing
from casebook.models import Case, Message, Participant, Thread, Version
from casebook.outcomes import NoticeKind
from casebook.rules import Limits, detect_closure_phrase

_MOST_REFERENCES = 30
_MOST_ADDRESSED = 100
_MOST_CHARACTERS = 4000
_COUNTED = (Standing.CUSTOMER, Standing.ADMIN, Standing.CLAIM)  # the rest are notes


def add_message_to_case(
    case: Case, incoming: Incoming, *, now: datetime, limits: Limits, first: bool = False
) -> Message:
    """Store a message in a case, apply the rules, and add the notices; the caller has locked the row of the case.

    `first` means that it opened the case. A message that is added to a closed case has no effect.
    """
    is_first = first or incoming.timestamp < case.created_at
    is_preview = incoming.standing in _COUNTED and (is_first or case.message_count == 0)
    before = previews.of(case) if is_preview and not first else None
    message = insert(case, incoming)
    _store_thread_and_participant(case, incoming)
    if incoming.standing in _COUNTED:
        _count(case, message)
    if case.status == "open":
        _apply_rules(case, message, incoming, now=now, limits=limits, first=is_first)
    else:
        _update_closed_case(case, message)
    previews.repost_former_preview(case, before, message, now=now)
    if not is_preview and not _written_under_card(incoming):
        previews.post(case, message, now=now)
    if incoming.attachments:
        attachments.pass_on(message, now=now)
        transcripts.request_later(message, now=now)
    if incoming.standing in _COUNTED:
        notices.card(case.case_id, now=now)
    if incoming.standing is Standing.CLAIM:
        target = f"claim:{message.id}"
        notices.put(NoticeKind.CLAIM, lane=notices.SUPPORT, now=now, case_id=case.case_id, target=target)
    return message


def insert(case: Case, incoming: Incoming) -> Message:
    """Store a message without applying any rules; inside the caller's transaction."""
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
        conversation=_joined(incoming.conversation, incoming, _MOST_REFERENCES),
        addressed=_joined(incoming.addressed, incoming, _MOST_ADDRESSED),
        reply_to=incoming.reply_to,
        is_reply_to_safe=incoming.is_reply_to_safe,
        vouched=incoming.vouched,
        client_message_id=incoming.client_message_id or None,
    )
    attachments.add(message, incoming.attachments)
    return message


def _edited_at(incoming: Incoming) -> datetime | None:
    """When it was edited; Slack also sends "edits" of messages whose text nobody has changed."""
    return incoming.edited_at if incoming.edited_at and incoming.edited_at > incoming.timestamp else None


def store_earlier_text(incoming: Incoming, *, now: datetime) -> None:
    """Store the text from before an edit when it arrives after the edit; inside the caller's transaction."""
    message = Message.get_or_none((Message.source == incoming.source) & (Message.external_id == incoming.external_id))
    if message is None or message.edited_at is None or message.deleted_at or message.body == incoming.body:
        return
    stored = Version.select().where((Version.message == message) & (Version.body == incoming.body))
    if not stored.exists():
        Version.create(message=message, at=now, body=incoming.body)


def _joined(names: tuple[str, ...], incoming: Incoming, most: int) -> str | None:
    """Message-IDs or addresses of an email as one string with spaces, shortened if there are too many; else None."""
    if incoming.source is not Source.EMAIL:
        return None
    kept = names[:most]
    while len(" ".join(kept)) > _MOST_CHARACTERS:
        kept = kept[:-1]
    return " ".join(kept) or None


def _store_thread_and_participant(case: Case, incoming: Incoming) -> None:
    """Store what leads later messages to the case: a thread whose first message is not stored, and who takes part."""
    if incoming.source is Source.SLACK and incoming.conversation and not _written_under_card(incoming):
        root = incoming.conversation[0]
        root_message = Message.select().where((Message.source == incoming.source) & (Message.external_id == root))
        if not root_message.exists():
            Thread.insert(external_id=root, case=case).on_conflict_ignore().execute()
    if incoming.standing is Standing.CUSTOMER and incoming.sender != case.customer_identifier:
        Participant.insert(case=case, person=incoming.sender, stranger=True).on_conflict_ignore().execute()


def _written_under_card(incoming: Incoming) -> bool:
    """Whether it was written under the card, so that no copy needs to be posted there."""
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


def _update_closed_case(case: Case, message: Message) -> None:
    """Update the times of a closed case, which matter once it is reopened."""
    if message.standing not in (Standing.CUSTOMER, Standing.ADMIN):
        return
    if message.standing == Standing.ADMIN:
        case.answered_at = max(message.timestamp, case.answered_at or message.timestamp)
    case.silent_since = max(case.silent_since, message.timestamp)
    case.save(only=[Case.answered_at, Case.silent_since])


def count_sent_answer(case: Case, message: Message, *, now: datetime, limits: Limits) -> None:
    """Count an answer that was a draft and has been sent, and apply the rules; inside the caller's transaction.

    The caller has locked the row of the case.
    """
    _count(case, message)
    apply_admin_answer(case, message, now=now, limits=limits)


def apply_admin_answer(case: Case, message: Message, *, now: datetime, limits: Limits, how: str = "") -> None:
    """Apply the rules to a stored message that has become an admin's answer: it ends an episode, and may close.

    `how` is added to a closing in the case's history. The caller has locked the row of the case.
    """
    if case.status == "open":
        _admin_answered(case, message, now=now, limits=limits)
        if detect_closure_phrase(response_state.rules_text(message)):
            late_arrivals.close_by_words(case, message, now=now, limits=limits, reason=how)
    notices.card(case.case_id, now=now)


def count_moved_message(case: Case, message: Message, *, now: datetime, limits: Limits) -> None:
    """Count a message that was moved here from another case, and apply the rules.

    Closing words in it have no effect, since they were about the other case. The caller has locked the row of the case.
    """
    if message.standing in _COUNTED:
        _count(case, message)
    if message.standing == Standing.CUSTOMER:
        _customer_wrote(case, message, response_state.rules_text(message), now=now, limits=limits)
    elif message.standing == Standing.ADMIN:
        _admin_answered(case, message, now=now, limits=limits)


def _apply_rules(
    case: Case, message: Message, incoming: Incoming, *, now: datetime, limits: Limits, first: bool
) -> None:
    match incoming.standing:
        case Standing.CUSTOMER:
            text = f"{incoming.subject}\n{incoming.rules_text}" if first else incoming.rules_text
            _customer_wrote(case, message, text, now=now, limits=limits)
        case Standing.ADMIN:
            _admin_answered(case, message, now=now, limits=limits)
    closes = incoming.standing in (Standing.ADMIN, Standing.NOTE) and detect_closure_phrase(incoming.rules_text)
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
    """An answer ends the episode, unless it arrived late and what the customer wrote after it would escalate again."""
    case.answered_at = max(message.timestamp, case.answered_at or message.timestamp)
    case.silent_since = max(case.silent_since, message.timestamp)
    case.waiting_since = response_state.waiting_since(case)
    case.save(only=[Case.answered_at, Case.silent_since, Case.waiting_since])
    if escalation.can_be_ended_by(case, message.timestamp) and not response_state.is_still_urgent(case, limits=limits):
        escalation.end_episode(case, at=message.timestamp, by=message.sender, how="answered", now=now)
