"""Uploads files into a thread on Slack: only the last of three steps shows them, and it is never done twice.

https://docs.slack.dev/messaging/working-with-files
"""

from collections.abc import Sequence

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.files.store import LostFileError
from bot.slack.api.errors import error_code
from bot.slack.context.context import SlackContext
from bot.slack.delivery.file_notices import SECONDS, FileTransferError, HeldClaim
from bot.slack.delivery.lookup import Lookup
from bot.slack.delivery.posting import target_id, thread_of
from casebook import notices
from casebook.conversation import attachments
from casebook.outcomes import NoticeKind
from casebook.views import FileView

_TIMEOUT = aiohttp.ClientTimeout(total=SECONDS, sock_connect=20, sock_read=60)
# Slack discards uploads that are not shown for a while: they must be uploaded again.
_STALE = {"file_not_found", "file_deleted", "file_upload_size_mismatch"}
_GONE = {"file_not_found", "file_deleted"}


async def upload_files(context: SlackContext, held: HeldClaim, lookup: Lookup) -> None:
    """Upload a message's files into the thread, unless an earlier attempt did, and store that they are there.

    Slack's IDs of the files are in the database before the files are shown, so that files which an interrupted attempt
    has shown can be found. Raises one of CALL_ERRORS, or FileTransferError.
    """
    claimed = held.claimed
    item = claimed.items[0]
    channel, thread = context.channels.of_lane(claimed.lane), await thread_of(context, item)
    all_files = attachments.to_pass_on(await context.desk.do(attachments.of, target_id(item)))
    files = [file for file in all_files if file.size]  # Slack takes no empty file
    uploaded: list[str] = list(item.payload.get("uploaded", ()))
    if item.kind is NoticeKind.FILES and thread is None:
        raise FileTransferError("The card under which these files belong is gone; it is posted anew.")
    if uploaded and not files and item.kind is NoticeKind.FILES:
        # The message was deleted after an uncertain attempt, which may have shown the files.
        await _delete(context, uploaded)
    elif files and len(uploaded) != len(files):
        uploaded = await _upload_all(context, held, files)
        await _show(context, held, channel, thread, list(zip(uploaded, files, strict=True)))
    elif files and not await lookup.find_files(claimed, uploaded):
        await _show(context, held, channel, thread, list(zip(uploaded, files, strict=True)))
    copies = {file.file_id: copy for file, copy in zip(files, uploaded, strict=False)}
    await context.desk.do(attachments.uploaded, held.claimed, copies, now=context.clock.now())


async def _upload_all(context: SlackContext, held: HeldClaim, files: Sequence[FileView]) -> list[str]:
    """Upload the files, store Slack's IDs of them in the database, and return these; nothing is shown yet."""
    uploaded = []
    for file in files:
        await held.extend()
        uploaded.append(await _upload(context, file))
    await held.remember(held.claimed.items[0].payload | {"uploaded": uploaded})
    return uploaded


async def _upload(context: SlackContext, file: FileView) -> str:
    if context.store is None or context.client.session is None:
        raise FileTransferError("ATTACHMENTS is none, so a file that was kept before cannot be read.")
    try:
        content = await context.store.content(file.sha256)
    except LostFileError as error:
        raise FileTransferError(str(error)) from error
    target = await context.client.files_getUploadURLExternal(filename=file.name, length=len(content))
    address = str(target["upload_url"])  # valid for one upload; it must not get the token
    async with context.client.session.post(
        address, data=content, allow_redirects=False, timeout=_TIMEOUT, proxy=context.client.proxies.of(address)
    ) as answer:
        if answer.status == 429 or answer.status >= 500:
            raise aiohttp.ClientError(f"HTTP {answer.status}")
        if answer.status != 200:
            raise FileTransferError(f"Slack did not take the bytes of a file (HTTP {answer.status}).")
        if answer.content_type == "text/html":
            raise FileTransferError("Slack did not take the bytes of a file: it answered with a page.")
    return str(target["file_id"])


async def _show(
    context: SlackContext, held: HeldClaim, channel: str, thread: str | None, files: Sequence[tuple[str, FileView]]
) -> None:
    try:
        await context.client.files_completeUploadExternal(
            files=[{"id": file_id, "title": file.name} for file_id, file in files],
            channel_id=channel,
            thread_ts=thread,
        )
    except SlackApiError as error:
        if error_code(error) in _STALE:
            payload = held.claimed.items[0].payload
            await held.remember({name: value for name, value in payload.items() if name != "uploaded"})
        raise


async def delete_copies(context: SlackContext, held: HeldClaim) -> None:
    """Delete the uploaded copies of a deleted message's files; raises one of CALL_ERRORS."""
    await _delete(context, held.claimed.items[0].payload["files"])
    await context.desk.do(notices.mark_sent, held.claimed, channel="", ts="", now=context.clock.now())


async def _delete(context: SlackContext, file_ids: Sequence[str]) -> None:
    for file_id in file_ids:
        try:
            await context.client.files_delete(file=file_id)
        except SlackApiError as error:
            if error_code(error) not in _GONE:
                raise
