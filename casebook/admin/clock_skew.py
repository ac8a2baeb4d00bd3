"""A clock that is set back keeps nothing waiting: what is due further off than we ever wait is due now (design 3.4)."""

from datetime import datetime, timedelta

from casebook.models import Notice, book
from casebook.notices import MAIL
from casebook.outcomes import NoticeKind
from casebook.records.readiness import OPEN

LONGEST = timedelta(minutes=10)  # above every wait of a notice that is tried again on Slack
LONGEST_BY_MAIL = timedelta(hours=30)  # the same for mail: what is refused for good is tried once a day
LONGEST_LEASE = timedelta(minutes=30)  # above every time for which a delivery is held, on Slack and by mail


def bring_forward(*, now: datetime) -> int:
    """Make due what waits only because our clock was set back, and return how much; one transaction.

    An answer may wait for its Undo as long as the operator likes: it comes forward when it was written after `now`.
    What was in somebody's hands may have been said, and is looked for first.
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
