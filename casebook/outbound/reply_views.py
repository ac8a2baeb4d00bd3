"""The state of an answer: pending, sent, refused, taken back, or made a note (design 3.7)."""

from typing import Any

from casebook.incoming import Standing
from casebook.models import Message, Notice
from casebook.outcomes import NoticeKind
from casebook.views import AnswerState, AnswerView

# The standings of answers that are not sent, and the state shown for each.
UNSENT = {
    Standing.TAKEN_BACK: AnswerState.TAKEN_BACK,
    Standing.NOTE: AnswerState.NOTE,
    Standing.REMARK: AnswerState.NOTE,
}


def notices_of(message_id: int) -> Any:
    """The notices of an answer, the latest first: there are several if it was a note in between."""
    query = Notice.select().where((Notice.kind == NoticeKind.ANSWER) & (Notice.target == f"answer:{message_id}"))
    return query.order_by(Notice.id.desc())


def view(message_id: int) -> AnswerView | None:
    """An answer as it is now; None if it does not exist."""
    message = Message.get_or_none(Message.id == message_id)
    if message is None:
        return None
    notice = notices_of(message_id).first()
    return AnswerView(
        message_id=message_id,
        case_id=message.case_id,
        author=message.sender,
        author_name=message.sender_name,
        text=message.body,
        state=_state(message, notice),
        error="" if notice is None else notice.error,
    )


def _state(message: Message, notice: Notice | None) -> AnswerState:
    """The state of an answer; notices of answers sent or dropped long ago have been deleted."""
    if message.standing in UNSENT:
        return UNSENT[Standing(message.standing)]
    if notice is None or notice.state not in ("pending", "failed"):
        return AnswerState.SENT
    return AnswerState.REFUSED if notice.error else AnswerState.WAITING
