"""Following channels whose ID Slack changes, for example when a private channel is shared (design 3.11).

https://docs.slack.dev/reference/events/channel_id_changed
"""

from collections.abc import Collection
from dataclasses import replace

import structlog

from bot.slack.api.errors import CALL_ERRORS, read_failure
from bot.slack.context.channels import Channels
from bot.slack.context.context import SlackContext
from bot.slack.payloads.events import MessageEvent
from casebook.admin import reconciliation
from casebook.conversation import channel_changes
from casebook.incoming import Source

log = structlog.get_logger("casebook.slack")

_MESSAGES_COMPARED = 100  # the newest messages of a channel, by which it is recognised


async def follow_change(context: SlackContext, old: str, new: str) -> None:
    """Move everything that belongs to a channel to its new ID; the same change may be reported repeatedly."""
    notice = describe_change(context.channels, old, new)
    now = context.clock.now()
    is_news = await context.desk.do(
        channel_changes.follow, context.home_team, old, new, now=now, limits=context.limits, words=notice
    )
    await load_changes(context)
    if is_news:
        log.warning("channel id changed", old=old, new=new)
        context.wake()


def describe_change(channels: Channels, old: str, new: str) -> str:
    """The text for the log channel; empty for a channel that the settings do not name."""
    if old in channels.staff:
        risk = (
            " If it is shared with another organisation now, everybody there reads what is meant for the team, and"
            " Casebook will not start with it."
        )
    elif old in channels.customers:
        risk = ""
    else:
        return ""
    variables = channels.variables_naming(old)
    where = f" Write {new} for it in {' and '.join(variables)}." if variables else ""
    return f"Slack has changed the ID of a channel from {old} to {new}, and Casebook follows it.{where}{risk}"


async def load_changes(context: SlackContext) -> None:
    """Follow the changes that are in the database: another process may have received the event."""
    now = context.clock.now()
    known = await context.desk.do(channel_changes.settle, context.home_team, now=now, limits=context.limits)
    context.channels.follow(known)


async def with_current_channel(context: SlackContext, event: MessageEvent) -> MessageEvent:
    """The message with the current ID of its channel.

    A channel that is new to this process may be a known one with a new ID: a support channel must not be taken for a
    customer's.
    """
    channels = context.channels
    if event.channel not in channels.seen and not event.is_direct:
        await load_changes(context)
        channels.seen.add(event.channel)
    current = channels.current(event.channel)
    return event if current == event.channel else replace(event, channel=current)


async def find_changed(context: SlackContext, *, gone: Collection[str], new: Collection[str]) -> bool:
    """Whether one of the `gone` channels, which Slack no longer lists, is one of the `new` ones under another ID.

    Slack sends no event for a change while nobody listens. Two channels of one workspace never hold messages with the
    same `ts`, so a new channel whose messages are in the database under the old ID is that channel. A channel is
    skipped when a call fails.
    """
    found = False
    for channel in sorted(new):
        try:
            page = await context.client.conversations_history(channel=channel, limit=_MESSAGES_COMPARED)
            seen = [str(message["ts"]) for message in page["messages"]]
            for old in sorted(gone):
                names = [f"{context.home_team}:{old}:{ts}" for ts in seen]
                known = await context.desk.do(reconciliation.known, Source.SLACK, names) if names else ()
                if known and await _is_unknown(context, old):
                    await follow_change(context, old, channel)
                    found = True
        except CALL_ERRORS as error:
            log.warning("channel not compared", channel=channel, reason=read_failure(error).error)
    return found


async def _is_unknown(context: SlackContext, channel: str) -> bool:
    try:
        await context.client.conversations_info(channel=channel)
    except CALL_ERRORS as error:
        if read_failure(error).error == "channel_not_found":
            return True
        raise
    return False
