"""Reads one conversation from where it was last read, and returns what the database does not have."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from bot.slack.catchup.channel_scan import (
    CHECKED_FOR,
    MESSAGES_PER_CALL,
    ChannelScan,
    Conversation,
    deleted_among,
    just_before,
)
from bot.slack.catchup.history import Message, Pace
from bot.slack.context.context import SlackContext
from bot.slack.payloads.events import as_ts
from casebook.admin import backfill, reconciliation
from casebook.admin.backfill import Kept
from casebook.incoming import Source

LAG = timedelta(seconds=60)  # history may lag behind what Slack has accepted, so the last minute is read again
CHECKED_MESSAGES = 500  # messages of a conversation that are checked for edits and deletions
CHECKED_THREADS = 20
HELD_AT_MOST = 50_000  # messages of one conversation in memory; the rest waits for the next round
_SPANS = (timedelta(days=1), timedelta(days=7), timedelta(days=30), timedelta(days=3650))
_JOINS = ("channel_join", "group_join", "bot_add")

Event = tuple[str, dict[str, Any]]  # its ts, and the event that Slack would have sent


@dataclass(slots=True)
class Found:
    """What was found in one conversation. All times are ts."""

    since: str  # everything up to here was known before
    events: list[Event] = field(default_factory=list)  # oldest first
    upto: str = ""  # everything up to here was read
    bound: str = ""  # set if there was too much for one round: what is newer waits for the next round
    calls: int = 0  # about how many calls to Slack it took
    doubtful: int = 0  # messages that are missing, but are not believed to be deleted


@dataclass(frozen=True, slots=True)
class Round:
    """What one round over all conversations reads."""

    now: datetime  # by Slack's clock
    previous: str  # the ts of the round before; new conversations are read from here, or from where the bot joined
    deep: bool  # follow all threads
    thorough: bool  # check further back for edits and deletions
    tops: Mapping[str, str]  # the ts up to which rounds without threads have read each channel


class ReadingBack(ChannelScan):
    """Reads one conversation in one round.

    `held` limits the messages in memory. `on_missing` is called with the number of messages found so far that are not
    in the database.
    """

    def __init__(
        self,
        context: SlackContext,
        conversation: Conversation,
        current: Round,
        *,
        pace: Pace,
        held: int,
        on_missing: Callable[[int], None],
    ) -> None:
        super().__init__(context.client, conversation, pace=pace)
        self._context = context
        self._round = current
        self._held = held
        self._on_missing = on_missing
        self._settled = as_ts(current.now - LAG)  # history is complete up to here
        self._kept: tuple[Kept, ...] = ()  # stored messages to check for edits and deletions
        self._edits_known: dict[str, str] = {}  # of the kept messages: the latest stored edit, by ts
        self._checked_threads: set[str] = set()  # threads of replies among them
        self._distant: tuple[str, ...] = ()  # threads of cases that are too old to be found in the channel
        self._new: dict[str, Message] = {}  # messages that are not in the database, by ts
        self._edited: dict[str, Message] = {}
        self._tombstones: set[str] = set()
        self._joined = ""  # when the bot joined a new conversation: what is older is ignored
        self._limit = ""  # what is newer waits for the next round, since too much was found

    async def read(self) -> Found:
        """Read the conversation. Raises what the calls to Slack raise, except that a rate limit is waited for."""
        # For a channel that is new again the database may hold older messages, in a range that is not read.
        if self._round.thorough and not self._conversation.is_new:
            await self._load_kept()
        async with aclosing(self.batches()) as batches:
            async for batch in batches:
                await self._take(batch)
        deleted, doubtful = self._deleted()
        events = [(self._settled, self._conversation.deletion_of(ts)) for ts in deleted]
        events += [(ts, self._conversation.event_of(message)) for ts, message in self._new.items()]
        events += await self._edits()
        return Found(
            since=self._conversation.since,
            events=sorted(events, key=lambda each: each[0]),
            upto=max(self._settled, self._conversation.since, self._joined),
            bound=just_before(self._limit) if self._limit else "",
            calls=self.calls,
            doubtful=doubtful,
        )

    async def _load_kept(self) -> None:
        after = as_ts(self._round.now - CHECKED_FOR)
        team, channel = self._context.home_team, self._conversation.channel
        kept = await self._context.desk.do(backfill.kept, team, channel, after=after, before=self._settled)
        self._kept = kept[-CHECKED_MESSAGES:]
        threads = dict.fromkeys(each.thread for each in reversed(self._kept) if each.is_reply)
        self._checked_threads = set(list(threads)[:CHECKED_THREADS])
        self._edits_known = {each.ts: as_ts(each.edited_at) if each.edited_at else "" for each in self._kept}

    def _is_end(self, message: Message) -> bool:
        ours = message.get("user") == self._context.our_user or message.get("bot_id") == self._context.our_bot
        if not (self._conversation.is_new and ours and message.get("subtype") in _JOINS):
            return False
        self._joined = str(message.get("ts") or "")
        return True

    async def _look_back_to(self) -> str:
        if not self._round.deep:
            return ""
        since, is_staff = self._conversation.since, self._conversation.is_staff
        roots = tuple(root for root in self._conversation.roots if is_staff or root <= since)
        start = await self._cheapest_start(roots)
        if self._kept and not is_staff:
            start = min(filter(None, (start, self._kept[0].ts)))
        self._distant = tuple(root for root in roots if not start or root < start)
        return start if is_staff or start <= since else ""

    async def _cheapest_start(self, roots: Sequence[str]) -> str:
        """From which root on reading the channel takes fewer calls than reading each thread; empty for none."""
        best, fewest = "", len(roots)
        now = as_ts(self._round.now)
        for span in _SPANS:
            within = [root for root in roots if root >= as_ts(self._round.now - span)]
            if not within:
                continue
            team, channel = self._context.home_team, self._conversation.channel
            messages = await self._context.desk.do(backfill.how_many, team, channel, after=within[0], before=now)
            calls = 1 + messages // MESSAGES_PER_CALL + len(roots) - len(within)
            if calls < fewest:
                best, fewest = within[0], calls
        return best

    async def _choose_threads(self) -> dict[str, str]:
        since = self._conversation.since
        active = self._active
        if not self._round.deep:  # reading a thread is worth a call only if its latest reply is unknown
            known = await self._known(active.values())
            active = {root: latest for root, latest in active.items() if latest not in known}
        oldest = min(just_before(self._kept[0].ts), since) if self._kept else since
        return dict.fromkeys((*active, *self._distant), since) | dict.fromkeys(self._checked_threads, oldest)

    async def _take(self, batch: Sequence[Message]) -> None:
        """Remember what is new or edited."""
        since = self._conversation.since
        by_ts = {str(each["ts"]): each for each in batch}
        self._tombstones |= {ts for ts, each in by_ts.items() if each.get("subtype") == "tombstone"}
        # Every edit counts that the database lacks: a round that was cut short may have moved `since` past it.
        self._edited |= {
            ts: each
            for ts, each in by_ts.items()
            if str((each.get("edited") or {}).get("ts") or "") > min(since, self._edits_known.get(ts, since))
        }
        within = {ts: each for ts, each in by_ts.items() if ts > since and (not self._limit or ts < self._limit)}
        known = await self._known(within)
        self._new |= {ts: each for ts, each in within.items() if ts not in known}
        self._on_missing(len(self._new))
        if len(self._new) > 2 * self._held:
            # History gives the newest first: the newest are dropped, and read again in the next round.
            self._limit = sorted(self._new)[self._held]
            self._new = {ts: message for ts, message in self._new.items() if ts < self._limit}

    async def _known(self, some: Iterable[str]) -> set[str]:
        prefix = f"{self._context.home_team}:{self._conversation.channel}:"
        ids = [prefix + ts for ts in some]
        known = await self._context.desk.do(reconciliation.known, Source.SLACK, ids) if ids else {}
        return {each.removeprefix(prefix) for each in known}

    def _deleted(self) -> tuple[list[str], int]:
        """What the database holds and Slack no longer has, within what was read completely."""
        threads = self._checked_threads | self._missing_threads
        is_staff = self._conversation.is_staff
        read = [each for each in self._kept if each.thread in threads or not (is_staff or each.is_reply)]
        return deleted_among(read, self.present - self._tombstones)

    async def _edits(self) -> list[Event]:
        """The edits of messages that are in the database; what was never stored stays outside."""
        known = await self._known(ts for ts in self._edited if ts not in self._new)
        edited = [self._edited[ts] for ts in known]
        return [(str(each["edited"]["ts"]), self._conversation.event_of(each)) for each in edited]
