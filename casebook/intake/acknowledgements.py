"""Telling customers that their message has arrived: for each new case, at most once a day (design 3.7)."""

from datetime import datetime, timedelta

from casebook import notices
from casebook.conversation import destinations
from casebook.models import Case, Message, Notice
from casebook.outcomes import NoticeKind
from casebook.rules import Limits

ONCE_IN = timedelta(days=1)
# However many strangers' addresses somebody writes to us from, they do not make us write to all of them.
AN_HOUR, AT_MOST_AN_HOUR = timedelta(hours=1), 30


def put(case: Case, message: Message, *, now: datetime, limits: Limits) -> None:
    """Acknowledge the message that opened a case, if that is wanted; inside the caller's transaction.

    The limits are kept by the rows of the notices, so that they hold for several processes and over a restart. A mail
    for whose sender our own server does not vouch gets none: its sender's address may be anybody's.
    """
    if not limits.acknowledge or message.vouched is False:
        return
    to = destinations.of_receipt(message, limits)
    if to is None or _told_lately(message.sender, now) or _told_many(now):
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


def _told_many(now: datetime) -> bool:
    recent = (Notice.kind == NoticeKind.ACKNOWLEDGE) & (Notice.created_at > now - AN_HOUR)
    return bool(Notice.select().where(recent).limit(AT_MOST_AN_HOUR).count() >= AT_MOST_AN_HOUR)


def _target(customer: str) -> str:
    return f"acknowledge:{customer}"
