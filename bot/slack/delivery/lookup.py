"""Looking whether a notice was said before the line broke, before it is ever said again (design 3.6).

Posts are known by the key in their metadata, files by Slack's own IDs. Slack does not promise that its history shows
at once what it has taken, so a look waits a little, and is made twice before it believes that there is nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.slack.catchup.history import sound
from bot.slack.context.context import SlackContext
from bot.slack.delivery.posting import EVENT_TYPE, is_thread_gone, thread_of
from bot.slack.payloads.events import as_ts
from bot.slack.payloads.json_values import mappings
from casebook.outcomes import Claimed

LOOK_AFTER = 3.0  # seconds from the beginning of the broken try to the first look
LOOK_AGAIN = 5.0  # seconds between two looks

_PAGE = 200  # Slack may give 15: https://docs.slack.dev/apis/web-api/rate-limits
_BEFORE = timedelta(seconds=60)  # Slack's clocks need not agree among themselves
# No call that we gave up is carried out later than this; so the look has an end, however busy the channel was since.
_AFTERWARDS = timedelta(minutes=10)
_LONG_BEFORE = timedelta(hours=1)  # what an older version tried is not known by Slack's clock


class Lookup:
    """Looks into channels and threads; the seconds can be given differently."""

    def __init__(self, context: SlackContext, *, after: float | None = None, again: float | None = None) -> None:
        self._context = context
        self._after = LOOK_AFTER if after is None else after
        self._again = LOOK_AGAIN if again is None else again

    async def find_post(self, claimed: Claimed) -> tuple[str, str] | None:
        """Channel and ts of the post if it is there; None when it never arrived.

        Posts for one person's eyes stand in no history: they are said again. Raises what a call to Slack raises.
        """
        key = claimed.items[0].key

        def is_it(message: Mapping[str, Any]) -> bool:
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload")
            if metadata.get("event_type") != EVENT_TYPE or not isinstance(payload, Mapping):
                return False
            return bool(payload.get("key") == key)

        found = await self._find(claimed, is_it)
        return None if found is None else (self._context.channels.of_lane(claimed.lane), str(found["ts"]))

    async def find_files(self, claimed: Claimed, file_ids: Sequence[str]) -> bool:
        """Whether one of these files stands where the notice puts them: they are shown together or not at all.

        A post with files carries no metadata; they are known by Slack's own IDs, which the book had before.
        """
        wanted = set(file_ids)
        shown = await self._find(
            claimed, lambda message: bool(wanted & {str(file.get("id")) for file in mappings(message.get("files"))})
        )
        return shown is not None

    async def _find(self, claimed: Claimed, is_it: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any] | None:
        if claimed.uncertain and claimed.look_from is not None:
            since = (self._context.client.time_there() - claimed.look_from).total_seconds()
            await asyncio.sleep(min(max(self._after - since, 0), self._after))
        for is_last in (False, True) if claimed.uncertain else (True,):
            async for message in self._said_since(claimed):
                if is_it(message):
                    return message
            if not is_last:
                await asyncio.sleep(self._again)
        return None

    async def _said_since(self, claimed: Claimed) -> AsyncIterator[Mapping[str, Any]]:
        """What was said in the notice's thread or channel while the uncertain try can have been carried out."""
        thread = await thread_of(self._context, claimed.items[0])
        try:
            async for message in self._said_in(claimed, thread):
                yield message
        except SlackApiError as error:
            if thread is None or not is_thread_gone(error):
                raise
            async for message in self._said_in(claimed, None):  # where `deliver` puts it then
                yield message

    async def _said_in(self, claimed: Claimed, thread: str | None) -> AsyncIterator[Mapping[str, Any]]:
        first, client = claimed.items[0], self._context.client
        within = {"oldest": as_ts(first.created_at - _LONG_BEFORE)}
        if claimed.look_from is not None:
            within = {"oldest": as_ts(claimed.look_from - _BEFORE), "latest": as_ts(claimed.look_from + _AFTERWARDS)}
        asked: dict[str, Any] = within | {"channel": self._context.channels.of_lane(claimed.lane)}
        cursor = ""
        while True:
            if thread is None:
                page = await client.conversations_history(
                    **asked, limit=_PAGE, cursor=cursor or None, include_all_metadata=True
                )
            else:
                page = await client.conversations_replies(
                    **asked, ts=thread, limit=_PAGE, cursor=cursor or None, include_all_metadata=True
                )
            for message in page["messages"]:
                yield sound(message)
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return
