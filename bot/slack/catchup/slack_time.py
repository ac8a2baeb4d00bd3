"""Slack's own time, as its answers carry it: what was written when is told by that clock, and ours may be wrong."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock


class SlackTime:
    """Asks Slack what time it is, to the second, and goes on counting by itself."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last: tuple[datetime, float] | None = None

    async def ask(self, client: AsyncWebClient) -> datetime:
        """The time on Slack, never later than it is; raises what the call to Slack raises.

        Where an answer carries no date, our own clock must do.
        """
        answer = await client.auth_test()
        now = _date(answer.headers) or self._clock.now()
        self._last = (now, self._clock.monotonic())
        return now

    def now(self) -> datetime:
        """The time on Slack by the last answer and the seconds since; our own time before the first answer."""
        if self._last is None:
            return self._clock.now()
        then, at = self._last
        return datetime.fromtimestamp(then.timestamp() + self._clock.monotonic() - at, UTC)


def _date(headers: Mapping[str, object]) -> datetime | None:
    for name, value in headers.items():
        if name.lower() == "date":
            text = value[0] if isinstance(value, list) and value else value
            try:
                return parsedate_to_datetime(str(text)).astimezone(UTC)
            except ValueError:
                return None
    return None


def as_ts(moment: datetime) -> str:
    """A moment as Slack's ts."""
    return f"{Decimal(str(moment.timestamp())):.6f}"
