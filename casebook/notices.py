"""The outbox: what must be said to the outside is put here in the transaction that makes it true, and said later."""

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, Value, fn

from casebook.database import locked
from casebook.models import Notice, Post, book
from casebook.outcomes import Claimed, Item, NoticeKind

SUPPORT, ALERTS, LOG = "support", "alerts", "log"
DOWNLOADS = "downloads"  # says nothing anywhere: what is to be fetched from Slack

LEASE = timedelta(seconds=45)  # how long one delivery may take before somebody else looks whether it happened
WAITS_FOR_CARD = timedelta(seconds=5)  # an alert links to the card, but never waits longer for it
JOINED_AT_MOST = 10
KEPT_WHEN_SENT = timedelta(days=30)

_OPEN = SQL("state IN ('pending', 'failed')")


_UP_TO_DATE = (
    NoticeKind.CARD,
    NoticeKind.ALERT,
    NoticeKind.COPY,
    NoticeKind.ANSWER_STATE,
)  # say how things are, not what happened
_UNDER_CARD = (NoticeKind.THREAD, NoticeKind.ANSWER_STATE, NoticeKind.FILES)
_BESIDE_CARD = (NoticeKind.ALERT, NoticeKind.CLAIM)  # link to it
# Posts that are updated, or found again, by their target.
_KEPT = ("card", "alert", "message", "answer", "state", "claim", "forward")
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
            & _OPEN
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


def lanes_due(*, now: datetime) -> tuple[str, ...]:
    """The lanes in which something can be said now."""
    query = Notice.select(Notice.lane).where(_due(now)).distinct()
    return tuple(row.lane for row in query)


def _due(now: datetime) -> Any:
    """What can be said now: not in somebody's hands, and not waiting for its card."""
    has_card = fn.EXISTS(Post.select(SQL("1")).where(Post.key == Value("card:").concat(Notice.case)))
    has_copy = fn.EXISTS(Post.select(SQL("1")).where(Post.key == Notice.target))
    return (
        _OPEN
        & (Notice.due_at <= now)
        & (Notice.claimed_until.is_null() | (Notice.claimed_until < now))
        & (Notice.kind.not_in(_UNDER_CARD) | has_card)
        & ((Notice.kind != NoticeKind.COPY) | has_copy)
        & (Notice.kind.not_in(_BESIDE_CARD) | has_card | (Notice.created_at < now - WAITS_FOR_CARD))
    )


def claim(lane: str, *, now: datetime) -> Claimed | None:
    """Take the next thing to say in a lane, for as long as LEASE; None when nothing is due. One transaction."""
    with book.atomic():
        first = locked(_query(lane, now), skip=True).first()
        if first is None:
            return None
        rows = [first, *_companions(first, now)] if first.kind in _JOINED else [first]
        Notice.update(claimed_until=now + LEASE, attempts=Notice.attempts + 1, burst=first.key).where(
            Notice.id.in_([row.id for row in rows])
        ).execute()
        posts = {
            post.key: (post.channel, post.ts)
            for post in Post.select().where(Post.key.in_([row.target for row in rows if row.target]))
        }
        items = tuple(_item(row, posts.get(row.target)) for row in rows)
        return Claimed(lane, items, uncertain=first.claimed_until is not None)


def _query(lane: str, now: datetime) -> Any:
    return Notice.select().where((Notice.lane == lane) & _due(now)).order_by(Notice.id)


def _companions(first: Notice, now: datetime) -> list[Notice]:
    """What waits for the same place and can stand in the same post: a burst of one case, lines of the log.

    What may have been said already comes back as the burst that it was, since one post tells of all of it.
    """
    if first.claimed_until is not None:
        same = (Notice.burst == first.burst) & (Notice.id > first.id) & _OPEN & Notice.claimed_until.is_null(False)
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


def mark_sent(claimed: Claimed, *, channel: str, ts: str, now: datetime) -> None:
    """Note that it was said, and where, so that it can be kept up to date; one transaction."""
    with book.atomic():
        Notice.update(state="sent", sent_at=now, claimed_until=None, error="").where(
            Notice.id.in_(claimed.ids)
        ).execute()
        for item in claimed.items:
            if item.post is None and ts and item.target.partition(":")[0] in _KEPT:
                (
                    Post.insert(key=item.target, case=item.case_id, channel=channel, ts=ts)
                    .on_conflict(conflict_target=[Post.key], update={Post.channel: channel, Post.ts: ts})
                    .execute()
                )


def mark_failed(claimed: Claimed, *, error: str, retry_at: datetime) -> None:
    """Note that it was refused, and when it will be tried again."""
    Notice.update(state="failed", error=error, claimed_until=None, due_at=retry_at).where(
        Notice.id.in_(claimed.ids)
    ).execute()


def mark_uncertain(claimed: Claimed, *, error: str, retry_at: datetime) -> None:
    """Note that the line broke: it may have been said, so the next delivery looks before it posts."""
    Notice.update(error=error, claimed_until=retry_at, due_at=retry_at).where(Notice.id.in_(claimed.ids)).execute()


def remember(claimed: Claimed, payload: Mapping[str, Any], *, until: datetime) -> None:
    """Keep what a later try must know of this one, and hold the notice until then."""
    Notice.update(payload=json.dumps(payload), claimed_until=until).where(Notice.id == claimed.items[0].id).execute()


def give_back(claimed: Claimed, *, due_at: datetime) -> None:
    """Return what could not be said yet: Slack asked us to wait. What may have been said before stays uncertain."""
    kept = due_at if claimed.uncertain else None
    Notice.update(claimed_until=kept, due_at=due_at, attempts=Notice.attempts - 1).where(
        Notice.id.in_(claimed.ids)
    ).execute()


def end_leases(*, now: datetime) -> int:
    """Whoever had something in hand is gone: it may have been said, and is looked up at once. Returns how many."""
    held = _OPEN & Notice.claimed_until.is_null(False)
    return int(Notice.update(claimed_until=now - timedelta(seconds=1), due_at=now).where(held).execute())


def forget_post(key: str) -> None:
    """A post that we kept up to date is gone: the next notice posts it anew."""
    Post.delete().where(Post.key == key).execute()


def prune(*, now: datetime) -> int:
    """Remove what was sent more than KEPT_WHEN_SENT ago, and return how many."""
    query = Notice.delete().where(SQL("state = 'sent'") & (Notice.sent_at < now - KEPT_WHEN_SENT))
    return int(query.execute())


def drop(ids: Iterable[int]) -> None:
    """Take back what was not said yet."""
    Notice.update(state="dropped").where(Notice.id.in_(list(ids)) & _OPEN).execute()
