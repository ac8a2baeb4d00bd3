"""Telling customers that their message has arrived: for each new case, at most once a day (design 3.7)."""

from datetime import datetime, timedelta

from casebook import destinations, notices
from casebook.models import Case, Message, Notice
from casebook.outcomes import NoticeKind
from casebook.rules import Limits

ONCE_IN = timedelta(days=1)


def put(case: Case, message: Message, *, now: datetime, limits: Limits) -> None:
    """Acknowledge the message that opened a case, if that is wanted; inside the caller's transaction.

    The limit is kept by the row of the notice, so that it holds for several processes and over a restart.
    """
    if not limits.acknowledge:
        return
    to = destinations.of_reply(message, limits)
    if to is None or _told_lately(message.sender, now):
        return
    text = f"Your message has arrived; your case is {case.case_id}. We answer here."
    notices.put(
        NoticeKind.ACKNOWLEDGE,
        lane=to.lane,
        now=now,
        case_id=case.case_id,
        target=_target(message.sender),
        payload={"text": text, "automatic": True} | to.payload,
    )


def _told_lately(customer: str, now: datetime) -> bool:
    told = Notice.select().where((Notice.target == _target(customer)) & (Notice.created_at > now - ONCE_IN))
    return bool(told.exists())


def _target(customer: str) -> str:
    return f"acknowledge:{customer}"
