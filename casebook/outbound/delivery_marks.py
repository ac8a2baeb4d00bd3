"""Recording the results of deliveries, by whoever still holds the claim on the notices (design 3.13).

When a claim ends, another process may take the notice. A late result must not reopen what the other one has delivered,
nor release what it is delivering: so each function except `mark_sent` changes only notices whose claim is still ours.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from casebook.database import locked
from casebook.models import Notice, Post, book
from casebook.outcomes import Claimed, Item
from casebook.records.readiness import OPEN

# Targets whose posts are stored, so that they can be updated or found again.
_UPDATABLE = ("card", "alert", "message", "answer", "state", "claim", "forward", "doubtful")


def mark_sent(claimed: Claimed, *, channel: str, ts: str, now: datetime) -> bool:
    """Record that a notice was delivered, and where, so that its post can be updated; one transaction.

    A delivery is a fact, so it is recorded even if the claim has ended. Nothing changes if another process has recorded
    it already, or the notice was dropped; returns whether anything was recorded.
    """
    with book.atomic():
        waiting = Notice.select(Notice.id).where(Notice.id.in_(claimed.ids) & OPEN).order_by(Notice.id)
        recorded = {row.id for row in locked(waiting)}
        Notice.update(state="sent", sent_at=now, claimed_until=None, error="").where(Notice.id.in_(recorded)).execute()
        for item in claimed.items:
            if item.id in recorded and item.post is None and ts and item.target.partition(":")[0] in _UPDATABLE:
                _store_post(item, channel, ts)
        return bool(recorded)


def _store_post(item: Item, channel: str, ts: str) -> None:
    (
        Post.insert(key=item.target, case=item.case_id, channel=channel, ts=ts)
        .on_conflict(conflict_target=[Post.key], update={Post.channel: channel, Post.ts: ts})
        .execute()
    )


def _ours(claimed: Claimed) -> Any:
    """The condition for the notices whose claim is still ours."""
    return Notice.id.in_(claimed.ids) & (Notice.claimed_until == claimed.until) & OPEN


def _update(claimed: Claimed, **changes: Any) -> bool:
    return bool(Notice.update(**changes).where(_ours(claimed)).execute())


def mark_failed(
    claimed: Claimed, *, error: str, retry_at: datetime, uncertain: bool = False, is_post_gone: bool = False
) -> bool:
    """Record a failure, and when to try again; returns whether the claim was still ours. One transaction.

    `uncertain` means that an earlier attempt may have delivered it nevertheless: the next one looks for the post first.
    `is_post_gone` means that somebody deleted the post to be updated: the next attempt posts it again.
    """
    with book.atomic():
        held = retry_at if uncertain else None
        if not _update(claimed, state="failed", error=error, claimed_until=held, due_at=retry_at):
            return False
        if is_post_gone:
            for item in claimed.items:
                forget_post(item.target, at=item.post)
        return True


def put_off(claimed: Claimed, *, error: str, retry_at: datetime) -> bool:
    """Record that a notice was not delivered for a reason outside it; an uncertain outcome remains uncertain.

    Returns whether the claim was still ours, like the functions below.
    """
    return _update(claimed, error=error, claimed_until=retry_at if claimed.uncertain else None, due_at=retry_at)


def mark_uncertain(claimed: Claimed, *, error: str, retry_at: datetime) -> bool:
    """Record that the connection broke: it may have been delivered, so the next attempt looks for the post first."""
    return _update(claimed, error=error, claimed_until=retry_at, due_at=retry_at)


def give_back(claimed: Claimed, *, due_at: datetime) -> bool:
    """Release a claim without counting the attempt, because Slack asked us to wait; an uncertain outcome remains so."""
    kept = due_at if claimed.uncertain else None
    return _update(claimed, claimed_until=kept, due_at=due_at, attempts=Notice.attempts - 1)


def give_up(claimed: Claimed) -> bool:
    """Drop a claimed notice: there is no time for another attempt, or nothing left to deliver."""
    return _update(claimed, state="dropped", claimed_until=None)


def extend_claim(claimed: Claimed, *, until: datetime, remote_now: datetime | None = None) -> Claimed | None:
    """Extend a claim; None if it has ended and another process may have taken the notices.

    With `remote_now`, the time on the other side's clock, a new attempt begins there: earlier ones delivered nothing.
    """
    changes = {"claimed_until": until} | ({} if remote_now is None else {"look_from": remote_now})
    if Notice.update(**changes).where(_ours(claimed)).execute() != len(claimed.ids):
        return None
    return replace(claimed, until=until)


def save_payload(claimed: Claimed, payload: Mapping[str, Any], *, until: datetime) -> Claimed | None:
    """Save data that a later attempt needs, and extend the claim; None if it is no longer ours."""
    if not _update(claimed, payload=json.dumps(payload), claimed_until=until):
        return None
    first, *others = claimed.items
    return replace(claimed, items=(replace(first, payload=dict(payload)), *others), until=until)


def forget_post(key: str, *, at: tuple[str, str] | None = None) -> None:
    """Forget a stored post that is gone, so that the next notice posts it again.

    `at` is its (channel, ts); a newer post under the same key is kept.
    """
    gone = Post.key == key
    if at is not None:
        gone &= (Post.channel == at[0]) & (Post.ts == at[1])
    Post.delete().where(gone).execute()
