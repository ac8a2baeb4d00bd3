"""Reads one conversation from its beginning, with all its threads, and remembers what stands there."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from decimal import Decimal

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.api.errors import read_failure
from bot.slack.catchup.history import Message, history, replies

_TOGETHER = 400  # messages
_TINY = Decimal("0.000001")
_OLDER_THREADS = 30 * 86_400  # seconds before the beginning in which a thread may have begun that goes on after it


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedChannel:
    """One conversation that is to be read."""

    channel: str
    name: str  # as people call it
    oldest: str  # the ts from which on it is read
    is_direct: bool = False
    is_staff: bool = False  # of the channel itself nothing is read, only the threads of cases
    roots: tuple[str, ...] = ()  # the threads that belong to cases, wherever they began


class FullScan:
    """One reading of one conversation."""

    def __init__(self, client: AsyncWebClient, room: ScannedChannel) -> None:
        self._client = client
        self._room = room
        self._beginning = Decimal(room.oldest)
        self.present: set[str] = set()  # the ts of everything that was read
        self._threads: set[str] = set()  # those with younger replies, and those that have to be asked for
        self._bare: set[str] = set()  # what stands in the channel without a younger reply
        self._waiting: list[Message] = []

    async def read(self) -> AsyncGenerator[list[Message], None]:
        """Everything younger than the beginning, each message once, in groups; raises one of CALL_ERRORS."""
        if not self._room.is_staff:
            async with aclosing(self._history(self._beginning)) as messages:
                async for message in messages:
                    self._note(message)
                    for group in self._see(message):
                        yield group
        await self._look_for_threads()
        for root in sorted(self._threads):
            async with aclosing(self._thread(root)) as messages:
                async for message in messages:
                    for group in self._see(message):
                        yield group
        if self._waiting:
            yield self._waiting

    def _history(self, oldest: Decimal, latest: str = "") -> AsyncGenerator[Message, None]:
        return history(self._client, self._room.channel, oldest=f"{max(oldest, Decimal(0)):.6f}", latest=latest)

    async def _look_for_threads(self) -> None:
        """Find the threads that began before and go on; a page of history tells of two hundred at once."""
        roots = set(self._room.roots)
        if self._room.is_staff:
            if roots:
                await self._look_at(self._history(min(map(Decimal, roots)) - _TINY))
            self._threads &= roots
        else:
            await self._look_at(self._history(self._beginning - _OLDER_THREADS, f"{self._beginning + _TINY:.6f}"))
        self._threads |= roots - self._bare

    async def _look_at(self, found: AsyncGenerator[Message, None]) -> None:
        async with aclosing(found) as messages:
            async for message in messages:
                self._note(message)

    def _note(self, message: Message) -> None:
        """Keep whether there is something to read under this message."""
        if not message.get("ts"):
            return
        goes_on = Decimal(str(message.get("latest_reply") or 0)) > self._beginning
        (self._threads if goes_on else self._bare).add(str(message["ts"]))

    async def _thread(self, root: str) -> AsyncGenerator[Message, None]:
        """The replies of a thread; its first message belongs to the channel."""
        try:
            found = replies(self._client, self._room.channel, root, oldest=self._room.oldest)
            async with aclosing(found) as messages:
                async for message in messages:
                    if message.get("ts") != root:
                        yield message
        except SlackApiError as error:
            if read_failure(error).error != "thread_not_found":
                raise

    def _see(self, message: Message) -> list[list[Message]]:
        """The messages that are enough for a group, if there are."""
        ts = str(message.get("ts") or "")
        if not ts or ts in self.present:  # what was sent to the channel as well stands in both
            return []
        self.present.add(ts)
        self._waiting.append({name: value for name, value in message.items() if name != "blocks"})
        if len(self._waiting) < _TOGETHER:
            return []
        group, self._waiting = self._waiting, []
        return [group]

    def covers(self, ts: str, thread: str) -> bool:
        """Whether a message would have been seen if it still stood where it was written."""
        if Decimal(ts) <= Decimal(self._room.oldest):
            return False
        if thread and thread != ts:
            return thread in self._threads or thread in self._bare
        return not self._room.is_staff
