"""The Slack side of `casebook reconcile`: what stands in every watched conversation, against the ledger."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog

from bot.clock import Clock
from bot.reports.reconciliation import SETTLED, Difference, DoorReport, Gap, Tally
from bot.runtime.progress import Progress
from bot.slack.api.errors import CALL_ERRORS, FailureKind, read_failure
from bot.slack.catchup.full_scan import FullScan, ScannedChannel
from bot.slack.catchup.history import Message, Pace, as_deletion, as_edit, as_event, channels_of, is_direct
from bot.slack.catchup.rate_limits import wait_for_lookups
from bot.slack.catchup.reading_back import LOOKED_OVER, gone_from
from bot.slack.context.app_authors import author_of
from bot.slack.context.channels import SlackUnavailableError
from bot.slack.context.context import SlackContext
from bot.slack.context.failure_counter import MAX_TRIES, SECONDS_BETWEEN_TRIES
from bot.slack.messages import is_answer, read_incoming, take_in
from bot.slack.payloads.events import EventKind, MessageEvent, as_ts, moment_of, read_event
from casebook import ledger
from casebook.admin import backfill, reconciliation
from casebook.conversation.mentions import same_words
from casebook.errors import CasebookError
from casebook.incoming import Incoming, Source
from casebook.outcomes import Outcome, Received
from casebook.records import cursors

log = structlog.get_logger("casebook.slack")

DOOR = "Slack"
_STILL_THERE = (Outcome.MESSAGE, Outcome.EDITED)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A difference, and the event that sets it right."""

    gap: Gap
    ts: str  # when it happened, as far as it is known
    external_id: str
    place: str
    event: dict[str, Any]

    def difference(self) -> Difference:
        return Difference(gap=self.gap, external_id=self.external_id, place=self.place)


class SlackComparison:
    """Compares all conversations with the ledger; `settled` is the age below which a message is not missed yet."""

    def __init__(
        self,
        context: SlackContext,
        *,
        clock: Clock,
        progress: Progress,
        settled: timedelta = SETTLED,
        pace: Pace = asyncio.sleep,
    ) -> None:
        self.tally = Tally(DOOR)
        self._context = context
        self._clock = clock
        self._progress = progress
        self._settled = settled
        self._pace = pace
        self._wanted: list[_Wanted] = []

    async def run(self, *, mend: bool, days: int | None) -> DoorReport:
        """Set every conversation against the ledger; raises SlackUnavailableError, and DatabaseUnavailableError."""
        try:
            rooms = await self._rooms(days)
            with self._progress.of("comparing Slack", "conversations") as on_step:
                for number, room in enumerate(rooms):
                    on_step(number, len(rooms))
                    await self._compare_or_say_why_not(room)
            await (self._mend() if mend else self._look_again())
        except CALL_ERRORS as error:
            raise SlackUnavailableError(f"Slack does not answer: {read_failure(error).error}") from error
        return self.tally.report()

    async def _rooms(self, days: int | None) -> list[ScannedChannel]:
        """What is to be read: where the book says from when on it is ours, and where the bot still is."""
        prefix = f"slack:{self._context.home_team}:"
        begun = await self._context.desk.do(cursors.beginnings, prefix)
        now = self._clock.now()
        threads = await self._context.desk.do(backfill.threads, now=now)
        earliest = as_ts(now - timedelta(days=days)) if days is not None else "0"
        listed = await channels_of(self._context.client)
        # A direct conversation that the bot's last look did not see has begun since then.
        looked = await self._context.desk.do(ledger.position, prefix.removesuffix(":"))
        begun = {str(each["id"]): looked for each in listed if looked and is_direct(each)} | begun
        rooms = [self._room(each, begun, threads, earliest) for each in listed]
        new = sorted({room.name for room in rooms if room and not room.oldest})
        if new:
            self.tally.notes.append(f"Not compared, since the bot has not read it yet: {', '.join(new)}.")
        return [room for room in rooms if room and room.oldest]

    def _room(
        self, channel: Message, begun: dict[str, str], threads: dict[str, tuple[str, ...]], earliest: str
    ) -> ScannedChannel | None:
        """How this conversation is to be read; without `oldest` where nobody knows from when on it is ours."""
        channel_id, channels = str(channel["id"]), self._context.channels
        direct = is_direct(channel)
        is_staff = channel_id in channels.staff
        if not channels.is_watched(channel_id, direct=direct) or (is_staff and channel_id != channels.support):
            return None
        began = begun.get(channel_id, "")
        if not began and channel.get("is_archived"):
            return None
        return ScannedChannel(
            channel=channel_id,
            name="a direct conversation" if direct else f"#{channel.get('name') or channel_id}",
            oldest=began and max(began, earliest, key=Decimal),
            is_direct=direct,
            is_staff=is_staff,
            roots=threads.get(channel_id, ()),
        )

    async def _compare_or_say_why_not(self, room: ScannedChannel) -> None:
        """One that Slack does not let us read hides nothing of the others."""
        whole = FullScan(self._context.client, room)
        try:
            async with aclosing(whole.read()) as groups:
                async for messages in groups:
                    await self._compare(room, messages)
        except CALL_ERRORS as error:
            failure = read_failure(error)
            if failure.kind is not FailureKind.REFUSED:
                raise
            self.tally.unread = f"Slack does not let the bot read {room.name}: {failure.error}."
            return
        await self._look_for_deletions(room, whole)

    async def _compare(self, room: ScannedChannel, messages: Sequence[Message]) -> None:
        read = [(message, self._reading(room, message)) for message in messages]
        self.tally.ours += sum(reading.is_our_own for _, reading in read)
        named = {
            reading.external_id(self._context.home_team): (message, reading)
            for message, reading in read
            if not reading.is_our_own
        }
        rows = await self._context.desk.do(reconciliation.known, Source.SLACK, named)
        edited = [name for name, (message, _) in named.items() if name in rows and message.get("edited")]
        said = await self._context.desk.do(reconciliation.said, Source.SLACK, edited)
        for name, (message, reading) in named.items():
            event = as_event(room.channel, message, is_direct=room.is_direct)
            if name not in rows:
                if self._is_young(reading.written_at):
                    self.tally.just_arrived += 1
                else:
                    self._want(Gap.MISSING, reading.ts, name, room, event)
                continue
            self.tally.known(rows[name].outcome, rows[name].reason)
            if reading.kind is EventKind.DELETED and rows[name].outcome in _STILL_THERE:
                self._want(Gap.DELETED, reading.ts, name, room, event)
            elif name in said and await self._says_otherwise(room, message, said[name]):
                edit = as_edit(room.channel, message, is_direct=room.is_direct)
                self._want(Gap.CHANGED, str(message["edited"].get("ts") or reading.ts), name, room, edit)

    def _reading(self, room: ScannedChannel, message: Message) -> MessageEvent:
        event = as_event(room.channel, message, is_direct=room.is_direct)
        return read_event(event, our_user=self._context.our_user, our_bot=self._context.our_bot)

    def _want(self, gap: Gap, ts: str, name: str, room: ScannedChannel, event: dict[str, Any]) -> None:
        self._wanted.append(_Wanted(gap, ts, name, room.name, event))

    def _is_young(self, moment: datetime) -> bool:
        """Whether it may be in the running bot's hands; the two clocks need not agree."""
        return abs(self._clock.now() - moment) < self._settled

    async def _says_otherwise(self, room: ScannedChannel, message: Message, kept: reconciliation.StoredText) -> bool:
        """Whether a message was edited after what the book holds; its last edit may be in the bot's hands."""
        event = as_edit(room.channel, message, is_direct=room.is_direct)
        edit = read_event(event, our_user=self._context.our_user, our_bot=self._context.our_bot)
        if edit.kind is not EventKind.EDITED or self._is_young(moment_of(message["edited"].get("ts"))):
            return False
        if edit.edited_at and kept.edited_at and edit.edited_at <= kept.edited_at:
            return False  # it was taken in; of an answer that was sent before, the words stay as the customer has them

        async def read() -> Incoming | None:
            author = await author_of(self._context, edit)
            return None if author is None else await read_incoming(self._context, edit, author)

        if (incoming := await wait_for_lookups(read)) is None:
            return False
        if is_answer(incoming):  # which is kept without the word before it
            return not incoming.body.endswith(kept.body)
        return not same_words(kept.body, incoming.body)

    async def _look_for_deletions(self, room: ScannedChannel, whole: FullScan) -> None:
        """What the book holds and does not stand any more where everything was read."""
        now, team = self._clock.now(), self._context.home_team
        after, before = as_ts(now - LOOKED_OVER), as_ts(now - self._settled)
        kept = await self._context.desk.do(backfill.kept, team, room.channel, after=after, before=before)
        looked_for = [each for each in kept if whole.covers(each.ts, each.thread)]
        gone, doubtful = gone_from(looked_for, whole.present)
        if doubtful:
            self.tally.notes.append(f"None of {doubtful} messages stand in {room.name}: not taken for deleted.")
        for ts in gone:
            event = as_deletion(room.channel, ts, is_direct=room.is_direct)
            self._want(Gap.DELETED, before, f"{team}:{room.channel}:{ts}", room, event)

    async def _mend(self) -> None:
        """Take in what differs, in the order in which it happened."""
        self._wanted.sort(key=lambda wanted: Decimal(wanted.ts))
        with self._progress.of("taking in from Slack", "messages") as on_step:
            for number, wanted in enumerate(self._wanted):
                on_step(number, len(self._wanted))
                try:
                    received = await self._taken(wanted.event)
                except (CasebookError, *CALL_ERRORS):
                    for left in self._wanted[number:]:
                        self.tally.differs(left.difference())
                    raise
                self._became(wanted, received)

    def _became(self, wanted: _Wanted, received: Received | None) -> None:
        if received is not None and not received.known:
            self.tally.differs(replace(wanted.difference(), received=received))
        elif received is not None and wanted.gap is Gap.MISSING:  # the bot was quicker
            self.tally.known(received.outcome, received.reason)

    async def _taken(self, event: dict[str, Any]) -> Received | None:
        """What became of it; what fails by itself is put into quarantine by the last try."""
        for attempt in range(1, MAX_TRIES):
            try:
                return await wait_for_lookups(lambda: take_in(self._context, event))
            except (CasebookError, *CALL_ERRORS):
                raise
            except Exception as error:  # noqa: BLE001 (as at the door: one message may cost only itself)
                log.warning("message not taken in", error=type(error).__name__, attempt=attempt)
            await self._pace(SECONDS_BETWEEN_TRIES + 1)
        return await wait_for_lookups(lambda: take_in(self._context, event))

    async def _look_again(self) -> None:
        """Whatever came into the book while we compared is not missing."""
        names = [wanted.external_id for wanted in self._wanted if wanted.gap is Gap.MISSING]
        rows = await self._context.desk.do(reconciliation.known, Source.SLACK, names)
        for wanted in self._wanted:
            if wanted.gap is Gap.MISSING and (row := rows.get(wanted.external_id)) is not None:
                self.tally.known(row.outcome, row.reason)
            else:
                self.tally.differs(wanted.difference())
