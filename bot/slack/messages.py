"""Slack message events: each becomes one operation on the database, and is acknowledged once that is stored."""

import hashlib
import json
import re
import traceback
from dataclasses import replace
from typing import Any

import structlog

from bot.files.limits import MOST_FILES, NOT_KEPT_HERE
from bot.slack.api.errors import CALL_ERRORS
from bot.slack.commands import help_text
from bot.slack.context.app_authors import author_of
from bot.slack.context.channel_ids import with_current_channel
from bot.slack.context.context import SlackContext
from bot.slack.context.failure_counter import MAX_TRIES
from bot.slack.context.mentioned import add_names_later, mentioned_people, message_texts
from bot.slack.context.people import Person
from bot.slack.context.permissions import Act, Role, may
from bot.slack.payloads.events import EventKind, MalformedEventError, MessageEvent, read_event
from bot.slack.screens import text
from casebook import cases, ledger
from casebook.errors import CasebookError
from casebook.incoming import Incoming, IncomingFile, Source, Standing
from casebook.outbound import corrections, drafts
from casebook.outcomes import Received
from casebook.rules import detect_closure_phrase

log = structlog.get_logger("casebook.slack")

_OWN_POST = "our own post"
_UNWATCHED = "the channel is not in CUSTOMER_SLACK_CHANNELS"


async def take_in(context: SlackContext, event: dict[str, Any]) -> Received | None:
    """Take in one message event: read it, do one operation, wake the courier.

    Returns None for our own posts in the team's channels, which get no ledger row. When this raises, the event is not
    acknowledged, and Slack sends it again. An event that fails MAX_TRIES times, at different times, and neither
    because of the database nor of Slack, is put into quarantine.
    """
    try:
        reading = read_event(event, our_user=context.our_user, our_bot=context.our_bot)
    except MalformedEventError as error:
        return _logged(context, await _quarantine(context, event, str(error)))
    if not (reading.is_our_own and reading.channel in context.channels.staff):
        reading = await with_current_channel(context, reading)
    if reading.is_our_own and reading.channel in context.channels.staff:
        return None  # the outbox has it already
    try:
        received = await _store(context, reading)
    except CALL_ERRORS:
        raise
    except Exception as error:
        if (isinstance(error, CasebookError) and not error.permanent) or not _fails_always(context, reading):
            raise
        # The error may quote the message, so only its type and place are logged.
        place = traceback.extract_tb(error.__traceback__)[-1]
        kind = type(error).__name__
        log.error("message quarantined", what=reading.kind.value, error=kind, at=f"{place.name}:{place.lineno}")
        reason = f"it failed {MAX_TRIES} times ({kind})"
        received = await _quarantine(context, event, reason, reading)
    return _logged(context, received)


def _fails_always(context: SlackContext, reading: MessageEvent) -> bool:
    name = f"{reading.kind}:{reading.external_id(context.home_team)}"
    return context.failure_counter.failed(name, at=context.clock.monotonic())


def _logged(context: SlackContext, received: Received) -> Received:
    """Log one line for the handled event, count it, and wake the courier."""
    context.wake()
    context.count(Source.SLACK, received.outcome)
    log.info(
        "message",
        outcome=received.outcome.value,
        known=received.known,
        ledger=received.ledger_id,
        case=received.case_id,
        reason=received.reason or None,
    )
    return received


async def _quarantine(
    context: SlackContext, event: dict[str, Any], reason: str, reading: MessageEvent | None = None
) -> Received:
    """Store an event that cannot be taken in. Without a message ID of its own, its ID is the hash of its content."""
    raw = json.dumps(event, sort_keys=True).encode()
    if reading is None or reading.kind in (EventKind.EDITED, EventKind.DELETED):
        name = "sha256:" + hashlib.sha256(raw).hexdigest()
    else:
        name = reading.external_id(context.home_team)
    return await context.desk.do(
        ledger.quarantine,
        source=Source.SLACK,
        external_id=name,
        raw=raw,
        reason=reason,
        now=context.clock.now(),
    )


async def _store(context: SlackContext, reading: MessageEvent) -> Received:
    now = context.clock.now()
    external_id = reading.external_id(context.home_team)
    reason = _OWN_POST if reading.is_our_own else reading.reason
    if not context.channels.is_watched(reading.channel, direct=reading.is_direct):
        reason = _UNWATCHED
    if reading.kind is EventKind.IGNORED or reason:
        return await context.desk.do(ledger.ignore, Source.SLACK, external_id, reason=reason, now=now)
    if reading.kind is EventKind.DELETED:
        return await context.desk.do(corrections.delete, Source.SLACK, external_id, now=now)
    author = await author_of(context, reading)
    if author is None:
        return await context.desk.do(ledger.ignore, Source.SLACK, external_id, reason="a bot wrote it", now=now)
    incoming = await read_incoming(context, reading, author)
    received = await _take_message(context, reading, incoming, author)
    if received.case_id is not None:
        add_names_later(context, reading, incoming)
    return received


async def _take_message(context: SlackContext, reading: MessageEvent, incoming: Incoming, author: Person) -> Received:
    now = context.clock.now()
    if reading.kind is EventKind.EDITED:
        return await _edit(context, incoming)
    if reading.is_direct and author.is_admin and not _wants_a_case(incoming):
        return await context.desk.do(
            ledger.answer_privately,
            incoming,
            text=help_text(),
            reason="an admin's direct message is answered with what /case help says",
            now=now,
        )
    if is_answer(incoming):
        answer = _for_customer(incoming)
        return await context.desk.do(drafts.write, incoming, answer, now=now, undo=context.undo, limits=context.limits)
    return await context.desk.do(cases.receive, incoming, now=now, limits=context.limits)


_REPLY = re.compile(r"\s*reply:\s*", re.IGNORECASE)


def is_answer(incoming: Incoming) -> bool:
    """Whether an admin's message under a card is for the customer: only when it begins with `reply:`."""
    return incoming.standing is Standing.NOTE and _REPLY.match(incoming.body) is not None


async def _edit(context: SlackContext, incoming: Incoming) -> Received:
    """Apply an edit to the stored message, and to an answer that is not sent yet."""
    answer = _for_customer(incoming) if is_answer(incoming) else None
    now = context.clock.now()
    return await context.desk.do(drafts.edit, incoming, answer, now=now, undo=context.undo, limits=context.limits)


def _for_customer(incoming: Incoming) -> Incoming:
    """The answer as the customer reads it, without the `reply:` before it."""
    text = _REPLY.sub("", incoming.body, count=1)
    own_text = None if incoming.own_text is None else _REPLY.sub("", incoming.own_text, count=1)
    return replace(incoming, body=text, new_text=text, own_text=own_text)


def _wants_a_case(incoming: Incoming) -> bool:
    return bool(incoming.cases_named) or detect_closure_phrase(incoming.rules_text)


def is_admin_message(author: Person) -> bool:
    """Whether messages of this person count as an admin's, which answer, and may close by their text."""
    return may(author.role, Act.ANSWER)


def standing_of(author: Person, reading: MessageEvent, *, in_staff_channel: bool) -> Standing:
    """What a message counts as, by its author and by whether customers can read the channel (design 3.2)."""
    if is_admin_message(author):
        return Standing.NOTE if in_staff_channel or reading.is_direct else Standing.ADMIN
    if in_staff_channel or not may(author.role, Act.WRITE):
        return Standing.REMARK
    return Standing.CUSTOMER


async def read_incoming(context: SlackContext, reading: MessageEvent, author: Person) -> Incoming:
    """The message as the casebook takes it. People whom an admin mentions are looked up, since they decide its case."""
    people = await mentioned_people(context, reading, decides=author.is_admin)
    mentions = text.mentioned(reading.own)
    in_staff_channel = reading.channel in context.channels.staff
    thread = f"{context.home_team}:{reading.channel}:{reading.thread_ts}"
    return Incoming(
        source=Source.SLACK,
        external_id=reading.external_id(context.home_team),
        sender=author.user_id,
        sender_name=author.name,
        standing=standing_of(author, reading, in_staff_channel=in_staff_channel),
        timestamp=reading.written_at,
        edited_at=reading.edited_at,
        **message_texts(reading, people),
        place=reading.channel,
        thread=reading.thread_ts or reading.ts,
        conversation=(thread,) if reading.thread_ts else (),
        about=tuple(each for each in mentions if each in people and people[each].role is Role.CUSTOMER),
        attachments=_files(context, reading),
        client_message_id=reading.client_msg_id,
    )


def _files(context: SlackContext, reading: MessageEvent) -> tuple[IncomingFile, ...]:
    """The files of a message; they are fetched later, since Slack waits three seconds for the acknowledgement."""
    why_not = NOT_KEPT_HERE if context.store is None else ""
    kept = tuple(replace(file, why_not=why_not) for file in reading.files[:MOST_FILES])
    return kept + tuple(replace(file, why_not=f"more than {MOST_FILES} files") for file in reading.files[MOST_FILES:])
