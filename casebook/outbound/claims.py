"""Mail that says it is an admin's and could not show it: an admin confirms it or sets it aside, once (design 3.2)."""

from datetime import datetime

from casebook import notices, queries
from casebook.conversation import attachments, messages, response_state
from casebook.database import lock_case
from casebook.errors import NoSuchCaseError, SettledAlreadyError
from casebook.incoming import Standing
from casebook.models import Case, Message, book
from casebook.outcomes import CaseChange, NoticeKind
from casebook.records import history
from casebook.rules import Limits, detect_closure_phrase
from casebook.views import ClaimView, Wish


def confirm(message_id: int, *, by: str, now: datetime, limits: Limits) -> CaseChange:
    """Count a claim as the admin's whose it says it is, and do what it asks for; one transaction.

    It counts at its own time, with the usual rules for answers that arrive late. In a case that was closed meanwhile
    it changes nothing else. Raises NoSuchCaseError, SettledAlreadyError.
    """
    with book.atomic():
        case, message = _waiting(message_id)
        message.standing, message.is_admin = Standing.ADMIN, True
        message.save(only=[Message.standing, Message.is_admin])
        history.add(case, now, by, "claim confirmed", f"mail of {message.sender}")
        _say(message, confirmed=True, by=by, now=now)
        messages.take_effect(case, message, now=now, limits=limits, how="by a mail that was confirmed")
        attachments.show(message, now=now)
        return CaseChange(case_id=case.case_id, at=now, by=message.sender, customer=case.customer_identifier)


def set_aside(message_id: int, *, by: str, now: datetime) -> CaseChange:
    """Leave a claim as it is, without effect, and ask no more; one transaction.

    Raises NoSuchCaseError, SettledAlreadyError.
    """
    with book.atomic():
        case, message = _waiting(message_id)
        message.standing = Standing.SET_ASIDE
        message.save(only=[Message.standing])
        history.add(case, now, by, "claim set aside", f"mail of {message.sender}")
        _say(message, confirmed=False, by=by, now=now)
        return CaseChange(case_id=case.case_id, at=now, by=message.sender, customer=case.customer_identifier)


def _waiting(message_id: int) -> tuple[Case, Message]:
    """A claim that nobody has decided on yet, and its case; the case's row is the lock under which it is decided."""
    found = Message.get_or_none(Message.id == message_id)
    if found is None:
        raise NoSuchCaseError("There is no such mail.")
    case = lock_case(found.case_id)
    message: Message = Message.get_by_id(message_id)  # as it is under the lock
    if message.standing != Standing.CLAIM:
        raise SettledAlreadyError
    return case, message


def _say(message: Message, *, confirmed: bool, by: str, now: datetime) -> None:
    """The question must show how it was decided."""
    notices.put(
        NoticeKind.CLAIM,
        lane=notices.SUPPORT,
        now=now,
        case_id=message.case_id,
        target=f"claim:{message.id}",
        payload={"confirmed": confirmed, "by": by},
    )


def view(message_id: int) -> ClaimView | None:
    """A claim and what it asks for; None when there is none."""
    row = Message.get_or_none(Message.id == message_id)
    found = queries.messages([message_id])
    line = queries.line(row.case_id) if row is not None else None
    if row is None or line is None or not found:
        return None
    earliest = Message.select().where(Message.case == row.case_id).order_by(Message.timestamp, Message.id).first()
    wish = Wish.OPEN if earliest == row else Wish.ANSWER
    if detect_closure_phrase(response_state.counted(row)):
        wish = Wish.CLOSE
    return ClaimView(message=found[0], line=line, wish=wish, card=queries.post_of(f"card:{row.case_id}"))
