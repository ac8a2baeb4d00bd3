"""Whose turn it is in a case, and what counts for the rules: read from its messages, in any order of arrival."""

from datetime import datetime
from typing import Any

from casebook.incoming import Standing
from casebook.models import Case, Message
from casebook.rules import Limits, Reason, check_followup_escalation, check_keyword_escalation


def floor(case: Case) -> datetime | None:
    """Only what was written after this counts for keywords and follow-ups: the last answer, the last episode."""
    return max(filter(None, (case.answered_at, case.settled_at)), default=None)


def waiting_since(case: Case) -> datetime | None:
    """When the first customer's message was written that is not answered; None when it is not our turn."""
    first = _of_customer(case, Message.timestamp, after=case.answered_at).first()
    return None if first is None else first.timestamp


def unanswered(case: Case, *, limits: Limits) -> list[datetime]:
    """The times of the customer's messages in a row that count, the oldest first, up to one over the limit."""
    query = _of_customer(case, Message.timestamp, after=floor(case)).limit(limits.follow_ups + 1)
    return [row.timestamp for row in query]


def followup_reason(case: Case, *, limits: Limits) -> Reason | None:
    """The reason when more than the limit of messages came in a row without an answer."""
    times = unanswered(case, limits=limits)
    return check_followup_escalation(len(times), limits=limits, since=times[0] if times else None)


def keyword_reason(case: Case, message: Message, text: str, *, limits: Limits) -> Reason | None:
    """The reason when a customer's text is urgent; what was written before the last answer does not count."""
    after = floor(case)
    if after is not None and message.timestamp <= after:
        return None
    return check_keyword_escalation(text, limits=limits)


def still_urgent(case: Case, *, limits: Limits) -> bool:
    """Whether what came after the last answer would escalate the case by itself."""
    if followup_reason(case, limits=limits) is not None:
        return True
    after = _of_customer(case, Message.body, Message.new_text, Message.own_text, after=floor(case))
    return any(check_keyword_escalation(counted(row), limits=limits) for row in after)


def written(message: Message) -> str:
    """What its sender newly wrote, without quotes and signature, as it is shown."""
    return str(message.body if message.new_text is None else message.new_text)


def counted(message: Message) -> str:
    """The words at which the rules look: what is `written`, without what its sender forwards."""
    return written(message) if message.own_text is None else str(message.own_text)


def wrote_after(case: Case, moment: datetime) -> bool:
    """Whether the customer wrote after this moment."""
    return bool(_of_customer(case, Message.id, after=moment).exists())


def _of_customer(case: Case, *columns: Any, after: datetime | None) -> Any:
    query = Message.select(*columns).where(
        (Message.case == case) & (Message.standing == Standing.CUSTOMER) & Message.deleted_at.is_null()
    )
    if after is not None:
        query = query.where(Message.timestamp > after)
    return query.order_by(Message.timestamp)
