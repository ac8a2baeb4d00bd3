"""Downloads the files of a Slack message: only from Slack, within the size limits, and repeatable."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.files.limits import LARGEST, NOT_KEPT_HERE, TOO_LARGE, Allowance
from bot.files.store import Store, why_not_kept
from bot.slack.api.errors import error_code
from bot.slack.context.context import SlackContext
from bot.slack.delivery.file_notices import SECONDS, FileTransferError, HeldClaim
from bot.slack.delivery.posting import target_id
from bot.slack.payloads.files import known_transcript, name_of, size_of
from casebook.conversation import attachments, transcripts
from casebook.conversation.attachments import Fetched
from casebook.incoming import IncomingFile
from casebook.views import FileState, FileView

_TIMEOUT = aiohttp.ClientTimeout(total=SECONDS, sock_connect=20, sock_read=30)
_CHUNK_BYTES = 256 * 1024
# The file will never be available: https://docs.slack.dev/reference/methods/files.info
UNAVAILABLE = {
    "file_not_found",
    "file_deleted",
    "access_denied",
    "not_visible",
    "slack_connect_file_link_sharing_blocked",
}
_ELSEWHERE = "it stands elsewhere: a link"


class _NotKeptError(Exception):
    """A file cannot be kept; the message is the reason."""


async def download_files(context: SlackContext, held: HeldClaim) -> None:
    """Download the waiting files of a message, and store the result for each.

    Raises one of CALL_ERRORS, and FileTransferError if a file cannot be written: then it is tried again.
    """
    files = await context.desk.do(attachments.of, target_id(held.claimed.items[0]))
    allowance = Allowance()
    results = []
    for file in files:
        if file.state is FileState.KEPT:
            allowance.why_not(file.size)
        elif file.state is FileState.WAITING:
            await held.extend()
            results.append(Fetched(file_id=file.file_id, file=await _download(context, file, allowance)))
    now = context.clock.now()
    await context.desk.do(transcripts.fetched, held.claimed, results, now=now, limits=context.limits)


async def _download(context: SlackContext, file: FileView, allowance: Allowance) -> IncomingFile:
    info: Mapping[str, Any] = {}
    sha256, why_not, size = "", "", file.size
    try:
        info = await _file_info(context, file)
        size = size_of(info)
        content = await _content(context, info, allowance)
        size = len(content)
        sha256 = await _store_content(context.store, content)
    except _NotKeptError as reason:
        why_not = str(reason)
    return IncomingFile(
        name=name_of(info),
        content_type=str(info.get("mimetype") or file.content_type),
        size=size,
        sha256=sha256,
        kept=bool(sha256),
        why_not=why_not,
        remote_id=file.remote_id,
        transcript=known_transcript(info),
    )


async def _file_info(context: SlackContext, file: FileView) -> Mapping[str, Any]:
    """The current `file` object; the event holds nothing but the ID for a file of another organisation."""
    if context.store is None:
        raise _NotKeptError(NOT_KEPT_HERE)
    try:
        info: Mapping[str, Any] = (await context.client.files_info(file=file.remote_id))["file"]
    except SlackApiError as error:
        code = error_code(error)
        if code in UNAVAILABLE:
            raise _NotKeptError(f"Slack does not give it ({code})") from error
        raise
    return info


async def _content(context: SlackContext, info: Mapping[str, Any], allowance: Allowance) -> bytes:
    if info.get("is_external") or info.get("mode") == "external":
        raise _NotKeptError(_ELSEWHERE)
    url = str(info.get("url_private_download") or info.get("url_private") or "")
    if not url:
        raise _NotKeptError(f"Slack does not give it ({info.get('mode') or 'no address'})")
    if not is_slack_url(url, context.client.base_url):
        raise _NotKeptError("its address is not Slack's")
    if why_not := allowance.why_not(size_of(info)):
        raise _NotKeptError(why_not)
    content, is_html = await _response(context, url)
    # A login page is HTML, too; an HTML file that somebody shared has the size that Slack says.
    if is_html and (info.get("mimetype") != "text/html" or len(content) != size_of(info)):
        raise _NotKeptError("Slack answered with a page instead")
    return content


def is_slack_url(url: str, api_url: str) -> bool:
    """Whether the bot token may be sent to this URL: its host is that of the Web API, or `files.` before it.

    The scheme and port must be the same, and the URL must contain no credentials, so that no event can direct the
    token to another server.
    """
    try:
        there, api = urlsplit(url), urlsplit(api_url)
        ports = there.port, api.port
    except ValueError:
        return False
    host = (api.hostname or "").removeprefix("www.")
    return (
        bool(host)
        and (there.scheme, ports[0]) == (api.scheme, ports[1])
        and there.hostname in (host, f"files.{host}")
        and "@" not in there.netloc
        and "\\" not in url
    )


async def _response(context: SlackContext, url: str) -> tuple[bytes, bool]:
    """The content at this URL, and whether it is an HTML page."""
    session = context.client.session
    if session is None:
        raise RuntimeError("the Slack client was built without a session")
    headers = {"Authorization": f"Bearer {context.client.token}", "Accept-Encoding": "identity"}
    # A redirect would send the token to another server, and Slack redirects to a login page.
    proxy = context.client.proxies.of(url)
    async with session.get(url, headers=headers, allow_redirects=False, timeout=_TIMEOUT, proxy=proxy) as answer:
        if answer.status == 429 or answer.status >= 500:
            raise aiohttp.ClientError(f"HTTP {answer.status}")
        if answer.status != 200:
            raise _NotKeptError(f"Slack does not give it (HTTP {answer.status})")
        content = bytearray()
        async for chunk in answer.content.iter_chunked(_CHUNK_BYTES):
            content += chunk
            if len(content) > LARGEST:  # even if a smaller size was announced
                raise _NotKeptError(TOO_LARGE)
        return bytes(content), answer.content_type == "text/html"


async def _store_content(store: Store | None, content: bytes) -> str:
    if store is None:
        raise _NotKeptError(NOT_KEPT_HERE)
    try:
        sha256 = await store.take(content)
    except OSError as error:
        raise FileTransferError(f"A file from Slack cannot be kept: {why_not_kept(error)}.") from error
    return sha256
