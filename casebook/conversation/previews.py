"""The message that a case's card shows as its preview: the earliest one; every other stands in the thread (design 3.6).

Messages arrive in any order. Where an earlier one arrives, it takes the preview's place, and the one that was the
preview is posted in the thread; each function runs inside the caller's transaction, under the lock of the case.
"""

from datetime import datetime

from casebook import notices
from casebook.models import Case, Message
from casebook.outcomes import NoticeKind


def of(case: Case) -> Message | None:
    """The message on the card: notes, remarks and automatic mail are none, and an answer is later than what it answers.

    A deleted one stays there, and says that it was deleted.
    """
    spoken = (Message.case == case) & (Message.kind == "message")
    first: Message | None = Message.select().where(spoken).order_by(Message.timestamp, Message.id).first()
    return first


def hand_over(case: Case, before: Message | None, after: Message | None, *, now: datetime) -> None:
    """Post the one that was the preview before in the thread, if another one is now."""
    if before is not None and after is not None and before.id != after.id:
        post_anew(case, before, now=now)


def post(case: Case, message: Message, *, now: datetime) -> None:
    """Post a message in the thread under the card."""
    target = f"message:{message.id}"
    notices.put(NoticeKind.THREAD, lane=notices.SUPPORT, now=now, case_id=case.case_id, target=target)


def post_anew(case: Case, message: Message, *, now: datetime) -> None:
    """The same of one that may stand elsewhere, under another card: there it is not kept up to date any more."""
    notices.forget_post(f"message:{message.id}")
    post(case, message, now=now)
