"""Marks on notices that were claimed: what came of a delivery, noted by whoever still holds the claim (design 3.13).

A claim runs out, and then another process may have the notice. What the late one still notes must not reopen what the
other has said, nor free what the other is saying: each mark but `mark_sent` counts only while the claim is its own.
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

# Posts that are updated, or found again, by their target.
_KEPT = ("card", "alert", "message", "answer", "state", "claim", "forward", "doubtful")


def mark_sent(claimed: Claimed, *, channel: str, ts: str, now: datetime) -> bool:
    """Note that it was said, and where, so that it can be kept up to date; one transaction.

    That it was said is a fact, so it counts also when the claim has run out. Nothing changes where another process has
    marked it as sent already, or somebody took it back; returns whether anything was noted.
    """
    with book.atomic():
        waiting = Notice.select(Notice.id).where(Notice.id.in_(claimed.ids) & OPEN).order_by(Notice.id)
        noted = {row.id for row in locked(waiting)}
        Notice.update(state="sent", sent_at=now, claimed_until=None, error="").where(Notice.id.in_(noted)).execute()
        for item in claimed.items:
            if item.id in noted and item.post is None and ts and item.target.partition(":")[0] in _KEPT:
                _keep_post(item, channel, ts)
        return bool(noted)


def _keep_post(item: Item, channel: str, ts: str) -> None:
    (
        Post.insert(key=item.target, case=item.case_id, channel=channel, ts=ts)
        .on_conflict(conflict_target=[Post.key], update={Post.channel: channel, Post.ts: ts})
        .execute()
    )


def _ours(claimed: Claimed) -> Any:
    """What of it is still in the hands of whoever claimed it."""
    return Notice.id.in_(claimed.ids) & (Notice.claimed_until == claimed.until) & OPEN


def _note(claimed: Claimed, **changes: Any) -> bool:
    return bool(Notice.update(**changes).where(_ours(claimed)).execute())


def mark_failed(
    claimed: Claimed, *, error: str, retry_at: datetime, uncertain: bool = False, is_post_gone: bool = False
) -> bool:
    """Note that it was refused, and when it will be tried again; returns whether it was still ours. One transaction.

    `uncertain` when an earlier try may have said it all the same: then the next one looks first. `is_post_gone` when
    somebody deleted the post that was to be updated: the next try posts it anew.
    """
    with book.atomic():
        held = retry_at if uncertain else None
        if not _note(claimed, state="failed", error=error, claimed_until=held, due_at=retry_at):
            return False
        if is_post_gone:
            for item in claimed.items:
                forget_post(item.target, at=item.post)
        return True


def put_off(claimed: Claimed, *, error: str, retry_at: datetime) -> bool:
    """Note that it was not said for a reason that lies in none of it; what may have been said stays uncertain.

    Returns whether it was still ours, like the marks below.
    """
    return _note(claimed, error=error, claimed_until=retry_at if claimed.uncertain else None, due_at=retry_at)


def mark_uncertain(claimed: Claimed, *, error: str, retry_at: datetime) -> bool:
    """Note that the line broke: it may have been said, so the next delivery looks before it posts."""
    return _note(claimed, error=error, claimed_until=retry_at, due_at=retry_at)


def give_back(claimed: Claimed, *, due_at: datetime) -> bool:
    """Return what could not be said yet: Slack asked us to wait. What may have been said before stays uncertain."""
    kept = due_at if claimed.uncertain else None
    return _note(claimed, claimed_until=kept, due_at=due_at, attempts=Notice.attempts - 1)


def give_up(claimed: Claimed) -> bool:
    """Note that it is never said: there is no time for another try, or nothing left to say."""
    return _note(claimed, state="dropped", claimed_until=None)


def still_ours(claimed: Claimed, *, until: datetime, there: datetime | None = None) -> Claimed | None:
    """Hold what was claimed until then; None when the claim ran out and it may be in somebody else's hands.

    With `there`, what the clock of the other side shows, a delivery begins anew: an earlier one has said nothing.
    """
    changes = {"claimed_until": until} | ({} if there is None else {"look_from": there})
    if Notice.update(**changes).where(_ours(claimed)).execute() != len(claimed.ids):
        return None
    return replace(claimed, until=until)


def remember(claimed: Claimed, payload: Mapping[str, Any], *, until: datetime) -> Claimed | None:
    """Keep what a later try must know of this one, and hold the notice; None when it is not ours any more."""
    if not _note(claimed, payload=json.dumps(payload), claimed_until=until):
        return None
    first, *others = claimed.items
    return replace(claimed, items=(replace(first, payload=dict(payload)), *others), until=until)


def forget_post(key: str, *, at: tuple[str, str] | None = None) -> None:
    """A post that we kept up to date is gone: the next notice posts it anew.

    `at` is (channel, ts) of the one that is gone; another one that was posted meanwhile is kept.
    """
    gone = Post.key == key
    if at is not None:
        gone &= (Post.channel == at[0]) & (Post.ts == at[1])
    Post.delete().where(gone).execute()
