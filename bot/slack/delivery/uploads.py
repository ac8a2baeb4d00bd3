"""Putting files into a thread on Slack: only the last of three steps shows them, and it is never done twice.

https://docs.slack.dev/messaging/working-with-files
"""

from collections.abc import Sequence

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.files.store import LostFileError
from bot.slack.api.errors import error_word
from bot.slack.context.context import SlackContext
from bot.slack.delivery.file_notices import SECONDS, FileTroubleError, Hand, message_of
from bot.slack.delivery.lookup import Lookup
from bot.slack.delivery.posting import thread_of
from casebook import notices
from casebook.conversation import attachments
from casebook.outcomes import NoticeKind
from casebook.views import FileView

_SECONDS = aiohttp.ClientTimeout(total=SECONDS, sock_connect=20, sock_read=60)
# What was uploaded and never shown is forgotten by Slack after a while: it is uploaded anew.
_STALE = {"file_not_found", "file_deleted", "file_upload_size_mismatch"}
_GONE = {"file_not_found", "file_deleted"}


async def upload(context: SlackContext, hand: Hand, lookup: Lookup) -> None:
    """Upload a message's files into the thread, unless an earlier try did; note that they are there.

    Slack's IDs of the files are in the book before anything is shown, so what a try that ended without a word has
    shown is found by them. Raises what a call to Slack raises, or FileTroubleError.
    """
    claimed = hand.claimed
    item = claimed.items[0]
    channel, thread = context.channels.of_lane(claimed.lane), await thread_of(context, item)
    all_files = attachments.to_pass_on(await context.desk.do(attachments.of, message_of(claimed)))
    files = [file for file in all_files if file.size]  # Slack takes no empty file
    known: list[str] = list(item.payload.get("uploaded", ()))
    if item.kind is NoticeKind.FILES and thread is None:
        raise FileTroubleError("The card under which these files belong is gone; it is posted anew.")
    if known and not files and item.kind is NoticeKind.FILES:
        await _delete(context, known)  # the message was deleted while a try had no end: they may stand there
    elif files and len(known) != len(files):
        known = await _brought(context, hand, files)
        await _show(context, hand, channel, thread, list(zip(known, files, strict=True)))
    elif files and not await lookup.find_files(claimed, known):
        await _show(context, hand, channel, thread, list(zip(known, files, strict=True)))
    copies = {file.file_id: copy for file, copy in zip(files, known, strict=False)}
    await context.desk.do(attachments.uploaded, hand.claimed, copies, now=context.clock.now())


async def _brought(context: SlackContext, hand: Hand, files: Sequence[FileView]) -> list[str]:
    """Slack's ID of each file, once Slack has its bytes and the book has the IDs; nobody sees anything yet."""
    known = []
    for file in files:
        await hand.hold()
        known.append(await _bring(context, file))
    await hand.remember(hand.claimed.items[0].payload | {"uploaded": known})
    return known


async def _bring(context: SlackContext, file: FileView) -> str:
    if context.store is None or context.client.session is None:
        raise FileTroubleError("ATTACHMENTS is none, so a file that was kept before cannot be read.")
    try:
        content = await context.store.content(file.sha256)
    except LostFileError as error:
        raise FileTroubleError(str(error)) from error
    place = await context.client.files_getUploadURLExternal(filename=file.name, length=len(content))
    address = str(place["upload_url"])  # for one upload; it needs no token and gets none
    async with context.client.session.post(
        address, data=content, allow_redirects=False, timeout=_SECONDS, proxy=context.client.proxies.of(address)
    ) as answer:
        if answer.status == 429 or answer.status >= 500:
            raise aiohttp.ClientError(f"HTTP {answer.status}")
        if answer.status != 200:
            raise FileTroubleError(f"Slack did not take the bytes of a file (HTTP {answer.status}).")
        if answer.content_type == "text/html":
            raise FileTroubleError("Slack did not take the bytes of a file: it answered with a page.")
    return str(place["file_id"])


async def _show(
    context: SlackContext, hand: Hand, channel: str, thread: str | None, files: Sequence[tuple[str, FileView]]
) -> None:
    try:
        await context.client.files_completeUploadExternal(
            files=[{"id": file_id, "title": file.name} for file_id, file in files],
            channel_id=channel,
            thread_ts=thread,
        )
    except SlackApiError as error:
        if error_word(error) in _STALE:
            payload = hand.claimed.items[0].payload
            await hand.remember({name: value for name, value in payload.items() if name != "uploaded"})
        raise


async def take_back(context: SlackContext, hand: Hand) -> None:
    """Delete the copies of a deleted message's files; raises what a call to Slack raises."""
    await _delete(context, hand.claimed.items[0].payload["files"])
    await context.desk.do(notices.mark_sent, hand.claimed, channel="", ts="", now=context.clock.now())


async def _delete(context: SlackContext, file_ids: Sequence[str]) -> None:
    for file_id in file_ids:
        try:
            await context.client.files_delete(file=file_id)
        except SlackApiError as error:
            if error_word(error) not in _GONE:
                raise
