"""Closing and reopening a case, inside the caller's transaction (design 3.5)."""

from datetime import datetime

from casebook import escalation, notices
from casebook.conversation import destinations, response_state
from casebook.errors import MovedError, OtherCaseOpenError
from casebook.models import Case
from casebook.outcomes import NoticeKind
from casebook.records import history
from casebook.routing import open_case
from casebook.rules import Limits


def close(
    case: Case, *, by: str, now: datetime, limits: Limits, at: datetime | None = None, reason: str = "", word: str = ""
) -> None:
    """Close an open case, whose row the caller has locked, and add the notices about it.

    `at` is when the closing words were written, if words closed it. `word` is a message to the customer.
    """
    at = at or now
    escalation.end_episode(case, at=at, by=by, how="closed it", now=now)
    case.status, case.closed_at, case.closed_by, case.waiting_since = "closed", at, by, None
    case.save(only=[Case.status, Case.closed_at, Case.closed_by, Case.waiting_since])
    history.add(case, now, by, "closed", reason)
    notices.card(case.case_id, now=now)
    notices.put(
        NoticeKind.CLOSED,
        lane=notices.LOG,
        now=now,
        case_id=case.case_id,
        payload={"case": case.case_id, "at": at.isoformat(), "by": by, "reason": reason},
    )
    if word:
        notify_customer(case, word, now=now, limits=limits)
    if limits.tell_customer:
        text = f"Your case {case.case_id} is closed. If you need us again, just write."
        notify_customer(case, text, now=now, limits=limits, automatic=True)


def notify_customer(case: Case, text: str, *, now: datetime, limits: Limits, automatic: bool = False) -> None:
    """Send a message to the customer where they wrote last; `automatic` when no person wrote it."""
    to = destinations.for_notification(case, limits)
    if to is not None:
        payload = {"text": text, "automatic": automatic} | to.payload
        notices.put(NoticeKind.TELL, lane=to.lane, now=now, case_id=case.case_id, payload=payload)


def reopen(case: Case, *, by: str, now: datetime) -> None:
    """Reopen a closed case, and let the rules count from now on; the caller has locked its row.

    Raises OtherCaseOpenError when the customer has another open case by now, and MovedError.
    """
    if case.moved_to is not None:
        raise MovedError(f"The messages of {case.case_id} are in {case.moved_to} now.")
    other = open_case(case.customer_identifier)
    if other is not None:
        raise OtherCaseOpenError(
            f"{case.case_id} cannot be reopened: its customer has {other.case_id} open, and a customer has at most one."
        )
    case.status, case.closed_at, case.closed_by = "open", None, None
    case.waiting_since = response_state.waiting_since(case)
    escalation.settle(case, now)
    case.save(
        only=[
            Case.status,
            Case.closed_at,
            Case.closed_by,
            Case.waiting_since,
            Case.settled_at,
            Case.silent_since,
        ]
    )
    history.add(case, now, by, "reopened")
    notices.card(case.case_id, now=now)
    notices.put(
        NoticeKind.REOPENED,
        lane=notices.LOG,
        now=now,
        case_id=case.case_id,
        payload={"case": case.case_id, "at": now.isoformat(), "by": by},
    )
