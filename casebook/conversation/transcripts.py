"""What is said in a voice or video clip stands in its message and counts, also when Slack writes it down later."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from casebook import escalation, notices
from casebook.conversation import attachments, file_lines, response_state
from casebook.conversation.attachments import Fetched
from casebook.database import lock_case
from casebook.incoming import Standing
from casebook.models import Message, Notice, book
from casebook.outcomes import Claimed, NoticeKind
from casebook.rules import Limits

# Slack takes about as long as a clip lasts, and then tells nobody: it is asked again after these seconds, and no more.
AGAIN_AFTER = (10, 30, 120, 600)


def expect(message: Message, *, now: datetime) -> None:
    """Ask Slack later for what is said in a message's clips, if there are any; inside the caller's transaction."""
    target = _target(message)
    if not Notice.select().where(Notice.target == target).exists():
        _ask(message, 0, now=now)


def fetched(claimed: Claimed, results: Sequence[Fetched], *, now: datetime, limits: Limits) -> None:
    """Note what came of fetching a message's files, and what Slack tells with it of their clips; one transaction."""
    with book.atomic():
        if attachments.fetched(claimed, results, now=now):
            message = _message_of(claimed)
            _note(message, {each.file_id: each.file.transcript for each in results}, now=now, limits=limits)
            expect(message, now=now)


def told(claimed: Claimed, transcripts: Mapping[int, str | None], *, now: datetime, limits: Limits) -> bool:
    """Note what Slack says is said in clips, by the IDs of their files, and ask again while something is to come.

    None is a transcript that may still come, an empty one will not. Returns whether it was still ours. One transaction.
    """
    with book.atomic():
        lock_case(_message_of(claimed).case_id)
        if not notices.mark_sent(claimed, channel="", ts="", now=now):
            return False  # another courier was quicker
        message = _message_of(claimed)  # as it is under the lock
        _note(message, transcripts, now=now, limits=limits)
        _ask(message, int(str(claimed.items[0].payload["turn"])), now=now)
        return True


def _message_of(claimed: Claimed) -> Message:
    message: Message = Message.get_by_id(int(claimed.items[0].target.partition(":")[2]))
    return message


def _target(message: Message) -> str:
    return f"transcript:{message.id}"


def _ask(message: Message, turn: int, *, now: datetime) -> None:
    is_wanted = message.deleted_at is None and not _is_answer(message)
    if turn < len(AGAIN_AFTER) and is_wanted and any(file.may_be_heard for file in attachments.of(message.id)):
        notices.put(
            NoticeKind.TRANSCRIPT,
            lane=notices.DOWNLOADS,
            now=now,
            case_id=message.case_id,
            target=_target(message),
            payload={"turn": turn + 1},
            due_at=now + timedelta(seconds=AGAIN_AFTER[turn]),
        )


def _note(message: Message, transcripts: Mapping[int, str | None], *, now: datetime, limits: Limits) -> None:
    """The message says what became known, which is no edit; what a customer says may be urgent."""
    if message.deleted_at is not None:
        return
    file_lines.hear(message, transcripts)
    if _is_answer(message) or not file_lines.say(message, file_lines.with_transcripts(message)):
        return
    attachments.show(message, now=now)
    case = lock_case(message.case_id)
    if case.status == "open" and message.standing == Standing.CUSTOMER:
        reason = response_state.keyword_reason(case, message, response_state.counted(message), limits=limits)
        found = (reason,) if reason else ()
        escalation.start_episode(case, found, now=now, triggered_at=message.timestamp)


def _is_answer(message: Message) -> bool:
    """Whether it was written to be sent: its words are what the customer gets, and nothing is added to them."""
    if message.standing in (Standing.DRAFT, Standing.TAKEN_BACK):
        return True
    return message.standing == Standing.ADMIN and attachments.written_under_card(message.place, message.thread)
