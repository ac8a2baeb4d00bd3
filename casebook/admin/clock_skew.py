"""After our clock is set back, makes notices due whose time is further ahead than any regular delay (design 3.4)."""

from datetime import datetime, timedelta

from casebook.models import Notice, book
from casebook.notices import MAIL
from casebook.outcomes import NoticeKind
from casebook.records.readiness import OPEN

LONGEST = timedelta(minutes=10)  # above every delay of a retry on Slack
LONGEST_BY_MAIL = timedelta(hours=30)  # above every delay of a retry by mail: a permanent failure is retried once a day
LONGEST_LEASE = timedelta(minutes=30)  # above every time for which a delivery is claimed, on Slack and by mail


def bring_forward(*, now: datetime) -> int:
    """Make due the notices that wait only because our clock was set back; returns how many. One transaction.

    The operator sets how long an answer waits for Undo, so an answer is made due only if it was written after `now`.
    A notice whose delivery was in progress may have been delivered: the next delivery searches for it first.
    """
    untried = (Notice.attempts == 0) & (Notice.created_at > now + LONGEST)
    waits_for_undo = (Notice.kind == NoticeKind.ANSWER) & (Notice.attempts == 0)
    in_slack = (Notice.lane != MAIL) & (Notice.due_at > now + LONGEST) & ~waits_for_undo
    by_mail = (Notice.lane == MAIL) & (Notice.due_at > now + LONGEST_BY_MAIL) & ~waits_for_undo
    too_late = (Notice.due_at > now) & (untried | in_slack | by_mail)
    with book.atomic():
        held = OPEN & (Notice.claimed_until > now + LONGEST_LEASE)
        freed = Notice.update(claimed_until=now - timedelta(seconds=1), due_at=now).where(held).execute()
        return int(freed) + int(Notice.update(due_at=now).where(OPEN & too_late).execute())
