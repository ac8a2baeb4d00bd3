"""Lists conversations and reads their history page by page, waiting for Slack's rate limits."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.api.errors import FailureKind, read_failure
from bot.slack.api.pages import read_pages
from bot.slack.payloads.events import is_ts

log = structlog.get_logger("casebook.slack")

Message = Mapping[str, Any]
Pace = Callable[[float], Awaitable[None]]  # waits so many seconds

PAGE = 200  # messages to ask for; Slack may return fewer, down to 15
SHORTEST_WAIT = 0.2  # seconds; a `Retry-After: 0` must not become a busy loop
_TYPES = ("public_channel", "private_channel", "im", "mpim")
_UNKNOWN_METHOD = {"unknown_method", "method_not_supported"}


async def channels_of(client: AsyncWebClient, *, pace: Pace = asyncio.sleep) -> list[Message]:
    """The conversations that the bot is a member of, also archived ones; kinds without a scope are left out.

    Raises what the call to Slack raises.
    """
    try:
        return await _channels(client, _TYPES, pace)
    except SlackApiError as error:
        if read_failure(error).error != "missing_scope":
            raise
    found: list[Message] = []
    for kind in _TYPES:
        try:
            found += await _channels(client, (kind,), pace)
        except SlackApiError as error:
            if read_failure(error).error != "missing_scope":
                raise
            log.warning("conversations not listed", kind=kind, reason="missing_scope")
    return found


async def _channels(client: AsyncWebClient, kinds: tuple[str, ...], pace: Pace) -> list[Message]:
    types = ",".join(kinds)
    try:
        pages = _pages(
            lambda cursor: client.users_conversations(types=types, limit=PAGE, cursor=cursor), "channels", pace
        )
        return [channel async for page in pages for channel in page]
    except SlackApiError as error:
        if read_failure(error).error not in _UNKNOWN_METHOD:
            raise
    pages = _pages(lambda cursor: client.conversations_list(types=types, limit=PAGE, cursor=cursor), "channels", pace)
    # A direct conversation has no `is_member`: only our own are listed.
    return [channel async for page in pages for channel in page if channel.get("is_member", channel.get("is_im"))]


async def history(
    client: AsyncWebClient, channel: str, *, oldest: str, latest: str = "", pace: Pace = asyncio.sleep
) -> AsyncGenerator[Message, None]:
    """The messages of the channel itself, newest first, newer than `oldest` and older than `latest` (both ts).

    A rate limit is waited for; every other failure is raised as one of CALL_ERRORS.
    """
    pages = _pages(
        lambda cursor: client.conversations_history(
            channel=channel, oldest=oldest, latest=latest or None, limit=PAGE, cursor=cursor
        ),
        "messages",
        pace,
    )
    async for page in pages:
        for message in page:
            yield message


async def replies(
    client: AsyncWebClient,
    channel: str,
    thread_ts: str,
    *,
    oldest: str,
    latest: str = "",
    pace: Pace = asyncio.sleep,
) -> AsyncGenerator[Message, None]:
    """The messages of a thread, oldest first, with the same bounds and failures.

    Slack repeats the first message on every page, whatever its age; here it comes once, and only if within the bounds.
    """
    pages = _pages(
        lambda cursor: client.conversations_replies(
            channel=channel, ts=thread_ts, oldest=oldest, latest=latest or None, limit=PAGE, cursor=cursor
        ),
        "messages",
        pace,
    )
    first = True
    async for page in pages:
        for message in page:
            is_root = message.get("ts") == thread_ts
            if not is_root or (first and is_within(thread_ts, oldest, latest)):
                yield message
            first = first and not is_root


def is_within(ts: str, oldest: str, latest: str = "") -> bool:
    """Whether a ts is between these two, exclusive; an empty `latest` means no upper bound."""
    return Decimal(ts) > Decimal(oldest) and (not latest or Decimal(ts) < Decimal(latest))


async def _pages(ask: Callable[[str | None], Awaitable[Any]], what: str, pace: Pace) -> AsyncIterator[list[Message]]:
    """The items of every page; Slack's limits are waited for."""
    async for page in read_pages(lambda cursor: _unlimited(ask, cursor, pace)):
        yield [sound(item) for item in page[what]]


def sound(item: Message) -> Message:
    """A message or conversation without its malformed fields, so that one bad item does not stop the others."""
    parts = {"edited": Mapping, "metadata": Mapping, "files": list, "latest_reply": str}
    wrong = {name for name, kind in parts.items() if name in item and not isinstance(item[name], kind)}
    if not is_ts(item.get("latest_reply")):
        wrong.add("latest_reply")
    return {name: value for name, value in item.items() if name not in wrong}


async def _unlimited(ask: Callable[[str | None], Awaitable[Any]], cursor: str | None, pace: Pace) -> Any:
    """One page; waits as often as Slack limits the rate."""
    while True:
        try:
            return await ask(cursor)
        except SlackApiError as error:
            failure = read_failure(error)
            if failure.kind is not FailureKind.RATE_LIMITED:
                raise
            await pace(max(failure.retry_after, SHORTEST_WAIT))


def is_direct(channel: Message) -> bool:
    """Whether this conversation of Slack's list is a direct one with the bot."""
    return bool(channel.get("is_im")) or str(channel["id"]).startswith("D")
