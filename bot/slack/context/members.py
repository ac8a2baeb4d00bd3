"""Who is in a channel: asked for when an app's post names somebody, and kept for minutes."""

from datetime import datetime

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.slack.api.errors import CALL_ERRORS, FailureKind, read_failure
from bot.slack.context.asked_once import AskedOnce
from bot.slack.context.people import KEPT, LookupFailedError

log = structlog.get_logger("casebook.slack")

# https://docs.slack.dev/reference/methods/conversations.members
PAGE = 999  # the most that Slack gives at once
MOST_PAGES = 10
# It will be answered so again, and there is nobody whom we could know as a member.
_NOBODY = {"channel_not_found", "method_not_supported_for_channel_type"}


class Members:
    """Asks Slack who is in a channel, at most once in five minutes for each channel."""

    def __init__(self, client: AsyncWebClient, *, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._known: dict[str, tuple[datetime, frozenset[str]]] = {}
        self._outdated: set[str] = set()  # channels whose answer under way may have been given too early
        self._asked = AskedOnce()

    async def has(self, channel: str, user_id: str) -> bool:
        """Whether Slack says that somebody is in a channel; raises LookupFailedError.

        Of a channel with more members than ten pages hold (nearly ten thousand), and of one that Slack does not show,
        nobody is known as a member: what an app posts there is the app's own, whomever it names. So no post costs more
        than ten calls, and most cost none.
        """
        known = self._known.get(channel)
        if known is None or self._clock.now() - known[0] >= KEPT:
            return user_id in await self._asked.ask(channel, lambda: self._look_up(channel))
        return user_id in known[1]

    def forget(self, channel: str) -> None:
        """Ask again the next time: somebody has joined the channel."""
        self._known.pop(channel, None)
        if channel in self._asked:
            self._outdated.add(channel)

    async def _look_up(self, channel: str) -> frozenset[str]:
        self._outdated.discard(channel)
        members = await self._all(channel)
        if channel not in self._outdated:
            self._known[channel] = (self._clock.now(), members)
        return members

    async def _all(self, channel: str) -> frozenset[str]:
        members: set[str] = set()
        cursor = ""
        for _ in range(MOST_PAGES):
            try:
                page = await self._client.conversations_members(channel=channel, limit=PAGE, cursor=cursor or None)
            except CALL_ERRORS as error:
                failure = read_failure(error)
                if failure.kind is FailureKind.REFUSED and failure.error in _NOBODY:
                    return frozenset()
                raise LookupFailedError(f"Slack does not say who is in {channel}: {failure.error}") from error
            members.update(page["members"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return frozenset(members)
        log.warning("a channel has too many members to know them; apps' posts there are the apps' own", channel=channel)
        return frozenset()
