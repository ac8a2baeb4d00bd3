"""Operations on cases: each is one function, runs in one transaction, and may run twice."""

from datetime import datetime

from casebook import escalation, notices
from casebook.conversation import closing
from casebook.conversation.messages import add_message_to_case
from casebook.database import lock_case
from casebook.errors import AlreadyEscalatedError, CaseClosedError, CaseOpenError, NotEscalatedError
from casebook.intake.pending import place_waiting
from casebook.intake.receive import get_or_create_case, receive
from casebook.models import Case, book
from casebook.outcomes import CaseChange
from casebook.records import history
from casebook.rules import Limits, Reason, ReasonKind

__all__ = [
    "add_message_to_case",
    "assign_case",
    "calm_case",
    "close_case",
    "escalate_case",
    "get_or_create_case",
    "place_waiting",
    "receive",
    "reopen_case",
]


def _change(case: Case, *, by: str, now: datetime) -> CaseChange:
    return CaseChange(case_id=case.case_id, at=now, by=by, customer=case.customer_identifier)


def close_case(case_id: str, *, by: str, now: datetime, limits: Limits, reason: str = "", word: str = "") -> CaseChange:
    """Close a case, with a reason for the team and a message (`word`) to the customer, if given.

    Raises NoSuchCaseError, and CaseClosedError when it is closed already.
    """
    with book.atomic():
        case = lock_case(case_id)
        if case.status != "open":
            raise CaseClosedError(f"{case_id} is closed already.")
        closing.close(case, by=by, now=now, limits=limits, reason=reason, word=word)
        return _change(case, by=by, now=now)


def reopen_case(case_id: str, *, by: str, now: datetime) -> CaseChange:
    """Reopen a closed case; raises NoSuchCaseError, CaseOpenError, MovedError and OtherCaseOpenError (design 3.5)."""
    with book.atomic():
        case = lock_case(case_id)
        if case.status == "open":
            raise CaseOpenError(f"{case_id} is open already.")
        closing.reopen(case, by=by, now=now)
        return _change(case, by=by, now=now)


def escalate_case(case_id: str, *, by: str, now: datetime, reason: str = "") -> CaseChange:
    """Escalate a case by hand; raises NoSuchCaseError, CaseClosedError or AlreadyEscalatedError."""
    with book.atomic():
        case = lock_case(case_id)
        if case.status != "open":
            raise CaseClosedError(f"{case_id} is closed; reopen it first.")
        if case.escalated:
            raise AlreadyEscalatedError(f"{case_id} is escalated already.")
        why = Reason(ReasonKind.BY_HAND, reason or "an admin asked for it")
        escalation.start_episode(case, (why,), now=now, triggered_at=case.last_message_at, actor=by)
        return _change(case, by=by, now=now)


def calm_case(case_id: str, *, by: str, now: datetime) -> CaseChange:
    """End a case's episode without an answer; raises NoSuchCaseError or NotEscalatedError."""
    with book.atomic():
        case = lock_case(case_id)
        if not escalation.end_episode(case, at=now, by=by, how="calmed it", now=now):
            raise NotEscalatedError(f"{case_id} is not escalated.")
        return _change(case, by=by, now=now)


def assign_case(case_id: str, *, to: str, by: str, now: datetime) -> CaseChange:
    """Assign an open case to an admin; raises NoSuchCaseError or CaseClosedError."""
    with book.atomic():
        case = lock_case(case_id)
        if case.status != "open":
            raise CaseClosedError(f"{case_id} is closed; reopen it first.")
        if case.assigned_to != to:
            case.assigned_to = to
            case.save(only=[Case.assigned_to])
            history.add(case, now, by, "assigned", to)
            notices.card(case_id, now=now)
        return _change(case, by=by, now=now)
