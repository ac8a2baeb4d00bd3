"""The Slack side of `casebook reconcile`: compares every watched conversation with the ledger."""

import asyncio
from collections.abc import Mapping, Sequence
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
from bot.slack.catchup.channel_scan import CHECKED_FOR, ChannelScan, Conversation, deleted_among
from bot.slack.catchup.history import Message, Pace, channels_of, is_direct
from bot.slack.catchup.rate_limits import wait_for_lookups
from bot.slack.catchup.survey import threads_of_cases
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
_STORED = (Outcome.MESSAGE, Outcome.EDITED)


@dataclass(frozen=True, slots=True)
class _Repair:
    """A difference, and the event that removes it."""

    difference: Difference
    ts: str  # when it happened, as far as known
    event: dict[str, Any]

    @property
    def is_missing(self) -> bool:
        return self.difference.gap is Gap.MISSING


class SlackComparison:
    """Compares all conversations with the ledger. A message younger than `settled` does not count as missing."""

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
        self._repairs: list[_Repair] = []

    async def run(self, *, mend: bool, days: int | None) -> DoorReport:
        """Compare every conversation with the ledger; raises SlackUnavailableError and DatabaseUnavailableError."""
        try:
            conversations = await self._conversations(days)
            with self._progress.of("comparing Slack", "conversations") as on_step:
                for number, conversation in enumerate(conversations):
                    on_step(number, len(conversations))
                    await self._compare_if_readable(conversation)
            await (self._mend() if mend else self._look_again())
        except CALL_ERRORS as error:
            raise SlackUnavailableError(f"Slack does not answer: {read_failure(error).error}") from error
        return self.tally.report()

    async def _conversations(self, days: int | None) -> list[Conversation]:
        """The conversations to compare: those whose first position is known and that the bot is still a member of."""
        prefix = f"slack:{self._context.home_team}:"
        begun = await self._context.desk.do(cursors.beginnings, prefix)
        threads = await threads_of_cases(self._context)
        earliest = as_ts(self._clock.now() - timedelta(days=days)) if days is not None else "0"
        listed = await channels_of(self._context.client)
        # A direct conversation that the bot did not see in its last round began after that.
        last_round = await self._context.desk.do(ledger.position, prefix.removesuffix(":"))
        begun = {str(each["id"]): last_round for each in listed if last_round and is_direct(each)} | begun
        found = [self._conversation(each, begun, threads, earliest) for each in listed]
        new = sorted({each.name for each in found if each and not each.since})
        if new:
            self.tally.notes.append(f"Not compared, since the bot has not read it yet: {', '.join(new)}.")
        return [each for each in found if each and each.since]

    def _conversation(
        self, channel: Message, begun: dict[str, str], threads: dict[str, set[str]], earliest: str
    ) -> Conversation | None:
        """How to read this conversation, without `since` if its first position is unknown; None to leave it out."""
        channel_id, channels = str(channel["id"]), self._context.channels
        direct = is_direct(channel)
        is_staff = channel_id in channels.staff
        if not channels.is_watched(channel_id, direct=direct) or (is_staff and channel_id != channels.support):
            return None
        began = begun.get(channel_id, "")
        if not began and channel.get("is_archived"):
            return None
        return Conversation(
            channel=channel_id,
            name="a direct conversation" if direct else f"#{channel.get('name') or channel_id}",
            since=began and max(began, earliest, key=Decimal),
            is_direct=direct,
            is_staff=is_staff,
            roots=tuple(threads.get(channel_id, ())),
        )

    async def _compare_if_readable(self, conversation: Conversation) -> None:
        """Compare; a conversation that Slack does not let the bot read does not stop the others."""
        scan = ChannelScan(self._context.client, conversation, pace=self._pace)
        try:
            async with aclosing(scan.batches()) as batches:
                async for batch in batches:
                    newer = [message for message in batch if str(message["ts"]) > conversation.since]
                    await self._compare(conversation, newer)
        except CALL_ERRORS as error:
            failure = read_failure(error)
            if failure.kind is not FailureKind.REFUSED:
                raise
            self.tally.unread = f"Slack does not let the bot read {conversation.name}: {failure.error}."
            return
        await self._compare_deletions(conversation, scan)

    async def _compare(self, conversation: Conversation, messages: Sequence[Message]) -> None:
        read = [(message, self._read(conversation.event_of(message))) for message in messages]
        self.tally.ours += sum(reading.is_our_own for _, reading in read)
        named = {
            reading.external_id(self._context.home_team): (message, reading)
            for message, reading in read
            if not reading.is_our_own
        }
        rows = await self._context.desk.do(reconciliation.known, Source.SLACK, named)
        edited = [name for name, (message, _) in named.items() if name in rows and message.get("edited")]
        texts = await self._context.desk.do(reconciliation.stored_texts, Source.SLACK, edited)
        for name, (message, reading) in named.items():
            event = conversation.event_of(message)
            if name not in rows:
                if self._is_young(reading.written_at):
                    self.tally.just_arrived += 1
                else:
                    self._add(Gap.MISSING, reading.ts, name, conversation, event)
                continue
            self.tally.known(rows[name].outcome, rows[name].reason)
            if reading.kind is EventKind.DELETED and rows[name].outcome in _STORED:
                self._add(Gap.DELETED, reading.ts, name, conversation, event)
            elif name in texts and await self._has_other_text(event, texts[name]):
                self._add(Gap.CHANGED, str(message["edited"].get("ts") or reading.ts), name, conversation, event)

    def _read(self, event: Mapping[str, Any]) -> MessageEvent:
        return read_event(event, our_user=self._context.our_user, our_bot=self._context.our_bot)

    def _add(self, gap: Gap, ts: str, name: str, conversation: Conversation, event: dict[str, Any]) -> None:
        difference = Difference(gap=gap, external_id=name, place=conversation.name)
        self._repairs.append(_Repair(difference, ts, event))

    def _is_young(self, moment: datetime) -> bool:
        """Whether the running bot may be storing it now. Slack's clock and ours may differ."""
        return abs(self._clock.now() - moment) < self._settled

    async def _has_other_text(self, event: Mapping[str, Any], stored: reconciliation.StoredText) -> bool:
        """Whether this edit is newer than the one that is stored, unless the running bot may be storing it."""
        edit = self._read(event)
        if edit.kind is not EventKind.EDITED or self._is_young(moment_of(event["message"]["edited"].get("ts"))):
            return False
        if edit.edited_at and stored.edited_at and edit.edited_at <= stored.edited_at:
            return False  # the edit is stored; an answer that was sent before keeps the text that the customer has

        async def read() -> Incoming | None:
            author = await author_of(self._context, edit)
            return None if author is None else await read_incoming(self._context, edit, author)

        if (incoming := await wait_for_lookups(read)) is None:
            return False
        if is_answer(incoming):  # stored without its prefix
            return not incoming.body.endswith(stored.body)
        return not same_words(stored.body, incoming.body)

    async def _compare_deletions(self, conversation: Conversation, scan: ChannelScan) -> None:
        """Find stored messages that Slack no longer has, within what was read completely."""
        now, team = self._clock.now(), self._context.home_team
        after, before = as_ts(now - CHECKED_FOR), as_ts(now - self._settled)
        kept = await self._context.desk.do(backfill.kept, team, conversation.channel, after=after, before=before)
        deleted, doubtful = deleted_among([each for each in kept if scan.covers(each)], scan.present)
        if doubtful:
            self.tally.notes.append(f"None of {doubtful} messages stand in {conversation.name}: not taken for deleted.")
        for ts in deleted:
            name = f"{team}:{conversation.channel}:{ts}"
            self._add(Gap.DELETED, before, name, conversation, conversation.deletion_of(ts))

    async def _mend(self) -> None:
        """Store what differs, in the order in which it happened."""
        self._repairs.sort(key=lambda repair: Decimal(repair.ts))
        with self._progress.of("taking in from Slack", "messages") as on_step:
            for number, repair in enumerate(self._repairs):
                on_step(number, len(self._repairs))
                try:
                    received = await self._store(repair.event)
                except (CasebookError, *CALL_ERRORS):
                    for left in self._repairs[number:]:
                        self.tally.differs(left.difference)
                    raise
                self._count(repair, received)

    def _count(self, repair: _Repair, received: Received | None) -> None:
        if received is not None and not received.known:
            self.tally.differs(replace(repair.difference, received=received))
        elif received is not None and repair.is_missing:  # the bot was faster
            self.tally.known(received.outcome, received.reason)

    async def _store(self, event: dict[str, Any]) -> Received | None:
        """What became of the event; the last try quarantines a message that fails by itself."""
        for attempt in range(1, MAX_TRIES):
            try:
                return await wait_for_lookups(lambda: take_in(self._context, event))
            except (CasebookError, *CALL_ERRORS):
                raise
            except Exception as error:  # noqa: BLE001 (as for live events: a bad message affects no other)
                log.warning("message not stored", error=type(error).__name__, attempt=attempt)
            await self._pace(SECONDS_BETWEEN_TRIES + 1)
        return await wait_for_lookups(lambda: take_in(self._context, event))

    async def _look_again(self) -> None:
        """Leave out what was stored during the comparison."""
        names = [repair.difference.external_id for repair in self._repairs if repair.is_missing]
        rows = await self._context.desk.do(reconciliation.known, Source.SLACK, names)
        for repair in self._repairs:
            if repair.is_missing and (row := rows.get(repair.difference.external_id)) is not None:
                self.tally.known(row.outcome, row.reason)
            else:
                self.tally.differs(repair.difference)
