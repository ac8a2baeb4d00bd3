"""Moving all messages of one case into another, when an admin decides that they belong there (design 3.3)."""

from datetime import datetime

from casebook import notices
from casebook.conversation import attachments, closing, messages, previews
from casebook.database import lock_case
from casebook.errors import CaseClosedError, SettledAlreadyError, TooLateError
from casebook.incoming import Standing
from casebook.models import Case, LedgerRow, Letter, Message, Notice, Participant, Thread, book
from casebook.outcomes import CaseChange, NoticeKind
from casebook.records import history
from casebook.rules import Limits


def move(case_id: str, into: str, *, by: str, now: datetime, limits: Limits) -> CaseChange:
    """Move the messages of an open case into another open one, where their writers take part then; one transaction.

    The first case is closed without telling the customer, and later messages in its conversation go to the other case.
    Raises NoSuchCaseError, CaseClosedError, SettledAlreadyError, and TooLateError while an answer waits to be sent.
    """
    with book.atomic():
        locked = {each: lock_case(each) for each in sorted({case_id, into})}  # in order: two moves never deadlock
        case, other = locked[case_id], locked[into]
        _check(case, other)
        preview = previews.of(other)
        moved = list(Message.select().where(Message.case == case).order_by(Message.timestamp, Message.id))
        for message in moved:
            _reassign(other, message)
        for table in (Letter, Thread, LedgerRow):
            table.update(case=other).where(table.case == case).execute()
        for message in moved:
            messages.count_moved_message(other, message, now=now, limits=limits)
        _post_moved(other, moved, preview, now=now)
        history.add(case, now, by, "moved", f"to {into}")
        history.add(other, now, by, "moved", f"from {case_id}: {len(moved)} messages")
        _close(case, other, by=by, now=now)
        return CaseChange(case_id=into, at=now, by=by, customer=other.customer_identifier)


def _check(case: Case, other: Case) -> None:
    if case.moved_to is not None or case.case_id == other.case_id:
        raise SettledAlreadyError
    for each in (case, other):
        if each.status != "open":
            raise CaseClosedError(f"{each.case_id} is closed; reopen it first.")
    waiting = (Notice.case == case) & (Notice.kind == NoticeKind.ANSWER) & Notice.state.in_(("pending", "failed"))
    if Notice.select().where(waiting).exists():
        raise TooLateError(f"An answer to {case.case_id} waits to be sent; try again when it has been.")


def _reassign(other: Case, message: Message) -> None:
    Message.update(case=other).where(Message.id == message.id).execute()
    message.case = other
    if message.standing == Standing.CUSTOMER and message.sender != other.customer_identifier:
        part = Participant.insert(case=other, person=message.sender, stranger=False)
        part.on_conflict_ignore().execute()


def _post_moved(other: Case, moved: list[Message], preview: Message | None, *, now: datetime) -> None:
    """Post the moved messages under the other card as well; the earliest message of all becomes its preview."""
    first = previews.of(other)
    previews.repost_former_preview(other, preview, first, now=now)
    for message in moved:
        if message != first:
            previews.repost(other, message, now=now)
        attachments.pass_on(message, now=now)


def _close(case: Case, other: Case, *, by: str, now: datetime) -> None:
    case.moved_to, case.message_count = other.case_id, 0
    case.save(only=[Case.moved_to, Case.message_count])
    closing.close(case, by=by, now=now, limits=Limits(), reason=f"moved to {other.case_id}")
    notices.card(other.case_id, now=now)
