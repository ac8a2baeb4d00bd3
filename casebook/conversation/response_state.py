"""Whether a case waits for us, and what counts for the rules: read from its messages, in any order of arrival."""

from datetime import datetime
from typing import Any

from casebook.incoming import Standing
from casebook.models import Case, Message
from casebook.rules import Limits, Reason, check_followup_escalation, check_keyword_escalation


def rules_start(case: Case) -> datetime | None:
    """The time from which keywords and follow-ups count: the last answer or the end of the last episode."""
    return max(filter(None, (case.answered_at, case.settled_at)), default=None)


def waiting_since(case: Case) -> datetime | None:
    """When the first unanswered customer message was written; None when there is none."""
    first = _of_customer(case, Message.timestamp, after=case.answered_at).first()
    return None if first is None else first.timestamp


def unanswered(case: Case, *, limits: Limits) -> list[datetime]:
    """The times of unanswered customer messages, the oldest first, up to one over the limit."""
    query = _of_customer(case, Message.timestamp, after=rules_start(case)).limit(limits.follow_ups + 1)
    return [row.timestamp for row in query]


def followup_reason(case: Case, *, limits: Limits) -> Reason | None:
    """The reason when the customer sent more messages in a row than the limit, without an answer."""
    times = unanswered(case, limits=limits)
    return check_followup_escalation(len(times), limits=limits, since=times[0] if times else None)


def keyword_reason(case: Case, message: Message, text: str, *, limits: Limits) -> Reason | None:
    """The reason when a customer's text is urgent; a message from before the last answer does not count."""
    after = rules_start(case)
    if after is not None and message.timestamp <= after:
        return None
    return check_keyword_escalation(text, limits=limits)


def is_still_urgent(case: Case, *, limits: Limits) -> bool:
    """Whether the messages after the last answer would escalate the case by themselves."""
    if followup_reason(case, limits=limits) is not None:
        return True
    after = _of_customer(case, Message.body, Message.new_text, Message.own_text, after=rules_start(case))
    return any(check_keyword_escalation(rules_text(row), limits=limits) for row in after)


def new_text_of(message: Message) -> str:
    """The text that its sender newly wrote, without quotes and signature, for display."""
    return str(message.body if message.new_text is None else message.new_text)


def rules_text(message: Message) -> str:
    """The text that the rules look at: `new_text_of` the message, without forwarded text."""
    return new_text_of(message) if message.own_text is None else str(message.own_text)


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
