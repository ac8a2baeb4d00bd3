"""Reading back what stands in Slack: every conversation, every page, for as long as Slack's limits make us wait."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.api.errors import FailureKind, read_failure
from bot.slack.api.pages import read_pages

log = structlog.get_logger("casebook.slack")

Message = Mapping[str, Any]
Pace = Callable[[float], Awaitable[None]]  # waits so many seconds

PAGE = 200  # what we ask for; Slack gives what it likes, down to 15
SHORTEST_WAIT = 0.2  # seconds; a `Retry-After: 0` must not become a busy loop
_TYPES = ("public_channel", "private_channel", "im", "mpim")
_UNKNOWN_METHOD = {"unknown_method", "method_not_supported"}


async def channels_of(client: AsyncWebClient, *, pace: Pace = asyncio.sleep) -> list[Message]:
    """The conversations that the bot is in, archived ones too; kinds without a scope are left out.

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
    # A direct conversation has no members to be one of: the list holds only our own.
    return [channel async for page in pages for channel in page if channel.get("is_member", channel.get("is_im"))]


async def history(
    client: AsyncWebClient, channel: str, *, oldest: str, latest: str = "", pace: Pace = asyncio.sleep
) -> AsyncGenerator[Message, None]:
    """What the channel itself shows, the newest first: all that is younger than `oldest` and older than `latest`.

    A limit of Slack's is waited for; every other failure is raised as one of CALL_ERRORS.
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
    """A thread, the oldest first, with the same bounds and failures.

    Slack puts the first message on every page whatever its age; it is given once, and only if it lies within.
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
    """Whether a ts lies between these two, which are outside themselves; an empty `latest` is the end of time."""
    return Decimal(ts) > Decimal(oldest) and (not latest or Decimal(ts) < Decimal(latest))


async def _pages(ask: Callable[[str | None], Awaitable[Any]], what: str, pace: Pace) -> AsyncIterator[list[Message]]:
    """The items of every page; Slack's limits are waited for."""
    async for page in read_pages(lambda cursor: _unlimited(ask, cursor, pace)):
        yield [sound(item) for item in page[what]]


def sound(item: Message) -> Message:
    """A message or conversation without those of its parts that are not what they should be.

    One of which everything is wrong but its ts still is a message, and hides none of the others.
    """
    parts = {"edited": Mapping, "metadata": Mapping, "files": list, "latest_reply": str}
    wrong = {name for name, kind in parts.items() if name in item and not isinstance(item[name], kind)}
    if not _is_ts(item.get("latest_reply")):
        wrong.add("latest_reply")
    return {name: value for name, value in item.items() if name not in wrong}


def _is_ts(value: Any) -> bool:
    return isinstance(value, str) and value.replace(".", "", 1).isdecimal() and value.isascii()


async def _unlimited(ask: Callable[[str | None], Awaitable[Any]], cursor: str | None, pace: Pace) -> Any:
    """One page, however often Slack asks us to wait for it."""
    while True:
        try:
            return await ask(cursor)
        except SlackApiError as error:
            failure = read_failure(error)
            if failure.kind is not FailureKind.RATE_LIMITED:
                raise
            await pace(max(failure.retry_after, SHORTEST_WAIT))


def as_event(channel: str, message: Message, *, is_direct: bool) -> dict[str, Any]:
    """The `message` event that this item of the history would have been.

    What is left of a deleted message with replies, a tombstone, is the event of its deletion.
    """
    if message.get("subtype") == "tombstone":
        return _changed(channel, message, is_direct=is_direct)
    return {**message, "type": "message"} | _where(channel, is_direct=is_direct)


def as_edit(channel: str, message: Message, *, is_direct: bool) -> dict[str, Any]:
    """The event of the last edit of this item."""
    return _changed(channel, message, is_direct=is_direct)


def as_deletion(channel: str, ts: str, *, is_direct: bool) -> dict[str, Any]:
    """The event of the deletion of a message that is not in the history any more."""
    deleted = {"type": "message", "subtype": "message_deleted", "deleted_ts": ts}
    return deleted | _where(channel, is_direct=is_direct)


def _changed(channel: str, message: Message, *, is_direct: bool) -> dict[str, Any]:
    changed = {"type": "message", "subtype": "message_changed", "message": dict(message), "ts": message.get("ts")}
    return changed | _where(channel, is_direct=is_direct)


def _where(channel: str, *, is_direct: bool) -> dict[str, Any]:
    return {"channel": channel, "channel_type": "im" if is_direct else "channel"}


def is_direct(channel: Message) -> bool:
    """Whether Slack describes a direct conversation with the bot."""
    return bool(channel.get("is_im")) or str(channel["id"]).startswith("D")
