"""Fetching the files of a Slack message: from Slack alone, never more than is kept, and any number of times."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError

from bot.files.limits import LARGEST, NOT_KEPT_HERE, TOO_LARGE, Allowance
from bot.files.store import Store, why_not_kept
from bot.slack.api.errors import error_word
from bot.slack.context.context import SlackContext
from bot.slack.delivery.file_notices import SECONDS, FileTroubleError, Hand, message_of
from bot.slack.payloads.files import known_transcript, name_of, size_of
from casebook.conversation import attachments, transcripts
from casebook.conversation.attachments import Fetched
from casebook.incoming import IncomingFile
from casebook.views import FileState, FileView

_SECONDS = aiohttp.ClientTimeout(total=SECONDS, sock_connect=20, sock_read=30)
_PIECE = 256 * 1024
# Nobody will ever get it: https://docs.slack.dev/reference/methods/files.info
GONE = {"file_not_found", "file_deleted", "access_denied", "not_visible", "slack_connect_file_link_sharing_blocked"}
_ELSEWHERE = "it stands elsewhere: a link"


class _LeftOutError(Exception):
    """A file cannot be kept, for this reason."""


async def fetch(context: SlackContext, hand: Hand) -> None:
    """Fetch what waits of a message's files, and note what came of each.

    Raises what a call to Slack raises, and FileTroubleError when there is no room: then it is tried again.
    """
    files = await context.desk.do(attachments.of, message_of(hand.claimed))
    allowance = Allowance()
    results = []
    for file in files:
        if file.state is FileState.KEPT:
            allowance.why_not(file.size)
        elif file.state is FileState.WAITING:
            await hand.hold()
            results.append(Fetched(file_id=file.file_id, file=await _fetched(context, file, allowance)))
    now = context.clock.now()
    await context.desk.do(transcripts.fetched, hand.claimed, results, now=now, limits=context.limits)


async def _fetched(context: SlackContext, file: FileView, allowance: Allowance) -> IncomingFile:
    info: Mapping[str, Any] = {}
    sha256, why_not, size = "", "", file.size
    try:
        info = await _described(context, file)
        size = size_of(info)
        content = await _content(context, info, allowance)
        size = len(content)
        sha256 = await _kept(context.store, content)
    except _LeftOutError as reason:
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


async def _described(context: SlackContext, file: FileView) -> Mapping[str, Any]:
    """What Slack knows of a file now; for one of another organisation the event said nothing but its ID."""
    if context.store is None:
        raise _LeftOutError(NOT_KEPT_HERE)
    try:
        info: Mapping[str, Any] = (await context.client.files_info(file=file.remote_id))["file"]
    except SlackApiError as error:
        word = error_word(error)
        if word in GONE:
            raise _LeftOutError(f"Slack does not give it ({word})") from error
        raise
    return info


async def _content(context: SlackContext, info: Mapping[str, Any], allowance: Allowance) -> bytes:
    if info.get("is_external") or info.get("mode") == "external":
        raise _LeftOutError(_ELSEWHERE)
    url = str(info.get("url_private_download") or info.get("url_private") or "")
    if not url:
        raise _LeftOutError(f"Slack does not give it ({info.get('mode') or 'no address'})")
    if not is_slacks(url, context.client.base_url):
        raise _LeftOutError("its address is not Slack's")
    if why_not := allowance.why_not(size_of(info)):
        raise _LeftOutError(why_not)
    content, is_page = await _downloaded(context, url)
    # A login is a page too; a page that somebody shared is as long as Slack says.
    if is_page and (info.get("mimetype") != "text/html" or len(content) != size_of(info)):
        raise _LeftOutError("Slack answered with a page instead")
    return content


def is_slacks(url: str, api_url: str) -> bool:
    """Whether the bot token may be sent to this address: the host of the Web API itself, or `files.` before it.

    The same scheme and port, and no login in the address, so that no event can send our token anywhere else.
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


async def _downloaded(context: SlackContext, url: str) -> tuple[bytes, bool]:
    """What stands there, and whether it is a page of HTML."""
    session = context.client.session
    if session is None:
        raise RuntimeError("the Slack client has no session of ours")
    headers = {"Authorization": f"Bearer {context.client.token}", "Accept-Encoding": "identity"}
    # A redirection would carry the token away, and Slack uses one to ask for a login.
    proxy = context.client.proxies.of(url)
    async with session.get(url, headers=headers, allow_redirects=False, timeout=_SECONDS, proxy=proxy) as answer:
        if answer.status == 429 or answer.status >= 500:
            raise aiohttp.ClientError(f"HTTP {answer.status}")
        if answer.status != 200:
            raise _LeftOutError(f"Slack does not give it (HTTP {answer.status})")
        content = bytearray()
        async for piece in answer.content.iter_chunked(_PIECE):
            content += piece
            if len(content) > LARGEST:  # whatever was said of its size before
                raise _LeftOutError(TOO_LARGE)
        return bytes(content), answer.content_type == "text/html"


async def _kept(store: Store | None, content: bytes) -> str:
    if store is None:
        raise _LeftOutError(NOT_KEPT_HERE)
    try:
        sha256 = await store.take(content)
    except OSError as error:
        raise FileTroubleError(f"A file from Slack cannot be kept: {why_not_kept(error)}.") from error
    return sha256
