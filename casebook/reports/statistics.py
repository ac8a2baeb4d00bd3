"""Statistics of cases and the outbox, for screens, /health and the metrics."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from peewee import SQL, fn

from casebook.models import Case, Notice
from casebook.records.readiness import OPEN as OPEN_NOTICE
from casebook.records.readiness import UNDER_CARD, has_card, has_refused_card
from casebook.routing import OPEN
from casebook.views import OutboxFacts, Overview


def overview() -> Overview:
    """The numbers of cases that are open, escalated, waiting for us and unassigned, and the oldest."""
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


def outbox(limited: Collection[str] = ()) -> OutboxFacts:
    """The numbers of pending and refused notices, and since when the oldest waits.

    `limited` are the lanes that Slack limits at present.
    """
    counts = {
        row["state"]: row["count"]
        for row in _dicts(
            Notice.select(Notice.state, fn.COUNT(Notice.id).alias("count")).where(OPEN_NOTICE).group_by(Notice.state)
        )
    }
    pending = Notice.state == "pending"
    # Notices under a refused card wait for the same reason as the card.
    explained = Notice.lane.in_(list(limited)) | (Notice.kind.in_(UNDER_CARD) & ~has_card() & has_refused_card())
    refused = Notice.select(Notice.error, Notice.lane).where(Notice.state == "failed").order_by(Notice.id.desc())
    last = refused.first()
    return OutboxFacts(
        pending=counts.get("pending", 0),
        failed=counts.get("failed", 0),
        oldest_pending_at=_oldest(pending),
        oldest_unexplained_at=_oldest(pending & ~explained),
        last_error="" if last is None else f"{last.lane}: {last.error}",
    )


def _oldest(which: Any) -> datetime | None:
    """Since when the oldest of these notices waits."""
    # A notice that was tried has waited since its creation; one with a later due time only since then.
    since = SQL("MIN(CASE WHEN attempts = 0 THEN due_at ELSE created_at END)")
    oldest: datetime | None = Notice.created_at.python_value(Notice.select(since).where(which).scalar())
    return oldest


def _dicts(query: Any) -> list[dict[str, Any]]:
    return list(query.dicts())
