"""Members of channels: looked up when an app's post mentions somebody, and cached for minutes."""

from datetime import datetime
from functools import partial

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.slack.api.errors import CALL_ERRORS, FailureKind, read_failure
from bot.slack.api.pages import TooManyPagesError, read_pages
from bot.slack.context.asked_once import AskedOnce
from bot.slack.context.people import CACHED_FOR, LookupFailedError

log = structlog.get_logger("casebook.slack")

# https://docs.slack.dev/reference/methods/conversations.members
PAGE = 999  # Slack's maximum
MAX_PAGES = 10
# Slack would give the same answer again, and the members cannot be known.
_NO_MEMBERS = {"channel_not_found", "method_not_supported_for_channel_type"}


class Members:
    """Looks up the members of channels, at most once in five minutes for each channel."""

    def __init__(self, client: AsyncWebClient, *, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[str, tuple[datetime, frozenset[str]]] = {}
        self._outdated: set[str] = set()  # channels that changed while they were being looked up
        self._calls = AskedOnce()

    async def has(self, channel: str, user_id: str) -> bool:
        """Whether Slack says that somebody is in a channel; raises LookupFailedError.

        A channel with more members than ten pages hold (nearly ten thousand), and one that Slack does not show, count
        as having no members: an app's posts there belong to the app, whoever they mention. So no post costs more than
        ten calls, and most cost none.
        """
        known = self._known.get(channel)
        if known is None or self._clock.now() - known[0] >= CACHED_FOR:
            return user_id in await self._calls.ask(channel, lambda: self._look_up(channel))
        return user_id in known[1]

    def forget(self, channel: str) -> None:
        """Look the channel up again next time, because somebody has joined it."""
        self._known.pop(channel, None)
        if channel in self._calls:
            self._outdated.add(channel)

    async def _look_up(self, channel: str) -> frozenset[str]:
        self._outdated.discard(channel)
        members = await self._all(channel)
        if channel not in self._outdated:
            self._known[channel] = (self._clock.now(), members)
        return members

    async def _all(self, channel: str) -> frozenset[str]:
        call = partial(self._client.conversations_members, channel=channel, limit=PAGE)
        members: set[str] = set()
        try:
            async for page in read_pages(lambda cursor: call(cursor=cursor), most=MAX_PAGES):
                members.update(page["members"])
        except TooManyPagesError:
            log.warning("channel has too many members to look up", channel=channel)
            return frozenset()
        except CALL_ERRORS as error:
            failure = read_failure(error)
            if failure.kind is FailureKind.REFUSED and failure.error in _NO_MEMBERS:
                return frozenset()
            raise LookupFailedError(f"Slack does not say who is in {channel}: {failure.error}") from error
        return frozenset(members)
