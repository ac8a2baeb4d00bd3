"""Saying one post on Slack: a new one, an update in place, under a card, or for one person's eyes."""

from typing import Any

from slack_sdk.errors import SlackApiError

from bot.slack.api.errors import read_failure
from bot.slack.context.context import SlackContext
from bot.slack.screens.blocks import Post
from bot.slack.screens.limits import Unsayable, broken_limits
from casebook import queries
from casebook.outcomes import Claimed, Item, NoticeKind

EVENT_TYPE = "casebook_notice"  # of the metadata by which a post is found again

_UNDER_CARD = (NoticeKind.THREAD, NoticeKind.ANSWER_STATE, NoticeKind.FILES)
_PRIVATE = (NoticeKind.PRIVATE, NoticeKind.ASK)


async def deliver(context: SlackContext, claimed: Claimed, said: Post) -> tuple[str, str]:
    """Say it, and return channel and ts of the post; ts is empty for what only one person sees.

    Raises Unsayable, or what the call to Slack raises.
    """
    problems = broken_limits(said.text, said.blocks)
    if problems:
        raise Unsayable("; ".join(problems))
    first = claimed.items[0]
    channel = context.channels.of_lane(claimed.lane)
    if first.post is not None:
        channel, ts = context.channels.current(first.post[0]), first.post[1]
        await context.client.chat_update(channel=channel, ts=ts, text=said.text, blocks=said.blocks or None)
        return channel, ts
    if first.kind in _PRIVATE and first.payload.get("user") and not channel.startswith("D"):
        await context.client.chat_postEphemeral(
            channel=channel, user=first.payload["user"], text=said.text, blocks=said.blocks or None
        )
        return channel, ""
    thread = await thread_of(context, first)
    try:
        return await _posted(context, claimed, said, thread)
    except SlackApiError as error:
        if thread is None or first.kind in _UNDER_CARD or not is_thread_gone(error):
            raise
    # The customer has deleted what they wrote, and nobody had answered there: the channel is where they are.
    return await _posted(context, claimed, said, None)


async def _posted(context: SlackContext, claimed: Claimed, said: Post, thread: str | None) -> tuple[str, str]:
    posted = await context.client.chat_postMessage(
        channel=context.channels.of_lane(claimed.lane),
        text=said.text,
        blocks=said.blocks or None,
        thread_ts=thread,
        metadata=metadata(claimed),
        unfurl_links=False,
        unfurl_media=False,
        mrkdwn=bool(said.blocks or said.username),  # a bare line of ours is shown as it is
        username=said.username or None,
        icon_url=said.icon_url or None,
    )
    return str(posted["channel"]), str(posted["ts"])


def is_thread_gone(error: SlackApiError) -> bool:
    """Whether the first message of the thread is not there any more."""
    return read_failure(error).error == "thread_not_found"


def metadata(claimed: Claimed) -> dict[str, Any]:
    """What marks a post as this notice's: https://docs.slack.dev/messaging/message-metadata."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": claimed.items[0].key}}


async def thread_of(context: SlackContext, item: Item) -> str | None:
    """The ts of the thread in which it is said; None for the channel itself."""
    if item.kind in _UNDER_CARD and item.case_id is not None:
        from_card = await context.desk.do(queries.post_of, f"card:{item.case_id}")
        return None if from_card is None else from_card[1]
    return str(item.payload.get("thread") or "") or None
