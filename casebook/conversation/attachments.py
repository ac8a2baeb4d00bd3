"""The files of messages: stored, passed on and deleted with them; mostly inside the caller's transaction."""

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
    """The result of downloading one file."""

    file_id: int
    file: IncomingFile


def add(message: Message, files: Sequence[IncomingFile]) -> None:
    """Store the file records of a message; the files that are kept are already on disk."""
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
    """The files of a message, in order."""
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
    """The files to pass on: kept, and not part of an email's layout."""
    return tuple(file for file in files if file.state is FileState.KEPT and not file.embedded)


def for_answer(message_id: int, *, wait: bool) -> tuple[FileView, ...] | None:
    """The files to send with an answer by email; None if `wait` is set and one must still be downloaded from Slack."""
    files = of(message_id)
    is_waiting = any(file.state is FileState.WAITING for file in files)
    return None if wait and is_waiting else to_pass_on(files)


def upload_error(message: Message) -> str:
    """Why uploading the files under the card failed; empty if it did not."""
    failed = Notice.get_or_none(
        (Notice.case == message.case_id)
        & (Notice.kind == NoticeKind.FILES)
        & (Notice.target == f"files:{message.id}")
        & (Notice.state == "failed")
    )
    return "" if failed is None else str(failed.error)


def pass_on(message: Message, *, now: datetime) -> None:
    """Add the notices that a message's files need: to download them, or to upload them under the card.

    Files of an answer written under the card are uploaded to the customer's Slack thread once the answer is sent; by
    email they are sent with it.
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
        _upload_with_answer(message, now=now)


def _upload_with_answer(message: Message, *, now: datetime) -> None:
    sent = (Notice.kind == NoticeKind.ANSWER) & (Notice.target == f"answer:{message.id}")
    found = Notice.select().where((Notice.case == message.case_id) & sent)
    answer: Notice | None = found.order_by(Notice.id.desc()).first()  # if there are several, the others were dropped
    thread = "" if answer is None else str(notices.payload_of(answer).get("thread") or "")
    if answer is not None and thread:
        target = f"answer files:{message.id}"
        _put(NoticeKind.ANSWER_FILES, message, lane=answer.lane, target=target, now=now, thread=thread)


def _put(kind: NoticeKind, message: Message, *, lane: str, target: str, now: datetime, thread: str = "") -> None:
    same = (Notice.case == message.case_id) & (Notice.kind == kind) & (Notice.target == target)
    if not Notice.select().where(same & Notice.state.in_(("pending", "failed"))).exists():
        payload = {"thread": thread} if thread else {}
        notices.put(kind, lane=lane, now=now, case_id=message.case_id, target=target, payload=payload)


def written_under_card(place: str, thread: str) -> bool:
    """Whether a Slack message was written in the thread of one of our posts, such as a card."""
    return bool(thread) and Post.select().where((Post.channel == place) & (Post.ts == thread)).exists()


def refresh_posts(message: Message, *, now: datetime) -> None:
    """Update the card, and the message's own post in its thread if there is or will be one."""
    notices.card(message.case_id, now=now)
    target = f"message:{message.id}"
    copied = Post.select().where(Post.key == target).exists()
    waiting = Notice.select().where((Notice.case == message.case_id) & (Notice.target == target))
    if copied or waiting.exists():
        notices.put(NoticeKind.COPY, lane=notices.SUPPORT, now=now, case_id=message.case_id, target=target)


def fetched(claimed: Claimed, results: Sequence[Fetched], *, now: datetime) -> bool:
    """Store the results of downloading a message's files, and pass the files on; one transaction.

    Returns whether the notice was still open.
    """
    with book.atomic():
        message, _ = _locked(claimed)
        if not notices.mark_sent(claimed, channel="", ts="", now=now):
            return False  # another courier downloaded them before this one came back
        file_lines.fill_in_names(message, {result.file_id: result.file.name for result in results})
        for result in results:
            # If the message was deleted meanwhile, its files are no longer waiting.
            waiting = (Attachment.id == result.file_id) & (Attachment.state == FileState.WAITING)
            Attachment.update(
                name=result.file.name or Attachment.name,
                content_type=result.file.content_type,
                size=result.file.size,
                sha256=result.file.sha256,
                state=FileState.KEPT if result.file.kept else FileState.LEFT_OUT,
                why_not=result.file.why_not,
            ).where(waiting).execute()
        pass_on(message, now=now)
        refresh_posts(message, now=now)
        return True


def uploaded(claimed: Claimed, copies: Mapping[int, str], *, now: datetime) -> None:
    """Record that files were uploaded under the card; `copies` maps file IDs to Slack's file IDs; one transaction."""
    with book.atomic():
        message, notice = _locked(claimed)
        if not notices.mark_sent(claimed, channel="", ts="", now=now):
            return  # another courier posted them, under the same IDs, which are stored before anything is posted
        for file_id, copy_id in copies.items():
            Attachment.update(copy_id=copy_id).where(Attachment.id == file_id).execute()
        if message.deleted_at is not None:
            _delete_copies(message, now=now)
        elif notice.state == "failed":
            refresh_posts(message, now=now)  # the card showed the failure


def refused(claimed: Claimed, *, error: str, retry_at: datetime, now: datetime, uncertain: bool = False) -> bool:
    """Record that an upload failed, and show it under the card; it will be tried again.

    Returns whether the claim was still ours. One transaction.
    """
    with book.atomic():
        message, notice = _locked(claimed)
        is_ours = notices.mark_failed(claimed, error=error, retry_at=retry_at, uncertain=uncertain)
        if is_ours and (notice.state, notice.error) != ("failed", error):
            refresh_posts(message, now=now)
        return is_ours


def _locked(claimed: Claimed) -> tuple[Message, Notice]:
    """The message of a claimed notice, and the notice as it is now, with the row of the case locked."""
    item = claimed.items[0]
    lock_case(item.case_id or "")
    return Message.get_by_id(item.target_id), Notice.get_by_id(item.id)


def forget(message: Message, *, now: datetime) -> None:
    """After a message was deleted: drop the notices about its files, clear their records, and delete their copies.

    The bytes are removed from disk later, when nothing else refers to them: see `unneeded`.
    """
    targets = [f"{kind}:{message.id}" for kind in ("fetch", "transcript", "files", "answer files")]
    waiting = Notice.select(Notice.id).where((Notice.case == message.case_id) & Notice.target.in_(targets))
    notices.drop(row.id for row in waiting.where(Notice.claimed_until.is_null()))
    cleared = Attachment.update(name="", sha256="", state=FileState.DELETED, why_not="", transcript=None)
    cleared.where(Attachment.message == message).execute()
    _delete_copies(message, now=now)


def _delete_copies(message: Message, *, now: datetime) -> None:
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
    """Those of these stored files to which no message refers, stored or waiting.

    The order of the queries matters: a message that is placed in between is found by one of them.
    """
    missing = frozenset(sha256s) - _referred_to(sha256s)
    if not missing:
        return missing
    waiting = ledger.files_waiting()
    return missing - waiting - _referred_to(missing)


def _referred_to(sha256s: Collection[str]) -> frozenset[str]:
    rows = Attachment.select(Attachment.sha256).where(Attachment.sha256.in_(list(sha256s))).distinct()
    return frozenset(row.sha256 for row in rows)
