"""Waits for Slack's rate limits when looking up people, for work in the background."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from slack_sdk.errors import SlackApiError

from bot.slack.api.errors import FailureKind, read_failure
from bot.slack.catchup.history import SHORTEST_WAIT
from bot.slack.context.people import LookupFailedError

T = TypeVar("T")


async def wait_for_lookups(work: Callable[[], Awaitable[T]]) -> T:
    """Run `work` again for as long as a rate limit is the only reason why it cannot look up a person."""
    while True:
        try:
            return await work()
        except LookupFailedError as error:
            failure = read_failure(error.__cause__) if isinstance(error.__cause__, SlackApiError) else None
            if failure is None or failure.kind is not FailureKind.RATE_LIMITED:
                raise
            await asyncio.sleep(max(failure.retry_after, SHORTEST_WAIT))
