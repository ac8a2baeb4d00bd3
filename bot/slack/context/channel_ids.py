"""Channels whose ID Slack changes, as it does when a private one is shared: they are followed (design 3.11).

https://docs.slack.dev/reference/events/channel_id_changed
"""

from collections.abc import Collection
from dataclasses import replace

import structlog

from bot.slack.api.errors import CALL_ERRORS, read_failure
from bot.slack.context.channels import Channels
from bot.slack.context.context import SlackContext
from bot.slack.payloads.events import MessageEvent
from casebook.admin import backfill
from casebook.incoming import Source
from casebook.records import channel_changes

log = structlog.get_logger("casebook.slack")

_LOOKED_AT = 100  # messages of a channel by which it is known again


async def changed(context: SlackContext, old: str, new: str) -> None:
    """Let everything follow a channel to its new ID; may be told any number of times."""
    words = what_to_do(context.channels, old, new)
    now = context.clock.now()
    is_news = await context.desk.do(
        channel_changes.follow, context.home_team, old, new, now=now, limits=context.limits, words=words
    )
    await catch_up(context)
    if is_news:
        log.warning("a channel has another ID", old=old, new=new)
        context.wake()


def what_to_do(channels: Channels, old: str, new: str) -> str:
    """What the log channel says of a channel of the settings; nothing of another."""
    if old in channels.staff:
        risk = (
            " If it is shared with another organisation now, everybody there reads what is meant for the team, and"
            " Casebook will not start with it."
        )
    elif old in channels.customers:
        risk = ""
    else:
        return ""
    named = channels.named(old)
    where = f" Write {new} for it in {' and '.join(named)}." if named else ""
    return f"Slack has changed the ID of a channel from {old} to {new}, and Casebook follows it.{where}{risk}"


async def catch_up(context: SlackContext) -> None:
    """Follow the changes that the book knows of: another process may have heard of them."""
    now = context.clock.now()
    known = await context.desk.do(channel_changes.settle, context.home_team, now=now, limits=context.limits)
    context.channels.follow(known)


async def in_its_place(context: SlackContext, reading: MessageEvent) -> MessageEvent:
    """A message under the ID that its channel has now.

    A channel that is met for the first time may be one that we know by another ID: a support channel must not be
    taken for a customer's.
    """
    channels = context.channels
    if reading.channel not in channels.met and not reading.is_direct:
        await catch_up(context)
        channels.met.add(reading.channel)
    current = channels.current(reading.channel)
    return reading if current == reading.channel else replace(reading, channel=current)


async def find_changed(context: SlackContext, *, gone: Collection[str], new: Collection[str]) -> bool:
    """Whether a channel that Slack does not list any more is one of those that were never read.

    No event tells of a change when nobody listens for long. Two channels of one workspace do not hold a message of
    the same microsecond, so what the book knows of the old one tells. A failing call leaves the question open.
    """
    found = False
    for channel in sorted(new):
        try:
            page = await context.client.conversations_history(channel=channel, limit=_LOOKED_AT)
            seen = [str(message["ts"]) for message in page["messages"]]
            for old in sorted(gone):
                names = [f"{context.home_team}:{old}:{ts}" for ts in seen]
                known = await context.desk.do(backfill.known_ids, Source.SLACK, names) if names else ()
                if known and await _is_unknown(context, old):
                    await changed(context, old, channel)
                    found = True
        except CALL_ERRORS as error:
            log.warning("channel not looked at", channel=channel, reason=read_failure(error).error)
    return found


async def _is_unknown(context: SlackContext, channel: str) -> bool:
    try:
        await context.client.conversations_info(channel=channel)
    except CALL_ERRORS as error:
        if read_failure(error).error == "channel_not_found":
            return True
        raise
    return False
