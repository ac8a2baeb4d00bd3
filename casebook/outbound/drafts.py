"""Messages by admins where customers cannot read them, new and edited: notes, or answers to send (design 3.7).

Each function takes the message twice: `typed` as it was written, and `answer` as the customer is to read it, which is
None if nothing is meant for the customer.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from casebook import ledger, notices
from casebook.conversation import attachments, destinations, late_arrivals
from casebook.conversation.messages import store_earlier_text
from casebook.errors import CasebookError
from casebook.incoming import Incoming, Standing
from casebook.intake import receive
from casebook.models import Case, LedgerRow, Message, Notice, book
from casebook.outbound import corrections, replies
from casebook.outcomes import Outcome, Received
from casebook.records import history
from casebook.rules import Limits, detect_closure_phrase

_AGAIN = "write another message that begins with reply:"
_ON_ITS_WAY = f"Your edit came too late: the answer goes out as it was before. To correct it, {_AGAIN}"
_SENT = f"The customer has this answer as it was sent, and your edit changes nothing for them. To correct it, {_AGAIN}"
_TAKEN_BACK = f"Nothing was sent: this answer was taken back, and stays so when it is edited. To answer, {_AGAIN}"
_NO_ADMIN = "only admins answer customers, and you are none any more."
_NO_CASE = "it belongs to no case yet."


def write(
    typed: Incoming,
    answer: Incoming,
    *,
    now: datetime,
    undo: timedelta,
    limits: Limits,
    outcome: Outcome = Outcome.MESSAGE,
) -> Received:
    """Draft an answer; if it cannot be sent, store it as a note and tell its author why. One transaction."""
    with book.atomic():
        try:
            drafted = replies.draft(answer, now=now, undo=undo, limits=limits, outcome=outcome)
        except CasebookError as error:
            if not error.permanent:
                raise
            received = receive.receive(typed, now=now, limits=limits, outcome=outcome)
            is_kept = received.case_id is not None or ledger.waiting(received.ledger_id) is not None
            _report_not_sent(typed, str(error), now=now, is_kept=is_kept)
            return received
        if drafted.known and drafted.outcome is Outcome.EDITED:
            store_earlier_text(answer, now=now)
        return drafted


def edit(typed: Incoming, answer: Incoming | None, *, now: datetime, undo: timedelta, limits: Limits) -> Received:
    """Apply an edit to a message, and to the answer that it is, was or becomes; one transaction.

    An answer that is still pending is sent in its edited form, or not at all if the prefix that made it an answer was
    removed; a note that gains the prefix becomes an answer. An answer that was sent, is being sent or was taken back
    does not change, and its author is told so.
    """
    with book.atomic():
        found = corrections.find_locked(typed)
        if found is None:
            return _edit_unknown_message(typed, answer, now=now, undo=undo, limits=limits)
        row, case, message = found
        match message.standing:
            case Standing.DRAFT:
                return _edit_draft(row, case, message, typed, answer, now=now, limits=limits)
            case Standing.TAKEN_BACK | Standing.ADMIN if _is_answer(row, message):
                return _edit_finished_answer(row, message, typed, answer, now=now)
            case Standing.NOTE | Standing.REMARK if answer is not None:
                return _edit_note(row, case, message, typed, answer, now=now, undo=undo, limits=limits)
            case _:
                return corrections.edit(typed, now=now, limits=limits)


def _is_answer(row: LedgerRow, message: Message) -> bool:
    """Whether it was written as an answer, and not directly in the customer's channel."""
    is_drafted = bool(row.reason == replies.REASON)
    return is_drafted or attachments.written_under_card(message.place, message.thread)


def _edit_unknown_message(
    typed: Incoming, answer: Incoming | None, *, now: datetime, undo: timedelta, limits: Limits
) -> Received:
    row = ledger.find(typed.source, typed.external_id)
    if row is None and answer is not None:
        return write(typed, answer, now=now, undo=undo, limits=limits, outcome=Outcome.EDITED)
    before = None if row is None else ledger.waiting(row.id)
    received = corrections.edit(typed, now=now, limits=limits)
    after = None if row is None else ledger.waiting(row.id)
    if answer is not None and before is not None and after is not None and after.body != before.body:
        _report_not_sent(typed, _NO_CASE, now=now)
    return received


def _is_later(message: Message, typed: Incoming, *, now: datetime) -> bool:
    """Whether an edit is new: of two edits, the later one wins, and each is applied once."""
    if message.deleted_at is not None:
        return False
    if message.edited_at is None:
        return True
    made_at = typed.edited_at
    return bool(now >= message.edited_at if made_at is None else made_at > message.edited_at)


def _edit_draft(
    row: LedgerRow,
    case: Case,
    message: Message,
    typed: Incoming,
    answer: Incoming | None,
    *,
    now: datetime,
    limits: Limits,
) -> Received:
    if (answer is not None and answer.body == message.body) or not _is_later(message, typed, now=now):
        if typed.edited_at and message.edited_at and typed.edited_at < message.edited_at:
            store_earlier_text(answer or typed, now=now)
        return ledger.known(row)
    notice = replies.notice_of(message.id)
    if notice is None or notice.state not in ("pending", "failed") or notice.claimed_until is not None:
        return _refuse_edit(row, message, typed, _ON_ITS_WAY, now=now)
    if answer is None:
        if typed.standing is not Standing.NOTE:
            _report_not_sent(typed, _NO_ADMIN, now=now)
        return _turn_into_note(row, case, message, typed, notice, now=now, limits=limits)
    try:
        replies.check_text(answer.body)
    except CasebookError as error:
        _report_not_sent(typed, str(error), now=now)
        return _turn_into_note(row, case, message, typed, notice, now=now, limits=limits)
    corrections.change_text(message, answer, now=now)
    return _record_edit(row, message, now=now)


def _turn_into_note(
    row: LedgerRow, case: Case, message: Message, typed: Incoming, notice: Notice, *, now: datetime, limits: Limits
) -> Received:
    """Turn a pending answer into a note, as if it had been one from the beginning."""
    notices.drop([notice.id])
    message.standing = Standing.NOTE if typed.standing is Standing.NOTE else Standing.REMARK
    message.is_admin = typed.standing is Standing.NOTE
    corrections.change_text(message, typed, now=now)
    history.add(case, now, typed.sender, "answer taken back", "its author made it a note")
    was_open = case.status == "open"
    if message.standing == Standing.NOTE and was_open and detect_closure_phrase(typed.rules_text):
        late_arrivals.close_by_words(case, message, now=now, limits=limits)
    return replace(_record_edit(row, message, now=now), closed=was_open and case.status == "closed")


def _edit_note(
    row: LedgerRow,
    case: Case,
    message: Message,
    typed: Incoming,
    answer: Incoming,
    *,
    now: datetime,
    undo: timedelta,
    limits: Limits,
) -> Received:
    if typed.body == message.body or not _is_later(message, typed, now=now):
        return corrections.edit(typed, now=now, limits=limits)
    try:
        replies.check_text(answer.body)
        destination = destinations.for_answer(case, limits)
    except CasebookError as error:
        if not error.permanent:
            raise
        _report_not_sent(typed, str(error), now=now)
        return corrections.edit(typed, now=now, limits=limits)
    message.standing, message.is_admin = Standing.DRAFT, True
    corrections.change_text(message, answer, now=now)
    replies.send_later(message, destination, now=now, due_at=now + undo)
    return replace(_record_edit(row, message, now=now), reason=replies.REASON)


def _edit_finished_answer(
    row: LedgerRow, message: Message, typed: Incoming, answer: Incoming | None, *, now: datetime
) -> Received:
    """The edit of an answer that was sent or taken back."""
    if (answer is not None and answer.body == message.body) or not _is_later(message, typed, now=now):
        return ledger.known(row)
    if message.standing == Standing.ADMIN:
        return _refuse_edit(row, message, typed, _SENT, now=now)
    corrections.change_text(message, answer or typed, now=now)
    if answer is not None:
        notices.put_private(typed.place, typed.sender, _TAKEN_BACK, now=now)
    return _record_edit(row, message, now=now)


def _record_edit(row: LedgerRow, message: Message, *, now: datetime) -> Received:
    is_note = message.standing in (Standing.NOTE, Standing.REMARK)
    reason = "" if is_note else replies.REASON
    ledger.settle(row.id, Outcome.EDITED, reason=reason, case_id=message.case_id)
    attachments.refresh_posts(message, now=now)
    replies.show_state(message, now=now)
    return Received(ledger_id=row.id, outcome=Outcome.EDITED, reason=reason, case_id=message.case_id)


def _refuse_edit(row: LedgerRow, message: Message, typed: Incoming, text: str, *, now: datetime) -> Received:
    """Keep the stored text, which the customer gets, and tell the author once that the edit has no effect."""
    message.edited_at = typed.edited_at or now
    message.save(only=[Message.edited_at])
    notices.put_private(typed.place, typed.sender, text, now=now)
    return replace(ledger.known(row), case_id=message.case_id)


def _report_not_sent(typed: Incoming, why: str, *, now: datetime, is_kept: bool = True) -> None:
    text = f"Not sent, and kept as a note: {why}" if is_kept else f"Not sent: {why}"
    notices.put_private(typed.place, typed.sender, text, now=now)
