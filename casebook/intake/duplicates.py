"""Messages that a Slack client sent twice: the second copy is ignored, and replaces the first if that is deleted.

Slack's clients give each message an ID (`client_msg_id`), and send it again when they get no answer.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from casebook import ledger
from casebook.database import lock_case
from casebook.incoming import Incoming
from casebook.models import LedgerRow, Message, Thread
from casebook.outcomes import Outcome, Received
from casebook.records.readiness import lock_until_commit

WITHIN = timedelta(minutes=1)
_REASON = "its writer's client sent it twice; it is "  # followed by the external ID of the first copy


def ignore_duplicate(incoming: Incoming, *, now: datetime) -> LedgerRow | None:
    """Record a new message as a second copy, and return its ledger row; None if it is not one.

    Replies in the thread of the second copy belong to the case of the first. Inside the caller's transaction.
    """
    if not incoming.client_message_id:
        return None
    lock_until_commit(f"sent by {incoming.sender}")
    first = _first_copy(incoming)
    if first is None:
        return None
    left_out = ledger.enter(
        incoming.source, incoming.external_id, Outcome.IGNORED, now=now, reason=_REASON + first.external_id
    )
    Thread.insert(external_id=incoming.external_id, case=first.case_id).on_conflict_ignore().execute()
    return LedgerRow.get_by_id(left_out.ledger_id)


def _first_copy(incoming: Incoming) -> Message | None:
    same_id = (Message.client_message_id == incoming.client_message_id) & (Message.source == incoming.source)
    same_sender = (Message.sender == incoming.sender) & (Message.place == incoming.place)
    near = Message.timestamp.between(incoming.timestamp - WITHIN, incoming.timestamp + WITHIN)
    rows = Message.select().where(same_id & same_sender & near & Message.deleted_at.is_null())
    found: Message | None = rows.order_by(Message.id).first()
    return found


def differs_from_original(incoming: Incoming, row: LedgerRow) -> bool:
    """Whether the second copy was edited and now differs from the first: then it is a separate message."""
    if incoming.edited_at is None or incoming.edited_at <= incoming.timestamp:
        return False
    if not row.reason.startswith(_REASON) or row.outcome != Outcome.IGNORED:
        return False
    first = Message.get_or_none(
        (Message.source == row.source) & (Message.external_id == row.reason.removeprefix(_REASON))
    )
    return first is not None and bool(first.body != incoming.body)


def keep_second_copy(message: Message, row: LedgerRow) -> Received | None:
    """After the deletion of a first copy, keep its message under the ID of the second copy, if there is one.

    Replies in the thread of the first copy still belong to its case. Returns None if there is no second copy. Inside
    the caller's transaction.
    """
    second, *further = _further_copies(message) or (None,)
    if second is None:
        return None
    lock_case(message.case_id)
    ledger.settle(row.id, Outcome.DELETED, case_id=row.case_id)
    ledger.settle(second.id, Outcome.MESSAGE, reason="it stands in for its twin", case_id=message.case_id)
    old_ts, new_ts = (name.rpartition(":")[2] for name in (message.external_id, second.external_id))
    message.external_id = second.external_id
    for each in further:
        ledger.settle(each.id, Outcome.IGNORED, reason=_REASON + second.external_id, case_id=each.case_id)
    message.thread = new_ts if message.thread == old_ts else message.thread
    message.save(only=[Message.external_id, Message.thread])
    Thread.insert(external_id=row.external_id, case=message.case_id).on_conflict_ignore().execute()
    return Received(ledger_id=row.id, outcome=Outcome.DELETED, case_id=row.case_id)


def _further_copies(message: Message) -> list[LedgerRow]:
    """The ledger rows of the further copies of a message, in order."""
    if not message.client_message_id:
        return []
    channel, _, ts = message.external_id.rpartition(":")
    seconds = Decimal(int(WITHIN.total_seconds()))
    names = [f"{channel}:{moment:.6f}" for moment in (Decimal(ts) - seconds, Decimal(ts) + seconds)]
    near = (LedgerRow.source == message.source) & LedgerRow.external_id.between(*names)  # by the unique index
    is_second = (LedgerRow.outcome == Outcome.IGNORED) & (LedgerRow.reason == _REASON + message.external_id)
    return list(LedgerRow.select().where(near & is_second).order_by(LedgerRow.id))
