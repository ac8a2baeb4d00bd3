"""Reads one conversation back from where it was read last, and tells what stands there that the book does not know."""

from collections.abc import Callable, Collection, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from decimal import Decimal

from slack_sdk.errors import SlackApiError

from bot.slack.api.errors import read_failure
from bot.slack.catchup.channel_scan import ChannelScan, Found
from bot.slack.catchup.history import Message, Pace, as_deletion, as_edit, as_event, history, replies
from bot.slack.context.context import SlackContext
from bot.slack.payloads.events import as_ts
from bot.slack.payloads.shares import without_redundant_blocks
from casebook.admin import backfill
from casebook.admin.backfill import Kept
from casebook.incoming import Source

LAG = timedelta(seconds=60)  # history may lag behind what Slack has accepted: so much is read again each time
# Edits and deletions are looked for so far back. Slack's shortest retention is a day: what it takes away then nobody
# has deleted.
LOOKED_OVER = timedelta(hours=20)
LOOKED_OVER_AT_MOST = 500  # messages
THREADS_LOOKED_OVER = 20
BATCH = 200
HELD_AT_MOST = 50_000  # items of one conversation in memory; the rest waits for the next round
ROOMS_FOR_DOUBT = 3  # so many messages may be gone where nothing else was found either
_A_PAGE = 100  # what is assumed of Slack's pages when the shorter way is chosen
_SPANS = (timedelta(days=1), timedelta(days=7), timedelta(days=30), timedelta(days=3650))
_JOINS = ("channel_join", "group_join", "bot_add")


class ReadingBack:
    """One reading of one room. `deep` follows all threads; `thorough` looks for edits and deletions further back."""

    def __init__(
        self,
        context: SlackContext,
        room: ChannelScan,
        *,
        now: datetime,
        deep: bool,
        thorough: bool,
        pace: Pace,
        held: int,
        on_missing: Callable[[int], None],
    ) -> None:
        self._context = context
        self._room = room
        self._deep = deep
        self._thorough = thorough
        self._pace = pace
        self._held = held
        self._on_missing = on_missing
        self._settled = as_ts(now - LAG)  # what is older stands in the history
        self._now = now
        self._new: dict[str, Message] = {}  # what may be unknown, by ts
        self._unchecked: list[str] = []
        self._edited: dict[str, Message] = {}
        self._edits_known: dict[str, str] = {}  # by ts: the latest edit that the database has; empty where it has none
        self._present: set[str] = set()
        self._active: dict[str, str] = {}  # threads with replies younger than `since`, and the latest of each
        self._came = ""  # when we came into a room that is new: nothing before it is ours
        self._limit = ""  # what is younger waits for the next round, since it would be too much at once
        self._found = Found(since=room.since)

    async def read(self) -> Found:
        """Raises what the calls to Slack raise, except that a limit is waited for."""
        # Of a channel that is new again the book may hold what lies before our coming, which is not read.
        kept = await self._kept() if self._thorough and not self._room.is_new else ()
        self._edits_known = {each.ts: as_ts(each.edited_at) if each.edited_at else "" for each in kept}
        if not self._room.is_staff:
            await self._read_top()
        alone = await self._read_older(kept[0].ts if kept else "") if self._deep else ()
        if not self._deep:  # a reply that is not known is worth a call
            known = await self._known(list(self._active.values()))
            self._active = {root: latest for root, latest in self._active.items() if latest not in known}
        over = list(dict.fromkeys(each.thread for each in reversed(kept) if _is_reply(each)))[:THREADS_LOOKED_OVER]
        oldest = min(_just_before(kept[0].ts), self._room.since) if kept else self._room.since
        gone_threads = set()
        for root in sorted({*self._active, *alone, *over}):
            if not await self._read_thread(root, oldest if root in over else self._room.since):
                gone_threads.add(root)
        await self._forget_known()
        self._tell_deletions(kept, {*over} | gone_threads)
        return await self._told()

    async def _kept(self) -> tuple[Kept, ...]:
        after = as_ts(self._now - LOOKED_OVER)
        team, channel = self._context.home_team, self._room.channel
        kept = await self._context.desk.do(backfill.kept, team, channel, after=after, before=self._settled)
        return kept[-LOOKED_OVER_AT_MOST:]

    async def _read_top(self) -> None:
        """What the channel itself shows, the newest first."""
        found = history(self._context.client, self._room.channel, oldest=self._room.since, pace=self._pace)
        async with aclosing(found) as messages:
            async for message in messages:
                if self._room.is_new and self._is_our_coming(message):
                    self._came = str(message.get("ts") or "")
                    break
                await self._see(message)
        self._found.calls += 1 + len(self._present) // _A_PAGE

    def _is_our_coming(self, message: Message) -> bool:
        ours = message.get("user") == self._context.our_user or message.get("bot_id") == self._context.our_bot
        return message.get("subtype") in _JOINS and ours

    async def _read_older(self, needed: str) -> tuple[str, ...]:
        """Look through what is older, at least from `needed` on, for threads with new replies.

        Returns the threads that lie too far back, of which each is asked for by itself.
        """
        room = self._room
        roots = tuple(root for root in room.roots if room.is_staff or root <= room.since)
        start = min(filter(None, (await self._start(roots), "" if room.is_staff else needed)), default="")
        alone = tuple(root for root in roots if not start or root < start)
        self._found.calls += len(alone)
        if start and (room.is_staff or start <= room.since):
            latest = "" if room.is_staff else _just_after(room.since)
            count = 0
            found = history(
                self._context.client, room.channel, oldest=_just_before(start), latest=latest, pace=self._pace
            )
            async for message in found:
                count += 1
                await self._see(message, top=not room.is_staff)
            self._found.calls += 1 + count // _A_PAGE
        if room.is_staff:
            self._active = {root: latest for root, latest in self._active.items() if root in room.roots}
        return alone

    async def _start(self, roots: tuple[str, ...]) -> str:
        """From which root on it takes fewer calls to look through the channel than to ask for each thread."""
        best, fewest = "", len(roots)
        now = as_ts(self._now)
        for span in _SPANS:
            within = [root for root in roots if root >= as_ts(self._now - span)]
            if not within:
                continue
            team, channel = self._context.home_team, self._room.channel
            lines = await self._context.desk.do(backfill.how_many, team, channel, after=within[0], before=now)
            calls = 1 + lines // _A_PAGE + len(roots) - len(within)
            if calls < fewest:
                best, fewest = within[0], calls
        return best

    async def _read_thread(self, root: str, oldest: str) -> bool:
        """Whether the thread is there."""
        self._found.calls += 1
        try:
            async for message in replies(
                self._context.client, self._room.channel, root, oldest=oldest, pace=self._pace
            ):
                await self._see(message, top=message.get("ts") != root or not self._room.is_staff)
        except SlackApiError as error:
            if read_failure(error).error != "thread_not_found":
                raise
            return False
        return True

    async def _see(self, message: Message, *, top: bool = True) -> None:
        ts, since = str(message.get("ts") or ""), self._room.since
        if str(message.get("latest_reply") or "") > since:
            self._active[ts] = str(message["latest_reply"])
        if not top:
            return
        if message.get("subtype") != "tombstone":
            self._present.add(ts)
        # An edit that the database lacks counts however old it is: a look that was cut short has moved `since` on.
        if str((message.get("edited") or {}).get("ts") or "") > min(since, self._edits_known.get(ts, since)):
            self._edited[ts] = message
        if ts > since and (not self._limit or ts < self._limit) and ts not in self._new:
            self._new[ts] = without_redundant_blocks(message)
            self._unchecked.append(ts)
            if len(self._unchecked) >= BATCH:
                await self._forget_known()

    async def _forget_known(self) -> None:
        known = await self._known(self._unchecked)
        for ts in known:
            del self._new[ts]
        self._unchecked = []
        self._on_missing(len(self._new))
        if len(self._new) > 2 * self._held:
            # Pages come the newest first: what is youngest is let go, and read again in the next round.
            self._limit = sorted(self._new)[self._held]
            self._new = {ts: message for ts, message in self._new.items() if ts < self._limit}

    async def _known(self, some: list[str]) -> set[str]:
        prefix = f"{self._context.home_team}:{self._room.channel}:"
        ids = [prefix + ts for ts in some]
        known = await self._context.desk.do(backfill.known_ids, Source.SLACK, ids) if ids else frozenset()
        return {each.removeprefix(prefix) for each in known}

    def _tell_deletions(self, kept: tuple[Kept, ...], threads: set[str]) -> None:
        """What the book holds and was not seen, where all was read."""
        looked_for = [each for each in kept if each.thread in threads or self._stands_at_top(each)]
        gone, self._found.doubtful = gone_from(looked_for, self._present)
        for ts in gone:
            event = as_deletion(self._room.channel, ts, is_direct=self._room.is_direct)
            self._found.events.append((self._settled, event))

    def _stands_at_top(self, kept: Kept) -> bool:
        return not self._room.is_staff and not _is_reply(kept)

    async def _told(self) -> Found:
        channel, is_direct = self._room.channel, self._room.is_direct
        for ts, message in self._new.items():
            # With the time of its last edit, so that an earlier one that comes late does not count.
            read = as_edit if message.get("edited") else as_event
            self._found.events.append((ts, read(channel, message, is_direct=is_direct)))
        before = [ts for ts in self._edited if ts not in self._new]
        for ts in await self._known(before):  # what the book never took in stays outside
            message = self._edited[ts]
            self._found.events.append((str(message["edited"]["ts"]), as_edit(channel, message, is_direct=is_direct)))
        self._found.events.sort(key=lambda each: each[0])
        self._found.upto = max(self._settled, self._room.since, self._came)
        self._found.bound = _just_before(self._limit) if self._limit else ""
        return self._found


def gone_from(looked_for: Sequence[Kept], present: Collection[str]) -> tuple[list[str], int]:
    """The ts of what does not stand there any more, and how many it would be where that is not believed: of all."""
    gone = [each.ts for each in looked_for if each.ts not in present]
    if len(gone) == len(looked_for) and len(gone) > ROOMS_FOR_DOUBT:
        return [], len(gone)
    return gone, 0


def _is_reply(kept: Kept) -> bool:
    return bool(kept.thread) and kept.thread != kept.ts


def _just_before(ts: str) -> str:
    return f"{Decimal(ts) - Decimal('0.000001'):.6f}"


def _just_after(ts: str) -> str:
    return f"{Decimal(ts) + Decimal('0.000001'):.6f}"
