"""The outbox: what must be said to the outside is put here in the transaction that makes it true, and said later."""

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL

from casebook.database import locked
from casebook.models import Notice, Post, book
from casebook.outbound.delivery_marks import (
    forget_post,
    give_back,
    give_up,
    mark_failed,
    mark_sent,
    mark_uncertain,
    put_off,
    remember,
    still_ours,
)
from casebook.outcomes import Claimed, Item, NoticeKind
from casebook.records.readiness import BY_MAIL, OPEN, due, one_at_a_time

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
    "forget_post",
    "give_back",
    "give_up",
    "lanes_due",
    "log",
    "mark_failed",
    "mark_sent",
    "mark_uncertain",
    "payload_of",
    "privately",
    "prune",
    "put",
    "put_off",
    "remember",
    "still_ours",
]

SUPPORT, ALERTS, LOG = "support", "alerts", "log"
DOWNLOADS = "downloads"  # says nothing anywhere: what is to be fetched from Slack
MAIL = BY_MAIL

LEASE = timedelta(seconds=45)  # how long one delivery may take before somebody else looks whether it happened
JOINED_AT_MOST = 10
KEPT_WHEN_SENT = timedelta(days=30)

_UP_TO_DATE = (
    NoticeKind.CARD,
    NoticeKind.ALERT,
    NoticeKind.COPY,
    NoticeKind.ANSWER_STATE,
)  # say how things are, not what happened
_LINES = (NoticeKind.LOG, NoticeKind.CLOSED, NoticeKind.REOPENED)
_JOINED = (NoticeKind.THREAD, *_LINES)


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
    """Write a notice, to be said at once or from `due_at` on.

    One that keeps a post up to date is not written twice while the first still waits.
    """
    if kind in _UP_TO_DATE:
        waiting = Notice.select(Notice.id).where(
            (Notice.case == case_id)
            & (Notice.kind == kind)
            & (Notice.target == target)
            & OPEN
            & Notice.claimed_until.is_null()
        )
        # Locked: a courier that claims it at this moment would read the case as it was before our change.
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
    """The case's card must show how things are now."""
    put(NoticeKind.CARD, lane=SUPPORT, now=now, case_id=case_id, target=f"card:{case_id}")


def log(text: str, *, now: datetime, case_id: str | None = None) -> None:
    """A line for the log channel."""
    put(NoticeKind.LOG, lane=LOG, now=now, case_id=case_id, payload={"text": text})


def privately(channel: str, user: str, text: str, *, now: datetime) -> None:
    """A sentence that one person alone sees, in the channel where they are."""
    payload = {"user": user, "text": text}
    put(NoticeKind.PRIVATE, lane=channel, now=now, payload=payload)


def lanes_due(*, now: datetime, besides: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The lanes of Slack in which something can be said now, `besides` these; mail has a sender of its own."""
    others = Notice.lane.not_in([MAIL, *sorted(besides)])
    waiting = Notice.select(Notice.lane).where(OPEN & (Notice.due_at <= now) & others).distinct()
    # Whether anything can be said is asked of each by itself: of thousands that can, one is enough.
    return tuple(row.lane for row in list(waiting) if _any(row.lane, now))


def _any(lane: str, now: datetime) -> bool:
    return Notice.select(SQL("1")).where((Notice.lane == lane) & due(now)).limit(1).first() is not None


def claim(lane: str, *, now: datetime, there: datetime | None = None, lease: timedelta = LEASE) -> Claimed | None:
    """Take the next thing to say in a lane, for as long as the lease; None when nothing is due. One transaction.

    `there` is what the clock of the other side shows: where a look-up begins if the delivery ends without a word.
    """
    with book.atomic():
        one_at_a_time(lane)
        first = locked(_query(lane, now), skip=True).first()
        if first is None:
            return None
        is_uncertain = first.claimed_until is not None
        rows = [first, *_companions(first, now)] if first.kind in _JOINED else [first]
        Notice.update(
            claimed_until=now + lease,
            attempts=Notice.attempts + 1,
            burst=first.key,
            look_from=first.look_from if is_uncertain else there,
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
    """What waits for the same place and can stand in the same post: a burst of one case, lines of the log.

    What may have been said already comes back as the burst that it was, since one post tells of all of it.
    """
    if first.claimed_until is not None:
        same = (Notice.burst == first.burst) & (Notice.id > first.id) & OPEN & Notice.claimed_until.is_null(False)
        return list(locked(Notice.select().where(same & (Notice.lane == first.lane)).order_by(Notice.id), skip=True))
    kinds = (NoticeKind.THREAD,) if first.kind == NoticeKind.THREAD else _LINES
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
    """What else is needed to say a notice."""
    payload: dict[str, Any] = json.loads(row.payload)
    return payload


def end_leases(*, now: datetime) -> int:
    """Whoever had something in hand is gone: it may have been said, and is looked up at once. Returns how many."""
    held = OPEN & Notice.claimed_until.is_null(False)
    return int(Notice.update(claimed_until=now - timedelta(seconds=1), due_at=now).where(held).execute())


def prune(*, now: datetime) -> int:
    """Remove what was sent, or written and taken back, more than KEPT_WHEN_SENT ago, and return how many."""
    before = now - KEPT_WHEN_SENT
    sent = SQL("state = 'sent'") & (Notice.sent_at < before)
    dropped = SQL("state = 'dropped'") & (Notice.due_at < before)
    return sum(int(Notice.delete().where(old).execute()) for old in (sent, dropped))


def drop(ids: Iterable[int]) -> None:
    """Take back what was not said yet and is in nobody's hands."""
    free = Notice.id.in_(list(ids)) & OPEN & Notice.claimed_until.is_null()
    Notice.update(state="dropped").where(free).execute()
