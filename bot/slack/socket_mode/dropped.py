"""Handles `app_rate_limited`: reads back the events that Slack dropped, and posts a notice in the log channel."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.slack.context.context import SlackContext
from casebook import notices
from casebook.errors import CasebookError

log = structlog.get_logger("casebook.slack")

NOTICE_EVERY = timedelta(hours=1)

SENTENCE = (
    "Slack did not send me every event: there were more than it sends an app in an hour, or too many of them went"
    " unacknowledged. I read the channels back, so what was written arrives late."
)


class DroppedEvents:
    """Counts as one incident per hour: https://docs.slack.dev/reference/events/app_rate_limited"""

    def __init__(self, context: SlackContext, *, on_dropped: Callable[[], None]) -> None:
        self._context = context
        self._on_dropped = on_dropped
        self._posted_at: datetime | None = None

    def heard(self) -> None:
        """Slack sends it once a minute while it lasts; the log channel gets one notice an hour."""
        log.warning("slack dropped events")
        self._on_dropped()
        now = self._context.clock.now()
        if self._posted_at is None or now - self._posted_at >= NOTICE_EVERY:
            self._posted_at = now
            self._context.background.do(self._post(now), name="dropped events")

    async def _post(self, now: datetime) -> None:
        try:
            await self._context.desk.do(notices.log, SENTENCE, now=now)
        except CasebookError:
            self._posted_at = None  # the next event tries again
            raise
        self._context.wake()
