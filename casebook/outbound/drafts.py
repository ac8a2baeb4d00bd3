"""What an admin writes out of the customer's sight, first and edited: a note, or an answer that waits (design 3.7).

Each function takes the message twice: `words` as it was typed, and `answer` as the customer is to read it, which is
None where nothing is meant for the customer.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from casebook import ledger, notices
from casebook.conversation import attachments, destinations, late_arrivals
from casebook.conversation.messages import keep_earlier_words
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
    words: Incoming,
    answer: Incoming,
    *,
    now: datetime,
    undo: timedelta,
    limits: Limits,
    outcome: Outcome = Outcome.MESSAGE,
) -> Received:
    """Draft an answer; one that cannot be sent is kept as a note, and its author is told why. One transaction."""
    with book.atomic():
        try:
            drafted = replies.draft(answer, now=now, undo=undo, limits=limits, outcome=outcome)
        except CasebookError as error:
            if not error.permanent:
                raise
            received = receive.receive(words, now=now, limits=limits, outcome=outcome)
            is_kept = received.case_id is not None or ledger.waiting(received.ledger_id) is not None
            _not_sent(words, str(error), now=now, is_kept=is_kept)
            return received
        if drafted.known and drafted.outcome is Outcome.EDITED:
            keep_earlier_words(answer, now=now)
        return drafted


def edit(words: Incoming, answer: Incoming | None, *, now: datetime, undo: timedelta, limits: Limits) -> Received:
    """Take in the edit of a message, and of the answer that it is, was or becomes; one transaction.

    An answer that still waits goes out as it is now, and without the word before it not at all; a note with that word
    becomes an answer. What is sent, on its way or taken back is not changed by an edit, and its author is told so.
    """
    with book.atomic():
        held = corrections.under_lock(words)
        if held is None:
            return _before_its_message(words, answer, now=now, undo=undo, limits=limits)
        row, case, message = held
        match message.standing:
            case Standing.DRAFT:
                return _edit_draft(row, case, message, words, answer, now=now, limits=limits)
            case Standing.TAKEN_BACK | Standing.ADMIN if _is_answer(row, message):
                return _edit_settled(row, message, words, answer, now=now)
            case Standing.NOTE | Standing.REMARK if answer is not None:
                return _edit_note(row, case, message, words, answer, now=now, undo=undo, limits=limits)
            case _:
                return corrections.edit(words, now=now, limits=limits)


def _is_answer(row: LedgerRow, message: Message) -> bool:
    """Whether it is an answer of ours, and not what an admin wrote before the customer's eyes."""
    is_written_so = bool(row.reason == replies.REASON)
    return is_written_so or attachments.written_under_card(message.place, message.thread)


def _before_its_message(
    words: Incoming, answer: Incoming | None, *, now: datetime, undo: timedelta, limits: Limits
) -> Received:
    row = ledger.find(words.source, words.external_id)
    if row is None and answer is not None:
        return write(words, answer, now=now, undo=undo, limits=limits, outcome=Outcome.EDITED)
    before = None if row is None else ledger.waiting(row.id)
    received = corrections.edit(words, now=now, limits=limits)
    after = None if row is None else ledger.waiting(row.id)
    if answer is not None and before is not None and after is not None and after.body != before.body:
        _not_sent(words, _NO_CASE, now=now)
    return received


def _is_later(message: Message, words: Incoming, *, now: datetime) -> bool:
    """Whether an edit is news: of two, the one that was made later counts, and each is taken in once."""
    if message.deleted_at is not None:
        return False
    if message.edited_at is None:
        return True
    made_at = words.edited_at
    return bool(now >= message.edited_at if made_at is None else made_at > message.edited_at)


def _edit_draft(
    row: LedgerRow,
    case: Case,
    message: Message,
    words: Incoming,
    answer: Incoming | None,
    *,
    now: datetime,
    limits: Limits,
) -> Received:
    if (answer is not None and answer.body == message.body) or not _is_later(message, words, now=now):
        if words.edited_at and message.edited_at and words.edited_at < message.edited_at:
            keep_earlier_words(answer or words, now=now)
        return ledger.known(row)
    notice = replies.notice_of(message.id)
    if notice is None or notice.state not in ("pending", "failed") or notice.claimed_until is not None:
        return _tell(row, message, words, _ON_ITS_WAY, now=now)
    if answer is None:
        if words.standing is not Standing.NOTE:
            _not_sent(words, _NO_ADMIN, now=now)
        return _make_note(row, case, message, words, notice, now=now, limits=limits)
    try:
        replies.check_words(answer.body)
    except CasebookError as error:
        _not_sent(words, str(error), now=now)
        return _make_note(row, case, message, words, notice, now=now, limits=limits)
    corrections.say(message, answer, now=now)
    return _edited(row, message, now=now)


def _make_note(
    row: LedgerRow, case: Case, message: Message, words: Incoming, notice: Notice, *, now: datetime, limits: Limits
) -> Received:
    """The answer is not sent; its words are a note, as if they had been one from the beginning."""
    notices.drop([notice.id])
    message.standing = Standing.NOTE if words.standing is Standing.NOTE else Standing.REMARK
    message.is_admin = words.standing is Standing.NOTE
    corrections.say(message, words, now=now)
    history.add(case, now, words.sender, "answer taken back", "its author made it a note")
    was_open = case.status == "open"
    if message.standing == Standing.NOTE and was_open and detect_closure_phrase(words.counted):
        late_arrivals.close_by_words(case, message, now=now, limits=limits)
    return replace(_edited(row, message, now=now), closed=was_open and case.status == "closed")


def _edit_note(
    row: LedgerRow,
    case: Case,
    message: Message,
    words: Incoming,
    answer: Incoming,
    *,
    now: datetime,
    undo: timedelta,
    limits: Limits,
) -> Received:
    if words.body == message.body or not _is_later(message, words, now=now):
        return corrections.edit(words, now=now, limits=limits)
    try:
        replies.check_words(answer.body)
        where = destinations.of_answer(case, limits)
    except CasebookError as error:
        if not error.permanent:
            raise
        _not_sent(words, str(error), now=now)
        return corrections.edit(words, now=now, limits=limits)
    message.standing, message.is_admin = Standing.DRAFT, True
    corrections.say(message, answer, now=now)
    replies.send_later(message, where, now=now, due_at=now + undo)
    return replace(_edited(row, message, now=now), reason=replies.REASON)


def _edit_settled(
    row: LedgerRow, message: Message, words: Incoming, answer: Incoming | None, *, now: datetime
) -> Received:
    """The edit of an answer that was sent or taken back."""
    if (answer is not None and answer.body == message.body) or not _is_later(message, words, now=now):
        return ledger.known(row)
    if message.standing == Standing.ADMIN:
        return _tell(row, message, words, _SENT, now=now)
    corrections.say(message, answer or words, now=now)
    if answer is not None:
        notices.privately(words.place, words.sender, _TAKEN_BACK, now=now)
    return _edited(row, message, now=now)


def _edited(row: LedgerRow, message: Message, *, now: datetime) -> Received:
    is_note = message.standing in (Standing.NOTE, Standing.REMARK)
    reason = "" if is_note else replies.REASON
    ledger.settle(row.id, Outcome.EDITED, reason=reason, case_id=message.case_id)
    attachments.show(message, now=now)
    replies.show(message, now=now)
    return Received(ledger_id=row.id, outcome=Outcome.EDITED, reason=reason, case_id=message.case_id)


def _tell(row: LedgerRow, message: Message, words: Incoming, sentence: str, *, now: datetime) -> Received:
    """The stored words stay what the customer gets; that there was an edit is kept, so that it is told once."""
    message.edited_at = words.edited_at or now
    message.save(only=[Message.edited_at])
    notices.privately(words.place, words.sender, sentence, now=now)
    return replace(ledger.known(row), case_id=message.case_id)


def _not_sent(words: Incoming, why: str, *, now: datetime, is_kept: bool = True) -> None:
    sentence = f"Not sent, and kept as a note: {why}" if is_kept else f"Not sent: {why}"
    notices.privately(words.place, words.sender, sentence, now=now)
