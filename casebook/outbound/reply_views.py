"""An answer as it is now: whether it waits, was sent, refused or taken back, or was made a note (design 3.7)."""

from typing import Any

from casebook.incoming import Standing
from casebook.models import Message, Notice
from casebook.outcomes import NoticeKind
from casebook.views import AnswerState, AnswerView

# What an answer counts as that is not sent, and so how it is shown.
UNSENT = {
    Standing.TAKEN_BACK: AnswerState.TAKEN_BACK,
    Standing.NOTE: AnswerState.NOTE,
    Standing.REMARK: AnswerState.NOTE,
}


def notices_of(message_id: int) -> Any:
    """The notices that send or sent an answer, the last first: there are several where it was a note in between."""
    query = Notice.select().where((Notice.kind == NoticeKind.ANSWER) & (Notice.target == f"answer:{message_id}"))
    return query.order_by(Notice.id.desc())


def view(message_id: int) -> AnswerView | None:
    """An answer as it is now; None when there is none."""
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
    """What has become of it; the notice of what was sent or taken back long ago is not kept."""
    if message.standing in UNSENT:
        return UNSENT[Standing(message.standing)]
    if notice is None or notice.state not in ("pending", "failed"):
        return AnswerState.SENT
    return AnswerState.REFUSED if notice.error else AnswerState.WAITING
