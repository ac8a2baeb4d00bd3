"""Edits and deletions of messages that are in the book, or that never reached it (design 3.11)."""

from dataclasses import replace
from datetime import datetime

from casebook import cases, escalation, ledger
from casebook.conversation import attachment_lines, attachments, file_lines, previews, response_state
from casebook.conversation.mentions import same_words
from casebook.conversation.messages import keep_earlier_words
from casebook.database import lock_case
from casebook.incoming import Incoming, Standing
from casebook.intake import duplicates
from casebook.intake.receive import take_in
from casebook.models import Case, LedgerRow, Message, Version, book
from casebook.outbound import replies
from casebook.outcomes import Outcome, Received
from casebook.rules import Limits


def edit(incoming: Incoming, *, now: datetime, limits: Limits) -> Received:
    """Change a stored message to what it says now, keep what it said before, and look for keywords again.

    An edit that arrives before its message brings the whole message: it is stored as such. One transaction.
    """
    with book.atomic():
        held = under_lock(incoming)
        if held is None:
            left_out = _locked_row(incoming.source, incoming.external_id)
            if left_out is not None and duplicates.told_apart_by(incoming, left_out):
                return take_in(incoming, now=now, limits=limits, outcome=Outcome.EDITED, again=left_out)
            received = cases.receive(incoming, now=now, limits=limits, outcome=Outcome.EDITED)
            return _waiting_changed(received, incoming, now=now) if received.known else received
        row, case, message = held
        if message.deleted_at is None:
            file_lines.learn(message, incoming)
            incoming = file_lines.as_known(message, incoming)
            if _is_completed(message, incoming):
                return _completed(row, case, message, incoming, now=now, limits=limits)
        if not _is_news(message, incoming, now=now):
            return ledger.known(row)
        say(message, incoming, now=now)
        ledger.settle(row.id, Outcome.EDITED, reason=row.reason, case_id=case.case_id)
        started = _look_again(case, message, incoming, now=now, limits=limits)
        _show(message, now=now)
        return Received(ledger_id=row.id, outcome=Outcome.EDITED, case_id=case.case_id, escalated=started)


def under_lock(incoming: Incoming) -> tuple[LedgerRow, Case, Message] | None:
    """A stored message as it is under the lock of its case, and its ledger row; None when it is not stored.

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


def say(message: Message, said: Incoming, *, now: datetime) -> None:
    """The message says this from now on, and what it said before is kept; inside the caller's transaction.

    The row of its case is locked by the caller. What else was changed in the message is saved as well.
    """
    if message.body != said.body:
        Version.create(message=message, at=now, body=message.body)
    message.body = said.body
    message.new_text = None if said.new_text == said.body else said.new_text
    message.own_text = said.own_text
    message.edited_at = said.edited_at or now
    message.save()


def _locked_row(source: str, external_id: str) -> LedgerRow | None:
    """The row of an item, locked before its case is: so two changes of one message never wait for each other."""
    row = ledger.find(source, external_id)
    return None if row is None else ledger.locked_row(row.id)


def _find(incoming: Incoming) -> Message | None:
    message: Message | None = Message.get_or_none(
        (Message.source == incoming.source) & (Message.external_id == incoming.external_id)
    )
    return message


def _is_news(message: Message, incoming: Incoming, *, now: datetime) -> bool:
    """Whether an edit changes the message: of two, the one that was made later counts, whichever arrives last."""
    if message.deleted_at:
        return False
    made_at = incoming.edited_at or now
    if message.edited_at and made_at < message.edited_at:
        keep_earlier_words(incoming, now=now)
        return False
    is_later = bool(incoming.edited_at and incoming.edited_at > (message.edited_at or message.timestamp))
    # Slack also tells of an edit in which nobody changed a word; meanwhile a name may have become known.
    if message.body != incoming.body and (is_later or not same_words(message.body, incoming.body)):
        return True
    if is_later:
        Message.update(edited_at=incoming.edited_at).where(Message.id == message.id).execute()
    return False


def _is_completed(message: Message, incoming: Incoming) -> bool:
    """Whether a change that nobody made tells more of the message's files than was known."""
    made_at = incoming.edited_at
    if made_at is None or made_at != (message.edited_at or message.timestamp) or message.body == incoming.body:
        return False
    return attachment_lines.only_completes(message.body, incoming.body)


def _completed(
    row: LedgerRow, case: Case, message: Message, incoming: Incoming, *, now: datetime, limits: Limits
) -> Received:
    """The message says more, keeps no version, and is not edited."""
    kept = None if incoming.new_text == incoming.body else incoming.new_text
    file_lines.say(message, attachment_lines.Words(incoming.body, kept, incoming.own_text))
    started = _look_again(case, message, incoming, now=now, limits=limits)
    _show(message, now=now)
    return Received(ledger_id=row.id, outcome=Outcome(row.outcome), case_id=case.case_id, escalated=started)


def _waiting_changed(received: Received, incoming: Incoming, *, now: datetime) -> Received:
    """A message that waits for an admin's word is kept as it is said now."""
    waiting, made_at = ledger.waiting(received.ledger_id), incoming.edited_at or now
    if waiting is not None and not (waiting.edited_at and made_at < waiting.edited_at):
        said = replace(
            waiting, body=incoming.body, new_text=incoming.new_text, own_text=incoming.own_text, edited_at=made_at
        )
        ledger.replace_waiting(received.ledger_id, said)
    return received


def _look_again(case: Case, message: Message, incoming: Incoming, *, now: datetime, limits: Limits) -> bool:
    if case.status != "open" or message.standing != Standing.CUSTOMER:
        return False
    reason = response_state.keyword_reason(case, message, incoming.counted, limits=limits)
    found = (reason,) if reason else ()
    return escalation.start_episode(case, found, now=now, triggered_at=message.timestamp)


def name_people(incoming: Incoming, *, named: Incoming, now: datetime) -> bool:
    """Put names into a message for people whom nobody knew when it was stored; whether it was done; one transaction.

    It says what it said: it keeps no version, and is not edited. Not done where it says something else by now.
    """
    with book.atomic():
        message = _find(incoming)
        if message is None or not same_words(incoming.body, named.body):
            return False
        lock_case(message.case_id)
        incoming, named = (file_lines.as_known(message, each) for each in (incoming, named))
        kept = None if named.new_text == named.body else named.new_text
        as_stored = (Message.id == message.id) & (Message.body == incoming.body) & Message.deleted_at.is_null()
        if not Message.update(body=named.body, new_text=kept, own_text=named.own_text).where(as_stored).execute():
            return False
        _show(Message.get_by_id(message.id), now=now)
        return True


def delete(source: str, external_id: str, *, now: datetime) -> Received:
    """Blank a message's text everywhere and keep its row; one transaction.

    A deletion that arrives before its message leaves a row, so that the message is not taken in afterwards.
    """
    with book.atomic():
        row = _locked_row(source, external_id)
        if row is None:
            return ledger.enter(source, external_id, Outcome.DELETED, now=now, reason="deleted before it was seen")
        if row.outcome == Outcome.DELETED:
            return ledger.known(row)
        message: Message | None = Message.get_or_none((Message.source == source) & (Message.external_id == external_id))
        if message is not None and (stays := duplicates.stand_in(message, row)) is not None:
            return stays
        ledger.settle(row.id, Outcome.DELETED, reason=row.reason, case_id=row.case_id)
        if message is not None:
            lock_case(message.case_id)
            message.body, message.new_text, message.own_text, message.subject = "", None, None, ""
            message.deleted_at = now
            message.save(only=[Message.body, Message.new_text, Message.own_text, Message.subject, Message.deleted_at])
            Version.update(body="").where(Version.message == message).execute()
            _forget(message)
            replies.forget(message)
            attachments.forget(message, now=now)
            _show(message, now=now)
        return Received(ledger_id=row.id, outcome=Outcome.DELETED, case_id=row.case_id)


def _forget(message: Message) -> None:
    """The case does not show any more what a deleted message said, nor that we should answer it."""
    case = lock_case(message.case_id)
    if previews.of(case) == message:  # whose subject is the case's
        case.subject = ""
    if case.status == "open":
        case.waiting_since = response_state.waiting_since(case)
    case.save(only=[Case.subject, Case.waiting_since])


def _show(message: Message, *, now: datetime) -> None:
    """The message is shown as it is now, wherever it is shown."""
    attachments.show(message, now=now)
    replies.show_if_shown(message, now=now)
