"""Explains why a case is escalated or not: its episodes, and the values that the rules use at this moment."""

from datetime import datetime

from casebook import queries
from casebook.conversation.response_state import unanswered
from casebook.models import Case
from casebook.rules import CaseFacts, Limits, should_escalate_case
from casebook.views import Why


def why(case_id: str, *, now: datetime, limits: Limits) -> Why | None:
    """The escalations of a case, and what would start the next one; None when there is no such case."""
    line = queries.line(case_id)
    if line is None:
        return None
    case = Case.get(Case.case_id == case_id)
    waiting = case.waiting_since is not None
    can_fall_due = case.status == "open" and not case.escalated and (waiting or limits.quiet)
    times = unanswered(case, limits=limits)
    facts = CaseFacts(
        silent_since=case.silent_since,
        waiting_since=case.waiting_since,
        unanswered=len(times),
        unanswered_since=times[0] if times else None,
    )
    return Why(
        line=line,
        episodes=queries.episodes_of(case_id),
        silent_since=case.silent_since,
        due_at=case.silent_since + limits.silence if can_fall_due else None,
        is_our_turn=waiting,
        unanswered=len(times),
        unanswered_since=times[0] if times else None,
        holds_now=should_escalate_case(facts, now=now, limits=limits) if case.status == "open" else (),
    )
