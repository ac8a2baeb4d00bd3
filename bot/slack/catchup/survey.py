"""One round over all conversations: chooses those to read, reads them, and logs those that cannot be read."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import structlog

from bot.slack.api.errors import CALL_ERRORS, TOKEN_ERRORS, FailureKind, read_failure
from bot.slack.catchup.channel_scan import Conversation
from bot.slack.catchup.history import Pace, channels_of, is_direct
from bot.slack.catchup.reading_back import Found, ReadingBack, Round
from bot.slack.context import channel_ids
from bot.slack.context.context import SlackContext
from bot.slack.payloads.events import as_ts
from casebook.admin import backfill
from casebook.records import cursors

log = structlog.get_logger("casebook.slack")

_CASES_AT_ONCE = 50
_REMOVED = {"not_in_channel", "channel_not_found"}


class RoundReader:
    """Reads every conversation. One that cannot be read is logged once, and does not stop the others."""

    def __init__(
        self, context: SlackContext, door: str, *, pace: Pace, held: int, on_missing: Callable[[int], None]
    ) -> None:
        self._context = context
        self._door = door
        self._pace = pace
        self._held = held
        self._on_missing = on_missing
        self._missing = 0
        self._logged: set[tuple[str, str]] = set()  # channels and errors

    async def read(self, current: Round) -> tuple[dict[str, Found], bool]:
        """What was found in each channel, and whether a channel could not be read for a temporary reason.

        Raises one of CALL_ERRORS if the conversations cannot be listed, or if Slack rejects the token.
        """
        found: dict[str, Found] = {}
        failed = False
        self._missing = 0
        for conversation in await self._conversations(current):
            try:
                found[conversation.channel] = each = await self._read_one(conversation, current)
            except CALL_ERRORS as error:
                failed = await self._not_read(conversation, error) or failed
                continue
            self._missing += len(each.events)
            self._logged = {logged for logged in self._logged if logged[0] != conversation.channel}
            if each.doubtful:
                channel, count = conversation.channel, each.doubtful
                log.warning("messages not found on Slack, not treated as deleted", channel=channel, count=count)
        return found, failed

    async def _read_one(self, conversation: Conversation, current: Round) -> Found:
        def on_missing(count: int) -> None:
            self._on_missing(self._missing + count)

        held, pace = self._held, self._pace
        reading = ReadingBack(self._context, conversation, current, pace=pace, held=held, on_missing=on_missing)
        return await reading.read()

    async def _conversations(self, current: Round) -> list[Conversation]:
        """The conversations that the bot is a member of, and those that it was a member of in the last round."""
        context = self._context
        await channel_ids.load_changes(context)
        known = await context.desk.do(cursors.below, f"{self._door}:")
        for channel in [each for each in known if not context.channels.is_watched(each, direct=each.startswith("D"))]:
            # If it is watched again later, the messages in between are not read.
            await context.desk.do(cursors.forget, f"{self._door}:{channel}")
            del known[channel]
        threads = await threads_of_cases(context) if current.deep else {}
        listed = {str(each["id"]): each for each in await channels_of(context.client, pace=self._pace)}
        if await self._follow(known, listed):
            known = await context.desk.do(cursors.below, f"{self._door}:")
        found = []
        for channel in (*listed, *(each for each in known if each not in listed)):
            conversation = self._conversation(channel, listed.get(channel, {}), current, known.get(channel))
            if conversation is not None:
                found.append(replace(conversation, roots=tuple(sorted(threads.get(channel, ())))))
        return found

    async def _follow(self, known: Mapping[str, str], listed: Mapping[str, Any]) -> bool:
        """Whether a conversation that is no longer listed was found under another ID."""
        gone = [each for each in known if each not in listed]
        new = [each for each in listed if each not in known and not listed[each].get("is_im")]
        return bool(gone and new) and await channel_ids.find_changed(self._context, gone=gone, new=new)

    def _conversation(
        self, channel: str, described: Mapping[str, Any], current: Round, known: str | None
    ) -> Conversation | None:
        channels = self._context.channels
        direct = is_direct({"id": channel, **described})
        is_staff = channel in channels.staff
        if not channels.is_watched(channel, direct=direct):
            return None
        if is_staff and (channel != channels.support or not current.deep):
            return None
        if described.get("is_archived") and not (current.thorough and known):
            return None  # nobody can write there
        since = known or min(current.previous, as_ts(current.now))
        if not current.deep:
            since = max(since, current.tops.get(channel, ""))
        return Conversation(channel=channel, since=since, is_direct=direct, is_new=known is None, is_staff=is_staff)

    async def _not_read(self, conversation: Conversation, error: Exception) -> bool:
        """Whether it is worth trying again. Raises the error if Slack rejects the token."""
        failure = read_failure(error)
        if failure.kind is not FailureKind.REFUSED:
            log.warning("channel not read", channel=conversation.channel, reason=failure.error)
            return True
        if failure.error in TOKEN_ERRORS:
            raise error
        if failure.error in _REMOVED:
            await self._context.desk.do(cursors.forget, f"{self._door}:{conversation.channel}")
        if (conversation.channel, failure.error) not in self._logged:
            self._logged.add((conversation.channel, failure.error))
            log.warning("channel cannot be read", channel=conversation.channel, reason=failure.error)
        return False


async def threads_of_cases(context: SlackContext) -> dict[str, set[str]]:
    """The threads that belong to cases: the ts of their first messages, by channel.

    Queried in parts, so that events never wait for it.
    """
    cases = await context.desk.do(backfill.cases_to_read, now=context.clock.now())
    found: defaultdict[str, set[str]] = defaultdict(set)
    for start in range(0, len(cases), _CASES_AT_ONCE):
        some = await context.desk.do(backfill.threads_of, cases[start : start + _CASES_AT_ONCE])
        for channel, roots in some.items():
            found[channel] |= roots
    return found
