"""Reads one conversation from Slack, with its threads: each message once, in batches."""

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.api.errors import read_failure
from bot.slack.catchup.history import Message, Pace, history, replies
from bot.slack.payloads.shares import without_redundant_blocks
from casebook.admin.backfill import Kept

# Edits and deletions are searched for this far back. Slack's shortest retention is one day, and what retention
# removes was not deleted by anybody.
CHECKED_FOR = timedelta(hours=20)
BELIEVED_WHEN_ALL_GONE = 3  # messages; if more are missing and none was found, they do not count as deleted
MESSAGES_PER_CALL = 100  # an assumption about Slack's pages, to estimate the number of calls
_BATCH = 200  # messages
_OLDER_THREADS = 30 * 86_400  # seconds before `since` in which a thread with newer replies may have begun
_SMALLEST = Decimal("0.000001")  # the resolution of a ts


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """One conversation to read."""

    channel: str
    since: str  # a ts: only what is newer is read
    name: str = ""  # for people
    is_direct: bool = False
    is_new: bool = False  # it was never read before: messages from before the bot joined are ignored
    is_staff: bool = False  # the channel's own messages are ignored; only threads of cases are read
    roots: tuple[str, ...] = ()  # the ts of the first message of each thread that belongs to a case

    def event_of(self, message: Message) -> dict[str, Any]:
        """The last `message` event that Slack sent for this item of the history.

        For an edited message the event of the edit, so that an earlier edit that arrives late is ignored. For a
        tombstone, which a deleted message with replies leaves behind, the event of the deletion.
        """
        if message.get("edited") or message.get("subtype") == "tombstone":
            return self._event(subtype="message_changed", message=dict(message), ts=message.get("ts"))
        return self._event(**message)

    def deletion_of(self, ts: str) -> dict[str, Any]:
        """The event of the deletion of a message that is no longer in the history."""
        return self._event(subtype="message_deleted", deleted_ts=ts)

    def _event(self, **content: Any) -> dict[str, Any]:
        where = {"channel": self.channel, "channel_type": "im" if self.is_direct else "channel"}
        return content | where | {"type": "message"}


class ChannelScan:
    """One pass over one conversation: the channel itself, then the threads with newer replies.

    Reads everything newer than `since`. A subclass may stop earlier, and may choose how far to look back for threads
    and which threads to read.
    """

    def __init__(self, client: AsyncWebClient, conversation: Conversation, *, pace: Pace) -> None:
        self._client = client
        self._conversation = conversation
        self._pace = pace
        self._roots = frozenset(conversation.roots)
        self._started = 0  # channels and threads whose reading was started
        self._listed = 0  # messages of the channel itself
        self._active: dict[str, str] = {}  # threads with replies newer than `since`, with the ts of the latest reply
        self._quiet: set[str] = set()  # threads of cases without newer replies
        self._threads: set[str] = set()  # threads that were read
        self._missing_threads: set[str] = set()  # threads that Slack did not find
        self.present: set[str] = set()  # the ts of every message that was read

    @property
    def calls(self) -> int:
        """About how many calls to Slack the scan took."""
        return self._started + self._listed // MESSAGES_PER_CALL

    async def batches(self) -> AsyncGenerator[list[Message], None]:
        """Every message once, those of the channel first, the newest first. Raises one of CALL_ERRORS.

        Messages older than `since` may be among them if the channel was searched for threads. A rate limit is waited
        for. Blocks that repeat the text are left out.
        """
        batch: list[Message] = []
        async with aclosing(self._messages()) as messages:
            async for message in messages:
                ts = str(message.get("ts") or "")
                if not ts or ts in self.present:  # a reply that was also sent to the channel is in both
                    continue
                self.present.add(ts)
                batch.append(without_redundant_blocks(message))
                if len(batch) == _BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch

    def covers(self, kept: Kept) -> bool:
        """Whether the scan would have found this message if it still existed."""
        if Decimal(kept.ts) <= Decimal(self._conversation.since):
            return False
        if kept.is_reply:
            return any(kept.thread in seen for seen in (self._threads, self._quiet, self.present))
        return not self._conversation.is_staff

    def _is_end(self, message: Message) -> bool:  # noqa: ARG002 - for subclasses
        """Whether this message of the channel and all older ones are to be ignored."""
        return False

    async def _look_back_to(self) -> str:
        """The ts from which to search the channel for threads that began before `since`; empty for no search.

        One page of history shows up to two hundred threads, while each thread costs a call of its own.
        """
        if self._conversation.is_staff:
            return min(self._roots, default="")
        return f"{max(Decimal(self._conversation.since) - _OLDER_THREADS, _SMALLEST):.6f}"

    async def _choose_threads(self) -> dict[str, str]:
        """The threads to read, by the ts of their first message, each with the ts after which it is read."""
        unseen = self._roots - self._quiet
        return dict.fromkeys(unseen.union(self._active), self._conversation.since)

    async def _messages(self) -> AsyncGenerator[Message, None]:
        since, is_staff = self._conversation.since, self._conversation.is_staff
        if not is_staff:
            async for message in self._history(since):
                if self._is_end(message):
                    break
                yield message
        if start := await self._look_back_to():
            async for message in self._history(just_before(start), "" if is_staff else _just_after(since)):
                if not is_staff:
                    yield message
        if is_staff:
            self._active = {root: ts for root, ts in self._active.items() if root in self._roots}
        for root, oldest in sorted((await self._choose_threads()).items()):
            async for message in self._thread(root, oldest):
                yield message

    async def _history(self, oldest: str, latest: str = "") -> AsyncGenerator[Message, None]:
        self._started += 1
        channel = self._conversation.channel
        async for message in history(self._client, channel, oldest=oldest, latest=latest, pace=self._pace):
            self._note_thread(message)
            yield message

    def _note_thread(self, message: Message) -> None:
        self._listed += 1
        ts, latest = str(message.get("ts") or ""), str(message.get("latest_reply") or "0")
        if ts and Decimal(latest) > Decimal(self._conversation.since):
            self._active[ts] = latest
        elif ts in self._roots:
            self._quiet.add(ts)

    async def _thread(self, root: str, oldest: str) -> AsyncGenerator[Message, None]:
        self._started += 1
        self._threads.add(root)
        channel, is_staff = self._conversation.channel, self._conversation.is_staff
        try:
            async for message in replies(self._client, channel, root, oldest=oldest, pace=self._pace):
                if message.get("ts") != root or not is_staff:
                    yield message
        except SlackApiError as error:
            if read_failure(error).error != "thread_not_found":
                raise
            self._missing_threads.add(root)


def deleted_among(kept: Sequence[Kept], present: Collection[str]) -> tuple[list[str], int]:
    """The ts of the stored messages that Slack no longer has, and 0; or none of them and how many are missing.

    The second, if every message is missing: that is more likely a fault than that many deletions.
    """
    gone = [each.ts for each in kept if each.ts not in present]
    if len(gone) == len(kept) and len(gone) > BELIEVED_WHEN_ALL_GONE:
        return [], len(gone)
    return gone, 0


def just_before(ts: str) -> str:
    """The latest ts before this one."""
    return f"{Decimal(ts) - _SMALLEST:.6f}"


def _just_after(ts: str) -> str:
    return f"{Decimal(ts) + _SMALLEST:.6f}"
