"""The outbox: notices are written in the transaction that causes them, and delivered later."""

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL

from casebook.database import locked
from casebook.models import Notice, Post, book
from casebook.outbound.delivery_marks import (
    extend_claim,
    forget_post,
    give_back,
    give_up,
    mark_failed,
    mark_sent,
    mark_uncertain,
    put_off,
    save_payload,
)
from casebook.outcomes import Claimed, Item, NoticeKind
from casebook.records.readiness import BY_MAIL, OPEN, due, lock_until_commit

__all__ = [
    "ALERTS",
    "DOWNLOADS",
    "JOINED_AT_MOST",
    "KEPT_WHEN_SENT",
    "LEASE",
    "LOG",
    "MAIL",
    "SUPPORT",
    "card",
    "claim",
    "drop",
    "end_leases",
    "extend_claim",
    "forget_post",
    "give_back",
    "give_up",
    "lanes_due",
    "log",
    "mark_failed",
    "mark_sent",
    "mark_uncertain",
    "payload_of",
    "prune",
    "put",
    "put_off",
    "put_private",
    "save_payload",
]

SUPPORT, ALERTS, LOG = "support", "alerts", "log"
DOWNLOADS = "downloads"  # files to fetch from Slack; nothing is posted
MAIL = BY_MAIL

LEASE = timedelta(seconds=45)  # how long a claim lasts; then another process checks whether the delivery happened
JOINED_AT_MOST = 10
KEPT_WHEN_SENT = timedelta(days=30)

_STATE_KINDS = (
    NoticeKind.CARD,
    NoticeKind.ALERT,
    NoticeKind.COPY,
    NoticeKind.ANSWER_STATE,
)  # show the current state, so one pending notice is enough
_LOG_KINDS = (NoticeKind.LOG, NoticeKind.CLOSED, NoticeKind.REOPENED)
_JOINABLE_KINDS = (NoticeKind.THREAD, *_LOG_KINDS)


def put(
    kind: NoticeKind,
    *,
    lane: str,
    now: datetime,
    case_id: str | None = None,
    target: str = "",
    payload: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
) -> None:
    """Add a notice, due at once or from `due_at` on; inside the caller's transaction.

    A notice that only refreshes a post is not added while an identical one is pending and unclaimed.
    """
    if kind in _STATE_KINDS:
        waiting = Notice.select(Notice.id).where(
            (Notice.case == case_id)
            & (Notice.kind == kind)
            & (Notice.target == target)
            & OPEN
            & Notice.claimed_until.is_null()
        )
        # Locked: a courier that claims it at this moment would read the case as it was before this change.
        if locked(waiting).first() is not None:
            return
    Notice.create(
        key=uuid.uuid4().hex,
        case=case_id,
        kind=kind,
        lane=lane,
        target=target,
        payload=json.dumps(payload or {}),
        created_at=now,
        due_at=due_at or now,
    )


def card(case_id: str, *, now: datetime) -> None:
    """Post or update the card of a case."""
    put(NoticeKind.CARD, lane=SUPPORT, now=now, case_id=case_id, target=f"card:{case_id}")


def log(text: str, *, now: datetime, case_id: str | None = None) -> None:
    """Post a line in the log channel."""
    put(NoticeKind.LOG, lane=LOG, now=now, case_id=case_id, payload={"text": text})


def put_private(channel: str, user: str, text: str, *, now: datetime) -> None:
    """Post a message in a channel that only one person sees (an ephemeral message)."""
    payload = {"user": user, "text": text}
    put(NoticeKind.PRIVATE, lane=channel, now=now, payload=payload)


def lanes_due(*, now: datetime, excluding: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The Slack lanes in which a notice can be delivered now, except `excluding`; email has its own sender."""
    others = Notice.lane.not_in([MAIL, *sorted(excluding)])
    waiting = Notice.select(Notice.lane).where(OPEN & (Notice.due_at <= now) & others).distinct()
    # Each lane is checked with its own query, which stops at the first notice that is ready.
    return tuple(row.lane for row in list(waiting) if _has_ready_notice(row.lane, now))


def _has_ready_notice(lane: str, now: datetime) -> bool:
    return Notice.select(SQL("1")).where((Notice.lane == lane) & due(now)).limit(1).first() is not None


def claim(lane: str, *, now: datetime, remote_now: datetime | None = None, lease: timedelta = LEASE) -> Claimed | None:
    """Claim the next notice of a lane until the lease ends; None when nothing is due. One transaction.

    `remote_now` is the time on the other side's clock (Slack's). If the delivery ends without a result, the search
    for the post starts there.
    """
    with book.atomic():
        lock_until_commit(lane)
        first = locked(_query(lane, now), skip=True).first()
        if first is None:
            return None
        is_uncertain = first.claimed_until is not None
        rows = [first, *_companions(first, now)] if first.kind in _JOINABLE_KINDS else [first]
        Notice.update(
            claimed_until=now + lease,
            attempts=Notice.attempts + 1,
            burst=first.key,
            look_from=first.look_from if is_uncertain else remote_now,
        ).where(Notice.id.in_([row.id for row in rows])).execute()
        posts = {
            post.key: (post.channel, post.ts)
            for post in Post.select().where(Post.key.in_([row.target for row in rows if row.target]))
        }
        items = tuple(_item(row, posts.get(row.target)) for row in rows)
        return Claimed(lane, items, uncertain=is_uncertain, until=now + lease, look_from=first.look_from)


def _query(lane: str, now: datetime) -> Any:
    return Notice.select().where((Notice.lane == lane) & due(now)).order_by(Notice.id)


def _companions(first: Notice, now: datetime) -> list[Notice]:
    """Further notices that fit into the same post: messages of one case, or lines for the log channel.

    If the outcome of the first one is uncertain, the same group is claimed again, since one post carried all of it.
    """
    if first.claimed_until is not None:
        same = (Notice.burst == first.burst) & (Notice.id > first.id) & OPEN & Notice.claimed_until.is_null(False)
        return list(locked(Notice.select().where(same & (Notice.lane == first.lane)).order_by(Notice.id), skip=True))
    kinds = (NoticeKind.THREAD,) if first.kind == NoticeKind.THREAD else _LOG_KINDS
    query = _query(first.lane, now).where(
        (Notice.id > first.id) & Notice.kind.in_(kinds) & Notice.claimed_until.is_null()
    )
    if first.kind == NoticeKind.THREAD:
        query = query.where(Notice.case == first.case_id)
    return list(locked(query.limit(JOINED_AT_MOST - 1), skip=True))


def _item(row: Notice, post: tuple[str, str] | None) -> Item:
    return Item(
        id=row.id,
        key=row.key,
        kind=NoticeKind(row.kind),
        case_id=row.case_id,
        target=row.target,
        payload=payload_of(row),
        created_at=row.created_at,
        attempts=row.attempts + 1,
        post=post,
    )


def payload_of(row: Notice) -> dict[str, Any]:
    """The details of a notice, as stored by `put`."""
    payload: dict[str, Any] = json.loads(row.payload)
    return payload


def end_leases(*, now: datetime) -> int:
    """Release all claims after a crash: each claimed notice is uncertain and due now. Returns how many there were."""
    held = OPEN & Notice.claimed_until.is_null(False)
    return int(Notice.update(claimed_until=now - timedelta(seconds=1), due_at=now).where(held).execute())


def prune(*, now: datetime) -> int:
    """Delete notices that were sent or dropped more than KEPT_WHEN_SENT ago, and return how many."""
    before = now - KEPT_WHEN_SENT
    sent = SQL("state = 'sent'") & (Notice.sent_at < before)
    dropped = SQL("state = 'dropped'") & (Notice.due_at < before)
    return sum(int(Notice.delete().where(old).execute()) for old in (sent, dropped))


def drop(ids: Iterable[int]) -> None:
    """Drop these notices, except those that are claimed or already sent."""
    free = Notice.id.in_(list(ids)) & OPEN & Notice.claimed_until.is_null()
    Notice.update(state="dropped").where(free).execute()
