"""The preview on a case's card: its earliest message; all others are posted in the thread under it (design 3.6).

Messages arrive in any order. If an earlier one arrives, it becomes the preview, and the former preview is posted in
the thread. All functions run inside the caller's transaction, with the row of the case locked.
"""

from datetime import datetime

from casebook import notices
from casebook.models import Case, Message
from casebook.outcomes import NoticeKind


def of(case: Case) -> Message | None:
    """The preview: the earliest message that is not a note, a remark or automatic mail.

    A deleted message remains the preview, and the card says that it was deleted.
    """
    spoken = (Message.case == case) & (Message.kind == "message")
    first: Message | None = Message.select().where(spoken).order_by(Message.timestamp, Message.id).first()
    return first


def repost_former_preview(case: Case, before: Message | None, after: Message | None, *, now: datetime) -> None:
    """Post the former preview in the thread if another message is the preview now."""
    if before is not None and after is not None and before.id != after.id:
        repost(case, before, now=now)


def post(case: Case, message: Message, *, now: datetime) -> None:
    """Post a message in the thread under the card."""
    target = f"message:{message.id}"
    notices.put(NoticeKind.THREAD, lane=notices.SUPPORT, now=now, case_id=case.case_id, target=target)


def repost(case: Case, message: Message, *, now: datetime) -> None:
    """Post a message in the thread even if it was posted before; the earlier post is no longer updated."""
    notices.forget_post(f"message:{message.id}")
    post(case, message, now=now)
