"""Looking whether a notice was posted before a crash, by the key in its post's metadata (design 3.6)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.slack.delivery import EVENT_TYPE, thread_of
from bot.slack.office import Office
from casebook.outcomes import Claimed

_PAGE = 15  # what the strictest of Slack's limits leaves of a page
_PAGES = 20


async def find_post(office: Office, claimed: Claimed) -> tuple[str, str] | None:
    """Channel and ts of the post if it is there; None when it never arrived.

    Posts for one person's eyes stand in no history: they are said again.
    """
    first = claimed.items[0]
    channel = office.channels.of_lane(claimed.lane)
    async for message in _said_since(office, claimed):
        metadata = message.get("metadata") or {}
        if metadata.get("event_type") == EVENT_TYPE and (metadata.get("event_payload") or {}).get("key") == first.key:
            return channel, str(message["ts"])
    return None


async def find_files(office: Office, claimed: Claimed, file_ids: Sequence[str]) -> bool:
    """Whether one of these files stands where the notice puts them: they are shown together or not at all.

    A post with files carries no metadata; they are known by Slack's own IDs, which the book had before.
    """
    wanted = set(file_ids)
    async for message in _said_since(office, claimed):
        if wanted & {str(file.get("id")) for file in message.get("files") or ()}:
            return True
    return False


async def _said_since(office: Office, claimed: Claimed) -> AsyncIterator[Mapping[str, Any]]:
    """What was said in the notice's channel or thread since shortly before it was written."""
    first = claimed.items[0]
    channel = office.channels.of_lane(claimed.lane)
    oldest = f"{(first.created_at - timedelta(seconds=60)).timestamp():.6f}"
    thread = await thread_of(office, first)
    cursor = ""
    for _ in range(_PAGES):
        if thread is None:
            page = await office.client.conversations_history(
                channel=channel, oldest=oldest, limit=_PAGE, cursor=cursor or None, include_all_metadata=True
            )
        else:
            page = await office.client.conversations_replies(
                channel=channel, ts=thread, oldest=oldest, limit=_PAGE, cursor=cursor or None, include_all_metadata=True
            )
        for message in page["messages"]:
            yield message
        cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor:
            return
