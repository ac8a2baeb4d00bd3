"""The files of messages: kept with them, passed on, and forgotten with them; inside the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from casebook import ledger, notices
from casebook.conversation import file_lines
from casebook.database import lock_case
from casebook.incoming import IncomingFile, Standing
from casebook.models import Attachment, Message, Notice, Post, book
from casebook.outcomes import Claimed, NoticeKind
from casebook.records.filenames import safe_name
from casebook.views import FileState, FileView


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What came of fetching one file."""

    file_id: int
    file: IncomingFile


def add(message: Message, files: Sequence[IncomingFile]) -> None:
    """Note the files that came with a message; those that are kept are on disk already."""
    for position, file in enumerate(files, start=1):
        Attachment.create(
            message=message,
            position=position,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            sha256=file.sha256,
            state=_state(file),
            why_not=file.why_not,
            embedded=file.embedded,
            remote_id=file.remote_id,
            transcript=file.transcript,
        )


def _state(file: IncomingFile) -> FileState:
    if file.kept:
        return FileState.KEPT
    return FileState.WAITING if file.remote_id and not file.why_not else FileState.LEFT_OUT


def of(message_id: int) -> tuple[FileView, ...]:
    """The files of a message, in its order."""
    query = Attachment.select().where(Attachment.message == message_id).order_by(Attachment.position)
    return tuple(
        FileView(
            file_id=row.id,
            name=safe_name(row.name, row.content_type) if row.state != FileState.DELETED else "",
            content_type=row.content_type,
            size=row.size,
            sha256=row.sha256,
            state=FileState(row.state),
            why_not=row.why_not,
            embedded=bool(row.embedded),
            remote_id=row.remote_id,
            transcript=row.transcript,
        )
        for row in query
    )


def to_pass_on(files: Sequence[FileView]) -> tuple[FileView, ...]:
    """Those that are sent on: kept, and no mere ornament of the mail's text."""
    return tuple(file for file in files if file.state is FileState.KEPT and not file.embedded)


def for_answer(message_id: int, *, wait: bool) -> tuple[FileView, ...] | None:
    """The files that go out with an answer by mail; None while one is still to be fetched from Slack, if we `wait`."""
    files = of(message_id)
    is_waiting = any(file.state is FileState.WAITING for file in files)
    return None if wait and is_waiting else to_pass_on(files)


def upload_error(message: Message) -> str:
    """Why the files are not under the card yet; empty while nothing was refused."""
    refused = Notice.get_or_none(
        (Notice.case == message.case_id)
        & (Notice.kind == NoticeKind.FILES)
        & (Notice.target == f"files:{message.id}")
        & (Notice.state == "failed")
    )
    return "" if refused is None else str(refused.error)


def pass_on(message: Message, *, now: datetime) -> None:
    """Put what is to be done with a message's files: fetched, uploaded under the card, or sent with an answer.

    Files of an answer that was written under the card follow it to the customer's Slack thread once it is sent.
    """
    files = of(message.id)
    if any(file.state is FileState.WAITING for file in files):
        _put(NoticeKind.FETCH, message, lane=notices.DOWNLOADS, target=f"fetch:{message.id}", now=now)
    elif not to_pass_on(files):
        return
    elif not written_under_card(message.place, message.thread):
        if message.standing != Standing.AUTOMATIC:
            _put(NoticeKind.FILES, message, lane=notices.SUPPORT, target=f"files:{message.id}", now=now)
    elif message.standing == Standing.ADMIN:
        _follow_the_answer(message, now=now)


def _follow_the_answer(message: Message, *, now: datetime) -> None:
    sent = (Notice.kind == NoticeKind.ANSWER) & (Notice.target == f"answer:{message.id}")
    found = Notice.select().where((Notice.case == message.case_id) & sent)
    answer: Notice | None = found.order_by(Notice.id.desc()).first()  # one that became a note again was dropped before
    thread = "" if answer is None else str(notices.payload_of(answer).get("thread") or "")
    if answer is not None and thread:
        target = f"answer files:{message.id}"
        _put(NoticeKind.ANSWER_FILES, message, lane=answer.lane, target=target, now=now, thread=thread)


def _put(kind: NoticeKind, message: Message, *, lane: str, target: str, now: datetime, thread: str = "") -> None:
    there = (Notice.case == message.case_id) & (Notice.kind == kind) & (Notice.target == target)
    if not Notice.select().where(there & Notice.state.in_(("pending", "failed"))).exists():
        payload = {"thread": thread} if thread else {}
        notices.put(kind, lane=lane, now=now, case_id=message.case_id, target=target, payload=payload)


def written_under_card(place: str, thread: str) -> bool:
    """Whether a Slack message stands in the thread of one of our posts, such as a card's."""
    return bool(thread) and Post.select().where((Post.channel == place) & (Post.ts == thread)).exists()


def show(message: Message, *, now: datetime) -> None:
    """The card shows the message as it is now, and so does its copy under the card, if there is or will be one."""
    notices.card(message.case_id, now=now)
    target = f"message:{message.id}"
    copied = Post.select().where(Post.key == target).exists()
    waiting = Notice.select().where((Notice.case == message.case_id) & (Notice.target == target))
    if copied or waiting.exists():
        notices.put(NoticeKind.COPY, lane=notices.SUPPORT, now=now, case_id=message.case_id, target=target)


def fetched(claimed: Claimed, results: Sequence[Fetched], *, now: datetime) -> bool:
    """Note what came of fetching a message's files, and pass them on; one transaction.

    Returns whether it was still ours.
    """
    with book.atomic():
        message, _ = _locked(claimed)
        if not notices.mark_sent(claimed, channel="", ts="", now=now):
            return False  # another courier fetched them before this one came back
        file_lines.name(message, {result.file_id: result.file.name for result in results})
        for result in results:
            # A message that was deleted meanwhile has no files any more.
            waits = (Attachment.id == result.file_id) & (Attachment.state == FileState.WAITING)
            Attachment.update(
                name=result.file.name or Attachment.name,
                content_type=result.file.content_type,
                size=result.file.size,
                sha256=result.file.sha256,
                state=FileState.KEPT if result.file.kept else FileState.LEFT_OUT,
                why_not=result.file.why_not,
            ).where(waits).execute()
        pass_on(message, now=now)
        show(message, now=now)
        return True


def uploaded(claimed: Claimed, copies: Mapping[int, str], *, now: datetime) -> None:
    """Note that files stand under the card, with Slack's ID of each copy by the file's; one transaction."""
    with book.atomic():
        message, notice = _locked(claimed)
        if not notices.mark_sent(claimed, channel="", ts="", now=now):
            return  # another courier showed them, under the same IDs, since these are kept before anything is shown
        for file_id, copy_id in copies.items():
            Attachment.update(copy_id=copy_id).where(Attachment.id == file_id).execute()
        if message.deleted_at is not None:
            _take_back_copies(message, now=now)
        elif notice.state == "failed":
            show(message, now=now)  # that it was refused is not so any more


def refused(claimed: Claimed, *, error: str, retry_at: datetime, now: datetime, uncertain: bool = False) -> bool:
    """Note that an upload was refused, and show it under the card; it is tried again.

    Returns whether it was still ours. One transaction.
    """
    with book.atomic():
        message, notice = _locked(claimed)
        is_ours = notices.mark_failed(claimed, error=error, retry_at=retry_at, uncertain=uncertain)
        if is_ours and (notice.state, notice.error) != ("failed", error):
            show(message, now=now)
        return is_ours


def _locked(claimed: Claimed) -> tuple[Message, Notice]:
    """The message that a notice is about and the notice as it is now, with the row of the case locked."""
    item = claimed.items[0]
    lock_case(item.case_id or "")
    return Message.get(Message.id == int(item.target.partition(":")[2])), Notice.get(Notice.id == item.id)


def forget(message: Message, *, now: datetime) -> None:
    """The message was deleted: nothing of its files is passed on or shown any more, and their copies go.

    The bytes are removed from disk when no other message refers to them: see `unneeded`.
    """
    targets = [f"{kind}:{message.id}" for kind in ("fetch", "transcript", "files", "answer files")]
    waiting = Notice.select(Notice.id).where((Notice.case == message.case_id) & Notice.target.in_(targets))
    notices.drop(row.id for row in waiting.where(Notice.claimed_until.is_null()))
    emptied = Attachment.update(name="", sha256="", state=FileState.DELETED, why_not="", transcript=None)
    emptied.where(Attachment.message == message).execute()
    _take_back_copies(message, now=now)


def _take_back_copies(message: Message, *, now: datetime) -> None:
    rows = Attachment.select(Attachment.copy_id).where((Attachment.message == message) & (Attachment.copy_id != ""))
    copies = [row.copy_id for row in rows]
    if copies:
        notices.put(
            NoticeKind.FILES_GONE,
            lane=notices.SUPPORT,
            now=now,
            case_id=message.case_id,
            target=f"files gone:{message.id}",
            payload={"files": copies},
        )


def unneeded(sha256s: Collection[str]) -> frozenset[str]:
    """Those of these kept files to which no message refers, nor any that waits for an admin's word.

    In this order: a message that is placed meanwhile is found in one of the two.
    """
    missing = frozenset(sha256s) - _referred_to(sha256s)
    if not missing:
        return missing
    waiting = ledger.files_waiting()
    return missing - waiting - _referred_to(missing)


def _referred_to(sha256s: Collection[str]) -> frozenset[str]:
    rows = Attachment.select(Attachment.sha256).where(Attachment.sha256.in_(list(sha256s))).distinct()
    return frozenset(row.sha256 for row in rows)
