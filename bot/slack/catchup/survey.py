"""One round over all conversations: which are to be read, what stands in them, and which cannot be read."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from bot.slack.api.errors import CALL_ERRORS, TOKEN_ERRORS, FailureKind, read_failure
from bot.slack.catchup.channel_scan import ChannelScan, Found
from bot.slack.catchup.history import Pace, channels_of, is_direct
from bot.slack.catchup.reading_back import ReadingBack
from bot.slack.context import channel_ids
from bot.slack.context.context import SlackContext
from bot.slack.payloads.events import as_ts
from casebook.admin import backfill
from casebook.records import cursors

log = structlog.get_logger("casebook.slack")

_CASES_AT_ONCE = 50
_PUT_OUT = {"not_in_channel", "channel_not_found"}


@dataclass(frozen=True, slots=True)
class Survey:
    """What one round is to look for."""

    now: datetime  # by Slack's clock
    looked: str  # the ts of the look before: where we came in since then, it is read from here or from our coming on
    deep: bool  # with the threads
    thorough: bool  # with edits and deletions further back
    tops: Mapping[str, str]  # how far the channels themselves were read by rounds that left out threads


class Surveyor:
    """Reads every conversation; one that refuses is told of once, and stops no other."""

    def __init__(
        self, context: SlackContext, door: str, *, pace: Pace, held: int, on_missing: Callable[[int], None]
    ) -> None:
        self._context = context
        self._door = door
        self._pace = pace
        self._held = held
        self._on_missing = on_missing
        self._missing = 0
        self._told: set[tuple[str, str]] = set()  # refusals that were logged

    async def read(self, survey: Survey) -> tuple[dict[str, Found], bool]:
        """What stands in the rooms that can be read, and whether another could not be for now.

        Raises when the conversations cannot be listed, and when Slack does not take the token.
        """
        found: dict[str, Found] = {}
        failed = False
        self._missing = 0
        for room in await self._rooms(survey):
            try:
                found[room.channel] = each = await self._reading(room, survey).read()
            except CALL_ERRORS as error:
                failed = await self._not_read(room, error) or failed
                continue
            self._missing += len(each.events)
            self._told = {told for told in self._told if told[0] != room.channel}
            if each.doubtful:
                log.warning("messages not found, and not taken for deleted", channel=room.channel, count=each.doubtful)
        return found, failed

    def _reading(self, room: ChannelScan, survey: Survey) -> ReadingBack:
        return ReadingBack(
            self._context,
            room,
            now=survey.now,
            deep=survey.deep,
            thorough=survey.thorough,
            pace=self._pace,
            held=self._held,
            on_missing=lambda count: self._on_missing(self._missing + count),
        )

    async def _rooms(self, survey: Survey) -> list[ChannelScan]:
        """The conversations that we are in, and those where we were when we last looked."""
        context = self._context
        await channel_ids.load_changes(context)
        known = await context.desk.do(cursors.below, f"{self._door}:")
        for channel in [each for each in known if not context.channels.is_watched(each, direct=each.startswith("D"))]:
            # If it is watched again one day, what was said meanwhile is none of ours.
            await context.desk.do(cursors.forget, f"{self._door}:{channel}")
            del known[channel]
        threads = await self._threads() if survey.deep else {}
        listed = {str(each["id"]): each for each in await channels_of(context.client, pace=self._pace)}
        if await self._follow(known, listed):
            known = await context.desk.do(cursors.below, f"{self._door}:")
        rooms = []
        for channel in (*listed, *(each for each in known if each not in listed)):
            room = self._room(channel, listed.get(channel, {}), survey, known.get(channel))
            if room is not None:
                rooms.append(replace(room, roots=tuple(sorted(threads.get(channel, ())))))
        return rooms

    async def _follow(self, known: Mapping[str, str], listed: Mapping[str, Any]) -> bool:
        """Whether one of the conversations that are not listed any more was found again under another ID."""
        gone = [each for each in known if each not in listed]
        new = [each for each in listed if each not in known and not listed[each].get("is_im")]
        return bool(gone and new) and await channel_ids.find_changed(self._context, gone=gone, new=new)

    async def _threads(self) -> dict[str, set[str]]:
        """The threads that belong to cases, by channel; asked for in parts, so that events never wait for it."""
        context = self._context
        cases = await context.desk.do(backfill.cases_to_read, now=context.clock.now())
        found: defaultdict[str, set[str]] = defaultdict(set)
        for start in range(0, len(cases), _CASES_AT_ONCE):
            some = await context.desk.do(backfill.threads_of, cases[start : start + _CASES_AT_ONCE])
            for channel, roots in some.items():
                found[channel] |= roots
        return found

    def _room(
        self, channel: str, described: Mapping[str, Any], survey: Survey, known: str | None
    ) -> ChannelScan | None:
        channels = self._context.channels
        direct = is_direct({"id": channel, **described})
        is_staff = channel in channels.staff
        if not channels.is_watched(channel, direct=direct):
            return None
        if is_staff and (channel != channels.support or not survey.deep):
            return None
        if described.get("is_archived") and not (survey.thorough and known):
            return None  # nobody can write there
        since = known or min(survey.looked, as_ts(survey.now))
        if not survey.deep:
            since = max(since, survey.tops.get(channel, ""))
        return ChannelScan(channel=channel, since=since, is_direct=direct, is_new=known is None, is_staff=is_staff)

    async def _not_read(self, room: ChannelScan, error: Exception) -> bool:
        """Whether it is worth trying again."""
        failure = read_failure(error)
        if failure.kind is not FailureKind.REFUSED:
            log.warning("channel not read", channel=room.channel, reason=failure.error)
            return True
        if failure.error in TOKEN_ERRORS:
            raise error
        if failure.error in _PUT_OUT:
            await self._context.desk.do(cursors.forget, f"{self._door}:{room.channel}")
        if (room.channel, failure.error) not in self._told:
            self._told.add((room.channel, failure.error))
            log.warning("channel cannot be read", channel=room.channel, reason=failure.error)
        return False
