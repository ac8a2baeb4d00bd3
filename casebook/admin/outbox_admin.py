"""The outbox for the operator: lists what waits and why, makes notices due at once, and drops them before delivery."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import Case as Choice

from casebook.database import lock_case, locked
from casebook.errors import NoSuchNoticeError, NotDroppedError
from casebook.models import Notice, Post, book
from casebook.outbound import replies
from casebook.outcomes import NoticeKind
from casebook.records import history
from casebook.records.readiness import BY_MAIL, OPEN, UNDER_CARD, is_being_delivered


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingNotice:
    """A notice that is still in the outbox, without its text."""

    notice_id: int
    state: str
    kind: str
    lane: str
    case_id: str | None
    attempts: int
    created_at: datetime
    due_at: datetime
    in_hand: bool  # a delivery is in progress
    uncertain: bool  # it may have been delivered: the next delivery searches for it first
    error: str


def waiting(*, now: datetime) -> tuple[WaitingNotice, ...]:
    """Everything that is still to be delivered, oldest first."""
    return _waiting(OPEN, now)


def _waiting(which: Any, now: datetime) -> tuple[WaitingNotice, ...]:
    held = {row.id for row in Notice.select(Notice.id).where(which & is_being_delivered(Notice, now))}
    return tuple(
        WaitingNotice(
            notice_id=row.id,
            state=row.state,
            kind=row.kind,
            lane=row.lane,
            case_id=row.case_id,
            attempts=row.attempts,
            created_at=row.created_at,
            due_at=row.due_at,
            in_hand=row.id in held,
            uncertain=row.claimed_until is not None and row.id not in held,
            error=row.error,
        )
        for row in Notice.select().where(which).order_by(Notice.id)
    )


def refused() -> tuple[int, ...]:
    """The IDs of the notices whose last delivery failed, oldest first."""
    return tuple(row.id for row in Notice.select(Notice.id).where(Notice.state == "failed").order_by(Notice.id))


def retry(notice_id: int, *, now: datetime) -> bool:
    """Make a notice due at once; False if a delivery is in progress. One transaction.

    This includes a notice that waits for its time, such as an answer that can still be undone. Raises
    NoSuchNoticeError.
    """
    with book.atomic():
        notice = _open(notice_id)
        return _make_due((Notice.id == notice.id) & ~is_being_delivered(Notice, now), now) > 0


def retry_lane(lane: str | None, *, now: datetime, errors: Sequence[str] | None = None) -> int:
    """Make the failed notices of a lane due at once; returns how many.

    `lane` None means all Slack lanes; `errors` limits it to notices with one of these errors.
    """
    which = (Notice.state == "failed") & (Notice.due_at > now) & (Notice.lane != BY_MAIL)
    if lane is not None:
        which &= Notice.lane == lane
    if errors is not None:
        which &= Notice.error.in_(list(errors))
    return _make_due(which & ~is_being_delivered(Notice, now), now)


def _make_due(which: Any, now: datetime) -> int:
    # A notice that may have been delivered keeps that mark, so that the next delivery searches for it first.
    expired = Choice(None, ((Notice.claimed_until.is_null(), None),), now - timedelta(seconds=1))
    return int(Notice.update(due_at=now, claimed_until=expired).where(which).execute())


def drop(notice_id: int, *, by: str, now: datetime) -> WaitingNotice:
    """Drop a notice that was not delivered, and add that to the history of its case; one transaction.

    Raises NoSuchNoticeError, or NotDroppedError if a delivery is in progress, if the notice may have been delivered,
    or if it is the card under which other notices wait.
    """
    with book.atomic():
        unlocked = Notice.get_or_none(Notice.id == notice_id)
        case = None if unlocked is None or unlocked.case_id is None else lock_case(unlocked.case_id)
        notice = _open(notice_id)
        (shown,) = _waiting(OPEN & (Notice.id == notice_id), now)
        _check_droppable(notice, shown)
        if notice.kind == NoticeKind.ANSWER:
            replies.take_back(int(notice.target.partition(":")[2]), by=by, now=now)
        else:
            Notice.update(state="dropped").where(Notice.id == notice_id).execute()
            if case is not None:
                history.add(case, now, by, "notice dropped", notice.kind)
        return shown


def _check_droppable(notice: Notice, shown: WaitingNotice) -> None:
    if shown.in_hand:
        raise NotDroppedError(f"Notice {notice.id} is being delivered at this moment.")
    if shown.uncertain:
        raise NotDroppedError(f"Notice {notice.id} may have been said already; it is looked for first.")
    if notice.kind == NoticeKind.CARD and not Post.select().where(Post.key == notice.target).exists():
        under = (Notice.case == notice.case_id) & Notice.kind.in_(UNDER_CARD) & OPEN
        if count := Notice.select().where(under).count():
            raise NotDroppedError(
                f"Notice {notice.id} is the card under which {count} more of {notice.case_id} wait; drop those first."
            )


def _open(notice_id: int) -> Notice:
    notice: Notice | None = locked(Notice.select().where((Notice.id == notice_id) & OPEN)).first()
    if notice is None:
        raise NoSuchNoticeError(f"There is no notice {notice_id} in the outbox.")
    return notice


def in_order_of_dropping(notice_ids: Iterable[int]) -> tuple[int, ...]:
    """These notices without duplicates, cards last, since what waits under a card must be dropped first."""
    ids = list(dict.fromkeys(notice_ids))
    cards = {row.id for row in Notice.select(Notice.id).where(Notice.id.in_(ids) & (Notice.kind == NoticeKind.CARD))}
    return tuple(sorted(ids, key=lambda notice_id: notice_id in cards))
