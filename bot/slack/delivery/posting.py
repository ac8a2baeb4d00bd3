"""Posts one message on Slack: a new one, an update, a reply under a card, or an ephemeral message."""

from typing import Any

from slack_sdk.errors import SlackApiError

from bot.slack.api.errors import read_failure
from bot.slack.context.context import SlackContext
from bot.slack.screens.blocks import Post
from bot.slack.screens.limits import SlackLimitError, broken_limits
from casebook import queries
from casebook.outcomes import Claimed, Item, NoticeKind

EVENT_TYPE = "casebook_notice"  # of the metadata that identifies a post

_UNDER_CARD = (NoticeKind.THREAD, NoticeKind.ANSWER_STATE, NoticeKind.FILES)
_PRIVATE = (NoticeKind.PRIVATE, NoticeKind.ASK)


async def deliver(context: SlackContext, claimed: Claimed, post: Post) -> tuple[str, str]:
    """Post it, and return the channel and ts of the post; ts is empty for an ephemeral message.

    Raises SlackLimitError, or one of CALL_ERRORS.
    """
    problems = broken_limits(post.text, post.blocks)
    if problems:
        raise SlackLimitError("; ".join(problems))
    first = claimed.items[0]
    channel = context.channels.of_lane(claimed.lane)
    if first.post is not None:
        channel, ts = context.channels.current(first.post[0]), first.post[1]
        await context.client.chat_update(channel=channel, ts=ts, text=post.text, blocks=post.blocks or None)
        return channel, ts
    if first.kind in _PRIVATE and first.payload.get("user") and not channel.startswith("D"):
        await context.client.chat_postEphemeral(
            channel=channel, user=first.payload["user"], text=post.text, blocks=post.blocks or None
        )
        return channel, ""
    thread = await thread_of(context, first)
    try:
        return await _post(context, claimed, post, thread)
    except SlackApiError as error:
        if thread is None or first.kind in _UNDER_CARD or not is_thread_gone(error):
            raise
    # The customer deleted their message, and it had no replies: the post goes to the channel instead.
    return await _post(context, claimed, post, None)


async def _post(context: SlackContext, claimed: Claimed, post: Post, thread: str | None) -> tuple[str, str]:
    answer = await context.client.chat_postMessage(
        channel=context.channels.of_lane(claimed.lane),
        text=post.text,
        blocks=post.blocks or None,
        thread_ts=thread,
        metadata=metadata(claimed),
        unfurl_links=False,
        unfurl_media=False,
        mrkdwn=bool(post.blocks or post.username),  # a plain line of ours is shown without formatting
        username=post.username or None,
        icon_url=post.icon_url or None,
    )
    return str(answer["channel"]), str(answer["ts"])


def is_thread_gone(error: SlackApiError) -> bool:
    """Whether the first message of the thread no longer exists."""
    return read_failure(error).error == "thread_not_found"


def metadata(claimed: Claimed) -> dict[str, Any]:
    """The metadata that identifies the post of a notice: https://docs.slack.dev/messaging/message-metadata."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": claimed.items[0].key}}


def target_id(item: Item) -> int:
    """The ID of the message or ledger row that a notice is about: the 7 in the target `message:7`."""
    return int(item.target.partition(":")[2])


async def thread_of(context: SlackContext, item: Item) -> str | None:
    """The ts of the thread for a notice; None for the channel itself."""
    if item.kind in _UNDER_CARD and item.case_id is not None:
        card = await context.desk.do(queries.post_of, f"card:{item.case_id}")
        return None if card is None else card[1]
    return str(item.payload.get("thread") or "") or None
