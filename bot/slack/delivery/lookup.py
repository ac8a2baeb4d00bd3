"""Finds out whether a notice was posted by an attempt that lost its connection, before it is posted again (design 3.6).

Posts are recognised by the key in their metadata, files by Slack's IDs. Slack does not promise that its history shows
an accepted post at once, so a lookup waits a little, and reads twice before it reports that there is none.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from slack_sdk.errors import SlackApiError

from bot.slack.api.pages import read_pages
from bot.slack.catchup.history import sound
from bot.slack.context.context import SlackContext
from bot.slack.delivery.posting import EVENT_TYPE, is_thread_gone, thread_of
from bot.slack.payloads.events import as_ts
from bot.slack.payloads.json_values import mappings
from casebook.outcomes import Claimed

LOOK_AFTER = 3.0  # seconds from the start of the uncertain attempt to the first read
LOOK_AGAIN = 5.0  # seconds between the two reads

_PAGE = 200  # Slack may return only 15: https://docs.slack.dev/apis/web-api/rate-limits
_BEFORE = timedelta(seconds=60)  # the clocks of Slack's servers may differ
# Slack carries out no abandoned call later than this; the limit bounds the lookup in a busy channel.
_AFTERWARDS = timedelta(minutes=10)
_BEFORE_OLD_VERSION = timedelta(hours=1)  # for a notice of an older version, which stored no time by Slack's clock


class Lookup:
    """Searches channels and threads; `after` and `again` replace LOOK_AFTER and LOOK_AGAIN, in seconds."""

    def __init__(self, context: SlackContext, *, after: float | None = None, again: float | None = None) -> None:
        self._context = context
        self._after = LOOK_AFTER if after is None else after
        self._again = LOOK_AGAIN if again is None else again

    async def find_post(self, claimed: Claimed) -> tuple[str, str] | None:
        """Channel and ts of the post; None if it never arrived.

        Ephemeral posts are in no history, so they are posted again. Raises one of CALL_ERRORS.
        """
        key = claimed.items[0].key

        def is_match(message: Mapping[str, Any]) -> bool:
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload")
            if metadata.get("event_type") != EVENT_TYPE or not isinstance(payload, Mapping):
                return False
            return bool(payload.get("key") == key)

        found = await self._find(claimed, is_match)
        return None if found is None else (self._context.channels.of_lane(claimed.lane), str(found["ts"]))

    async def find_files(self, claimed: Claimed, file_ids: Sequence[str]) -> bool:
        """Whether one of these files is in the notice's channel or thread: they are shown together or not at all.

        A post with files has no metadata, so they are recognised by Slack's IDs, which the database holds. Raises one
        of CALL_ERRORS.
        """
        wanted = set(file_ids)
        found = await self._find(
            claimed, lambda message: bool(wanted & {str(file.get("id")) for file in mappings(message.get("files"))})
        )
        return found is not None

    async def _find(self, claimed: Claimed, is_match: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any] | None:
        if claimed.uncertain and claimed.look_from is not None:
            since = (self._context.client.slack_time() - claimed.look_from).total_seconds()
            await asyncio.sleep(min(max(self._after - since, 0), self._after))
        for is_last in (False, True) if claimed.uncertain else (True,):
            async for message in self._posted_since(claimed):
                if is_match(message):
                    return message
            if not is_last:
                await asyncio.sleep(self._again)
        return None

    async def _posted_since(self, claimed: Claimed) -> AsyncIterator[Mapping[str, Any]]:
        """The messages in the notice's thread or channel of the time in which the uncertain attempt can have posted."""
        thread = await thread_of(self._context, claimed.items[0])
        try:
            async for message in self._posted_in(claimed, thread):
                yield message
        except SlackApiError as error:
            if thread is None or not is_thread_gone(error):
                raise
            async for message in self._posted_in(claimed, None):  # where `deliver` posts it then
                yield message

    async def _posted_in(self, claimed: Claimed, thread: str | None) -> AsyncIterator[Mapping[str, Any]]:
        first, client = claimed.items[0], self._context.client
        period = {"oldest": as_ts(first.created_at - _BEFORE_OLD_VERSION)}
        if claimed.look_from is not None:
            period = {"oldest": as_ts(claimed.look_from - _BEFORE), "latest": as_ts(claimed.look_from + _AFTERWARDS)}
        asked: dict[str, Any] = period | {"channel": self._context.channels.of_lane(claimed.lane)}
        asked |= {"limit": _PAGE, "include_all_metadata": True}
        call = partial(client.conversations_replies, ts=thread) if thread else client.conversations_history
        async for page in read_pages(lambda cursor: call(**asked, cursor=cursor)):
            for message in page["messages"]:
                yield sound(message)
