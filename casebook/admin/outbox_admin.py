"""The outbox for whoever looks after it: what waits and why, made due at once, or taken back before it is said."""

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
    """A notice that is still in the outbox; nothing of what it says."""

    notice_id: int
    state: str
    kind: str
    lane: str
    case_id: str | None
    attempts: int
    created_at: datetime
    due_at: datetime
    in_hand: bool  # it is being delivered at this moment
    uncertain: bool  # it may have been said, and is looked for before it is said again
    error: str


def waiting(*, now: datetime) -> tuple[WaitingNotice, ...]:
    """Everything that is still to be said, the oldest first."""
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
    """The IDs of what is refused for now."""
    return tuple(row.id for row in Notice.select(Notice.id).where(Notice.state == "failed").order_by(Notice.id))


def retry(notice_id: int, *, now: datetime) -> bool:
    """Make a notice due at once; False when it is being delivered already. One transaction.

    One that waits for its time, such as an answer that can still be taken back, is due at once too. Raises
    NoSuchNoticeError.
    """
    with book.atomic():
        notice = _open(notice_id)
        return _make_due((Notice.id == notice.id) & ~is_being_delivered(Notice, now), now) > 0


def retry_lane(lane: str | None, *, now: datetime, errors: Sequence[str] | None = None) -> int:
    """Make due at once what is refused in a lane, or in all of Slack's, with one of these errors; returns how many."""
    which = (Notice.state == "failed") & (Notice.due_at > now) & (Notice.lane != BY_MAIL)
    if lane is not None:
        which &= Notice.lane == lane
    if errors is not None:
        which &= Notice.error.in_(list(errors))
    return _make_due(which & ~is_being_delivered(Notice, now), now)


def _make_due(which: Any, now: datetime) -> int:
    # What may have been said stays so: it is looked for first.
    looked_for = Choice(None, ((Notice.claimed_until.is_null(), None),), now - timedelta(seconds=1))
    return int(Notice.update(due_at=now, claimed_until=looked_for).where(which).execute())


def drop(notice_id: int, *, by: str, now: datetime) -> WaitingNotice:
    """Take back what was not said yet, and note it in the history of its case; one transaction.

    Raises NoSuchNoticeError, and NotDroppedError for what is being delivered, may have been said, or is the card
    under which others wait.
    """
    with book.atomic():
        about = Notice.get_or_none(Notice.id == notice_id)
        case = None if about is None or about.case_id is None else lock_case(about.case_id)
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
    """Cards last: what waits under them goes first."""
    ids = list(dict.fromkeys(notice_ids))
    cards = {row.id for row in Notice.select(Notice.id).where(Notice.id.in_(ids) & (Notice.kind == NoticeKind.CARD))}
    return tuple(sorted(ids, key=lambda notice_id: notice_id in cards))
