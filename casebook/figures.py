"""How the book stands, in numbers: cases, outbox and ledger; for screens, /health and the metrics."""

from typing import Any

from peewee import SQL, fn

from casebook.models import Case, LedgerRow, Notice
from casebook.routing import OPEN
from casebook.views import OutboxFacts, Overview


def overview() -> Overview:
    """How many cases are open, escalated and waiting for us, and the oldest."""
    (counts,) = _dicts(
        Case.select(
            fn.COUNT(Case.case_id).alias("open"),
            fn.SUM(SQL("CASE WHEN escalated = true THEN 1 ELSE 0 END")).alias("escalated"),
            fn.COUNT(Case.waiting_since).alias("waiting"),
            fn.COUNT(Case.assigned_to).alias("assigned"),
            fn.MIN(Case.waiting_since).alias("longest"),
        ).where(OPEN)
    )
    oldest = Case.select(Case.case_id, Case.created_at).where(OPEN).order_by(Case.created_at, Case.number).first()
    return Overview(
        open=counts["open"],
        escalated=counts["escalated"] or 0,
        waiting=counts["waiting"],
        unassigned=counts["open"] - counts["assigned"],
        waiting_longest=Case.waiting_since.python_value(counts["longest"]),
        oldest=None if oldest is None else oldest.case_id,
        oldest_at=None if oldest is None else oldest.created_at,
    )


def outbox() -> OutboxFacts:
    """How the outbox stands: what waits, what is refused, and since when the oldest waits."""
    counts = {
        row["state"]: row["count"]
        for row in _dicts(
            Notice.select(Notice.state, fn.COUNT(Notice.id).alias("count"))
            .where(SQL("state IN ('pending', 'failed')"))
            .group_by(Notice.state)
        )
    }
    # What was tried has waited since it was written; what is meant for later, only since it fell due.
    since = SQL("MIN(CASE WHEN attempts = 0 THEN due_at ELSE created_at END)")
    oldest = Notice.select(since).where(SQL("state = 'pending'")).scalar()
    refused = Notice.select(Notice.error).where(SQL("state = 'failed'")).order_by(Notice.id.desc()).first()
    return OutboxFacts(
        pending=counts.get("pending", 0),
        failed=counts.get("failed", 0),
        oldest_pending_at=Notice.created_at.python_value(oldest),
        last_error="" if refused is None else refused.error,
    )


def ledger_counts() -> dict[tuple[str, str], int]:
    """How many items each door brought, by (source, outcome)."""
    query = LedgerRow.select(LedgerRow.source, LedgerRow.outcome, fn.COUNT(LedgerRow.id).alias("count"))
    return {
        (row["source"], row["outcome"]): row["count"]
        for row in _dicts(query.group_by(LedgerRow.source, LedgerRow.outcome))
    }


def _dicts(query: Any) -> list[dict[str, Any]]:
    return list(query.dicts())
