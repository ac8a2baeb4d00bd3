"""Transcripts of voice and video clips: part of the message's text, even if Slack delivers them later."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from casebook import escalation, notices
from casebook.conversation import attachments, file_lines
from casebook.conversation.attachments import Fetched
from casebook.database import lock_case
from casebook.incoming import Standing
from casebook.models import Message, Notice, book
from casebook.outcomes import Claimed, NoticeKind
from casebook.rules import Limits

# Slack needs about as long as the clip lasts, and sends no event then: it is asked again after these seconds.
RETRY_SECONDS = (10, 30, 120, 600)


def request_later(message: Message, *, now: datetime) -> None:
    """Ask Slack later for the transcripts of a message's clips, if it has any; inside the caller's transaction."""
    if _is_wanted(message) and not Notice.select().where(Notice.target == _target(message)).exists():
        _put_request(message, 0, now=now)


def fetched(claimed: Claimed, results: Sequence[Fetched], *, now: datetime, limits: Limits) -> None:
    """Store the results of downloading a message's files, and the transcripts that came with them; one transaction."""
    with book.atomic():
        if attachments.fetched(claimed, results, now=now):
            message = _message_of(claimed)
            _add_to_text(message, {each.file_id: each.file.transcript for each in results}, now=now, limits=limits)
            request_later(message, now=now)


def reported(claimed: Claimed, transcripts: Mapping[int, str | None], *, now: datetime, limits: Limits) -> bool:
    """Store the transcripts that Slack reported, by file ID, and ask again while some are missing.

    None is a transcript that may still come, an empty one never will. Returns whether the notice was still open. One
    transaction.
    """
    with book.atomic():
        lock_case(_message_of(claimed).case_id)
        if not notices.mark_sent(claimed, channel="", ts="", now=now):
            return False  # another courier finished it first
        message = _message_of(claimed)  # as it is under the lock
        _add_to_text(message, transcripts, now=now, limits=limits)
        attempts = int(str(claimed.items[0].payload["attempts"]))
        if attempts < len(RETRY_SECONDS) and _is_wanted(message):
            _put_request(message, attempts, now=now)
        return True


def _message_of(claimed: Claimed) -> Message:
    message: Message = Message.get_by_id(claimed.items[0].target_id)
    return message


def _target(message: Message) -> str:
    return f"transcript:{message.id}"


def _is_wanted(message: Message) -> bool:
    """Whether the message has a clip whose transcript may still come, and whose text may change."""
    if message.deleted_at is not None or _is_answer(message):
        return False
    return any(file.may_be_heard for file in attachments.of(message.id))


def _put_request(message: Message, attempts: int, *, now: datetime) -> None:
    """Ask Slack again after so many attempts."""
    notices.put(
        NoticeKind.TRANSCRIPT,
        lane=notices.DOWNLOADS,
        now=now,
        case_id=message.case_id,
        target=_target(message),
        payload={"attempts": attempts + 1},
        due_at=now + timedelta(seconds=RETRY_SECONDS[attempts]),
    )


def _add_to_text(message: Message, transcripts: Mapping[int, str | None], *, now: datetime, limits: Limits) -> None:
    """Add transcripts to the message's text, which is no edit; a customer's may be urgent."""
    if message.deleted_at is not None:
        return
    file_lines.store_transcripts(message, transcripts)
    if _is_answer(message) or not file_lines.set_text(message, file_lines.with_transcripts(message)):
        return
    attachments.refresh_posts(message, now=now)
    escalation.recheck_keywords(lock_case(message.case_id), message, now=now, limits=limits)


def _is_answer(message: Message) -> bool:
    """Whether it was written as an answer: its text is what the customer gets, and nothing is added to it."""
    if message.standing in (Standing.DRAFT, Standing.TAKEN_BACK):
        return True
    return message.standing == Standing.ADMIN and attachments.written_under_card(message.place, message.thread)
