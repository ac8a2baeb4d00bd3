"""Edits and deletions of messages, whether the messages are stored or not (design 3.11)."""

from dataclasses import replace
from datetime import datetime

from casebook import cases, escalation, ledger
from casebook.conversation import attachment_lines, attachments, file_lines, previews, response_state
from casebook.conversation.mentions import same_words
from casebook.conversation.messages import store_earlier_text
from casebook.database import lock_case
from casebook.incoming import Incoming
from casebook.intake import duplicates
from casebook.intake.receive import take_in
from casebook.models import Case, LedgerRow, Message, Version, book
from casebook.outbound import replies
from casebook.outcomes import Outcome, Received
from casebook.rules import Limits


def edit(incoming: Incoming, *, now: datetime, limits: Limits) -> Received:
    """Apply an edit to a stored message, keep its earlier text, and check the keywords again.

    If the edit arrives before the message, it contains the whole message, which is stored. One transaction.
    """
    with book.atomic():
        found = find_locked(incoming)
        if found is None:
            left_out = _locked_row(incoming.source, incoming.external_id)
            if left_out is not None and duplicates.differs_from_original(incoming, left_out):
                return take_in(incoming, now=now, limits=limits, outcome=Outcome.EDITED, own_row=left_out)
            received = cases.receive(incoming, now=now, limits=limits, outcome=Outcome.EDITED)
            return _edit_waiting(received, incoming, now=now) if received.known else received
        row, case, message = found
        if message.deleted_at is None:
            file_lines.store_reported_transcripts(message, incoming)
            incoming = file_lines.with_stored_details(message, incoming)
            if _only_adds_file_lines(message, incoming):
                return _add_file_lines(row, case, message, incoming, now=now, limits=limits)
        if not _is_new(message, incoming, now=now):
            return ledger.known(row)
        change_text(message, incoming, now=now)
        ledger.settle(row.id, Outcome.EDITED, reason=row.reason, case_id=case.case_id)
        started = escalation.recheck_keywords(case, message, now=now, limits=limits)
        _refresh(message, now=now)
        return Received(ledger_id=row.id, outcome=Outcome.EDITED, case_id=case.case_id, escalated=started)


def find_locked(incoming: Incoming) -> tuple[LedgerRow, Case, Message] | None:
    """A stored message read under the lock of its case, with its ledger row; None if it is not stored.

    Inside the caller's transaction.
    """
    message = _find(incoming)
    if message is None:
        return None
    row = _locked_row(incoming.source, incoming.external_id)
    if row is None:
        raise LookupError(f"message {message.id} has no ledger row")
    case = lock_case(message.case_id)
    return row, case, Message.get_by_id(message.id)


def change_text(message: Message, edited: Incoming, *, now: datetime) -> None:
    """Change the text of a message, and keep the earlier text; inside the caller's transaction.

    The caller has locked the row of its case. Other changes to the given row are saved as well.
    """
    if message.body != edited.body:
        Version.create(message=message, at=now, body=message.body)
    message.body = edited.body
    message.new_text = None if edited.new_text == edited.body else edited.new_text
    message.own_text = edited.own_text
    message.edited_at = edited.edited_at or now
    message.save()


def _locked_row(source: str, external_id: str) -> LedgerRow | None:
    """The ledger row of an item, locked before its case: with the same order everywhere there is no deadlock."""
    row = ledger.find(source, external_id)
    return None if row is None else ledger.locked_row(row.id)


def _find(incoming: Incoming) -> Message | None:
    message: Message | None = Message.get_or_none(
        (Message.source == incoming.source) & (Message.external_id == incoming.external_id)
    )
    return message


def _is_new(message: Message, incoming: Incoming, *, now: datetime) -> bool:
    """Whether an edit changes the message: of two edits, the later one wins, whichever arrives last."""
    if message.deleted_at:
        return False
    made_at = incoming.edited_at or now
    if message.edited_at and made_at < message.edited_at:
        store_earlier_text(incoming, now=now)
        return False
    is_later = bool(incoming.edited_at and incoming.edited_at > (message.edited_at or message.timestamp))
    # Slack also sends edits in which no text was changed; meanwhile a mentioned person's name may have become known.
    if message.body != incoming.body and (is_later or not same_words(message.body, incoming.body)):
        return True
    if is_later:
        Message.update(edited_at=incoming.edited_at).where(Message.id == message.id).execute()
    return False


def _only_adds_file_lines(message: Message, incoming: Incoming) -> bool:
    """Whether an event that is not a person's edit only adds details about the message's files."""
    made_at = incoming.edited_at
    if made_at is None or made_at != (message.edited_at or message.timestamp) or message.body == incoming.body:
        return False
    return attachment_lines.only_adds_file_lines(message.body, incoming.body)


def _add_file_lines(
    row: LedgerRow, case: Case, message: Message, incoming: Incoming, *, now: datetime, limits: Limits
) -> Received:
    """Add the new lines about files; no earlier version is kept, and the message does not count as edited."""
    new_text = None if incoming.new_text == incoming.body else incoming.new_text
    file_lines.set_text(message, attachment_lines.MessageText(incoming.body, new_text, incoming.own_text))
    started = escalation.recheck_keywords(case, message, now=now, limits=limits)
    _refresh(message, now=now)
    return Received(ledger_id=row.id, outcome=Outcome(row.outcome), case_id=case.case_id, escalated=started)


def _edit_waiting(received: Received, incoming: Incoming, *, now: datetime) -> Received:
    """Apply an edit to a message that waits for an admin's decision."""
    waiting, made_at = ledger.waiting(received.ledger_id), incoming.edited_at or now
    if waiting is not None and not (waiting.edited_at and made_at < waiting.edited_at):
        edited = replace(
            waiting, body=incoming.body, new_text=incoming.new_text, own_text=incoming.own_text, edited_at=made_at
        )
        ledger.replace_waiting(received.ledger_id, edited)
    return received


def name_people(incoming: Incoming, *, named: Incoming, now: datetime) -> bool:
    """Replace user IDs in a message with names that became known; returns whether it was changed; one transaction.

    This is no edit, so no earlier version is kept. Nothing is changed if the message has another text by now.
    """
    with book.atomic():
        message = _find(incoming)
        if message is None or not same_words(incoming.body, named.body):
            return False
        lock_case(message.case_id)
        incoming, named = (file_lines.with_stored_details(message, each) for each in (incoming, named))
        new_text = None if named.new_text == named.body else named.new_text
        as_stored = (Message.id == message.id) & (Message.body == incoming.body) & Message.deleted_at.is_null()
        if not Message.update(body=named.body, new_text=new_text, own_text=named.own_text).where(as_stored).execute():
            return False
        _refresh(Message.get_by_id(message.id), now=now)
        return True


def delete(source: str, external_id: str, *, now: datetime) -> Received:
    """Delete a message's text everywhere but keep its row; one transaction.

    If the deletion arrives before the message, a ledger row is written, so that the message is ignored when it arrives.
    """
    with book.atomic():
        row = _locked_row(source, external_id)
        if row is None:
            return ledger.enter(source, external_id, Outcome.DELETED, now=now, reason="deleted before it was seen")
        if row.outcome == Outcome.DELETED:
            return ledger.known(row)
        message: Message | None = Message.get_or_none((Message.source == source) & (Message.external_id == external_id))
        if message is not None and (second := duplicates.keep_second_copy(message, row)) is not None:
            return second
        ledger.settle(row.id, Outcome.DELETED, reason=row.reason, case_id=row.case_id)
        if message is not None:
            lock_case(message.case_id)
            message.body, message.new_text, message.own_text, message.subject = "", None, None, ""
            message.deleted_at = now
            message.save(only=[Message.body, Message.new_text, Message.own_text, Message.subject, Message.deleted_at])
            Version.update(body="").where(Version.message == message).execute()
            _clear_case(message)
            replies.forget(message)
            attachments.forget(message, now=now)
            _refresh(message, now=now)
        return Received(ledger_id=row.id, outcome=Outcome.DELETED, case_id=row.case_id)


def _clear_case(message: Message) -> None:
    """Remove a deleted message's subject from its case, and no longer wait for an answer to it."""
    case = lock_case(message.case_id)
    if previews.of(case) == message:  # the case has its subject
        case.subject = ""
    if case.status == "open":
        case.waiting_since = response_state.waiting_since(case)
    case.save(only=[Case.subject, Case.waiting_since])


def _refresh(message: Message, *, now: datetime) -> None:
    """Update the posts that show the message."""
    attachments.refresh_posts(message, now=now)
    replies.refresh_shown_state(message, now=now)
