"""Email from an admin's address without proof: an admin confirms it or sets it aside, once (design 3.2)."""

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
    """Accept a claim as a message of the admin it names, and apply the rules to it; one transaction.

    It counts from its own time, like any answer that arrives late. If the case was closed meanwhile, the rules do not
    apply. Raises NoSuchCaseError, SettledAlreadyError.
    """
    with book.atomic():
        case, message = _undecided(message_id)
        message.standing, message.is_admin = Standing.ADMIN, True
        message.save(only=[Message.standing, Message.is_admin])
        history.add(case, now, by, "claim confirmed", f"mail of {message.sender}")
        _show_decision(message, confirmed=True, by=by, now=now)
        messages.apply_admin_answer(case, message, now=now, limits=limits, how="by a mail that was confirmed")
        attachments.refresh_posts(message, now=now)
        return CaseChange(case_id=case.case_id, at=now, by=message.sender, customer=case.customer_identifier)


def set_aside(message_id: int, *, by: str, now: datetime) -> CaseChange:
    """Decide that a claim remains without effect; one transaction.

    Raises NoSuchCaseError, SettledAlreadyError.
    """
    with book.atomic():
        case, message = _undecided(message_id)
        message.standing = Standing.SET_ASIDE
        message.save(only=[Message.standing])
        history.add(case, now, by, "claim set aside", f"mail of {message.sender}")
        _show_decision(message, confirmed=False, by=by, now=now)
        return CaseChange(case_id=case.case_id, at=now, by=message.sender, customer=case.customer_identifier)


def _undecided(message_id: int) -> tuple[Case, Message]:
    """A claim that is still undecided, and its case, whose row is locked for the decision."""
    found = Message.get_or_none(Message.id == message_id)
    if found is None:
        raise NoSuchCaseError("There is no such mail.")
    case = lock_case(found.case_id)
    message: Message = Message.get_by_id(message_id)  # as it is under the lock
    if message.standing != Standing.CLAIM:
        raise SettledAlreadyError
    return case, message


def _show_decision(message: Message, *, confirmed: bool, by: str, now: datetime) -> None:
    """Update the question so that it shows the decision."""
    notices.put(
        NoticeKind.CLAIM,
        lane=notices.SUPPORT,
        now=now,
        case_id=message.case_id,
        target=f"claim:{message.id}",
        payload={"confirmed": confirmed, "by": by},
    )


def view(message_id: int) -> ClaimView | None:
    """A claim and what it asks for; None if it does not exist."""
    row = Message.get_or_none(Message.id == message_id)
    found = queries.messages([message_id])
    line = queries.line(row.case_id) if row is not None else None
    if row is None or line is None or not found:
        return None
    earliest = Message.select().where(Message.case == row.case_id).order_by(Message.timestamp, Message.id).first()
    wish = Wish.OPEN if earliest == row else Wish.ANSWER
    if detect_closure_phrase(response_state.rules_text(row)):
        wish = Wish.CLOSE
    return ClaimView(message=found[0], line=line, wish=wish, card=queries.post_of(f"card:{row.case_id}"))
