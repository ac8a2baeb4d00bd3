"""The client of the Web API, which knows from every answer what time it is at Slack."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.clock import Clock


class SlackClient(AsyncWebClient):
    """Posts are found again by the time that Slack gave them; our own clock may be far from it, and may jump."""

    def __init__(self, *, clock: Clock, **settings: Any) -> None:
        super().__init__(**settings)
        self._clock = clock
        self._heard: tuple[datetime, float] | None = None  # what Slack's clock showed, and our measure at that moment

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:
        """Call a method; raises what `AsyncWebClient.api_call` raises."""
        try:
            answer = await super().api_call(api_method, **arguments)
        except SlackApiError as error:
            self._hear(getattr(error.response, "headers", None))
            raise
        self._hear(answer.headers)
        return answer

    def time_there(self) -> datetime:
        """What Slack's clock shows, up to two seconds late rather than early; ours before Slack has answered once."""
        if self._heard is None:
            return self._clock.now()
        shown, at = self._heard
        return shown + timedelta(seconds=self._clock.monotonic() - at)

    def _hear(self, headers: Any) -> None:
        date = {str(name).lower(): value for name, value in (headers or {}).items()}.get("date")
        try:
            shown = parsedate_to_datetime(str(date))
        except ValueError:
            return  # an answer without a readable date tells nothing
        self._heard = (shown if shown.tzinfo else shown.replace(tzinfo=UTC)), self._clock.monotonic()
