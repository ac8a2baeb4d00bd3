"""Slack says that it sent fewer events than there were: what is missing is read back, and the log channel is told."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.slack.context.context import SlackContext
from casebook import notices
from casebook.errors import CasebookError

log = structlog.get_logger("casebook.slack")

TOLD_EVERY = timedelta(hours=1)

SENTENCE = (
    "Slack did not send me every event: there were more than it sends an app in an hour, or too many of them went"
    " unacknowledged. I read the channels back, so what was written arrives late."
)


class DroppedEvents:
    """Hears of `app_rate_limited`: https://docs.slack.dev/reference/events/app_rate_limited"""

    def __init__(self, context: SlackContext, *, on_dropped: Callable[[], None]) -> None:
        self._context = context
        self._on_dropped = on_dropped
        self._told_at: datetime | None = None

    def heard(self) -> None:
        """Slack says so once a minute while it lasts; the log channel is told once an hour."""
        log.warning("slack dropped events")
        self._on_dropped()
        now = self._context.clock.now()
        if self._told_at is None or now - self._told_at >= TOLD_EVERY:
            self._told_at = now
            self._context.background.do(self._tell(now), name="dropped events")

    async def _tell(self, now: datetime) -> None:
        try:
            await self._context.desk.do(notices.log, SENTENCE, now=now)
        except CasebookError:
            self._told_at = None  # the next one tells it
            raise
        self._context.wake()
