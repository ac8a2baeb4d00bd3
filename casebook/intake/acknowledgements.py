"""Acknowledging customers' messages: once for each new case, and at most once a day per customer (design 3.7)."""

from datetime import datetime, timedelta

from casebook import notices
from casebook.conversation import destinations
from casebook.models import Case, Message, Notice
from casebook.outcomes import NoticeKind
from casebook.rules import Limits

ONCE_IN = timedelta(days=1)
# Somebody who writes to us from many forged addresses must not make us send mail to all of them.
AN_HOUR, AT_MOST_AN_HOUR = timedelta(hours=1), 30


def put(case: Case, message: Message, *, now: datetime, limits: Limits) -> None:
    """Acknowledge the message that opened a case, if that is enabled; inside the caller's transaction.

    The limits are checked against the rows of the notices, so they hold for several processes and across a restart. An
    email whose sender our server could not authenticate gets no acknowledgement, since the address may be anybody's.
    """
    if not limits.acknowledge or message.vouched is False:
        return
    to = destinations.for_acknowledgement(message, limits)
    if to is None or _was_acknowledged_recently(message.sender, now) or _is_limit_reached(now):
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


def _was_acknowledged_recently(customer: str, now: datetime) -> bool:
    recent = Notice.select().where((Notice.target == _target(customer)) & (Notice.created_at > now - ONCE_IN))
    return bool(recent.exists())


def _is_limit_reached(now: datetime) -> bool:
    recent = (Notice.kind == NoticeKind.ACKNOWLEDGE) & (Notice.created_at > now - AN_HOUR)
    return bool(Notice.select().where(recent).limit(AT_MOST_AN_HOUR).count() >= AT_MOST_AN_HOUR)


def _target(customer: str) -> str:
    return f"acknowledge:{customer}"
