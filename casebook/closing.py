"""Closing and reopening a case, inside the caller's transaction (design 3.5)."""

from datetime import datetime

from casebook import escalation, events, notices, turns
from casebook.errors import OtherCaseOpenError
from casebook.incoming import Source
from casebook.models import Case
from casebook.outcomes import NoticeKind
from casebook.routing import last_of_customer, open_case
from casebook.rules import Limits


def shut(case: Case, *, by: str, now: datetime, limits: Limits, reason: str = "", word: str = "") -> None:
    """Close an open case whose row the caller has locked, and put what must be said about it."""
    escalation.end_episode(case, at=now, by=by, how="closed it", now=now)
    case.status, case.closed_at, case.closed_by, case.waiting_since = "closed", now, by, None
    case.save(only=[Case.status, Case.closed_at, Case.closed_by, Case.waiting_since])
    events.add(case, now, by, "closed", reason)
    notices.card(case.case_id, now=now)
    notices.put(
        NoticeKind.CLOSED,
        lane=notices.LOG,
        now=now,
        case_id=case.case_id,
        payload={"case": case.case_id, "at": now.isoformat(), "by": by, "reason": reason},
    )
    if word:
        tell(case, word, now=now)
    if limits.tell_customer:
        tell(case, f"Your case {case.case_id} is closed. If you need us again, just write.", now=now)


def tell(case: Case, text: str, *, now: datetime) -> None:
    """Say something to the customer where they wrote last.

    Customers by mail are told when answers by mail are there; until then the start-up log says that they are not.
    """
    last = last_of_customer(case)
    if last is not None and last.source == Source.SLACK:
        notices.put(
            NoticeKind.TELL,
            lane=last.place,
            now=now,
            case_id=case.case_id,
            payload={"text": text, "thread": last.thread},
        )


def reopen(case: Case, *, by: str, now: datetime) -> None:
    """Open a closed case again, and let the rules count anew; its row is locked by the caller.

    Raises OtherCaseOpenError when the customer meanwhile has another open case.
    """
    other = open_case(case.customer_identifier)
    if other is not None:
        raise OtherCaseOpenError(
            f"{case.case_id} cannot be reopened: its customer has {other.case_id} open, and a customer has at most one."
        )
    case.status, case.closed_at, case.closed_by = "open", None, None
    case.waiting_since = turns.waiting_since(case)
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
    events.add(case, now, by, "reopened")
    notices.card(case.case_id, now=now)
    notices.put(
        NoticeKind.REOPENED,
        lane=notices.LOG,
        now=now,
        case_id=case.case_id,
        payload={"case": case.case_id, "at": now.isoformat(), "by": by},
    )
