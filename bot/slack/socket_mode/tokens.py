"""Detects revoked tokens: tests the bot token every few seconds, so that `/health` reports it within 15 seconds."""

import asyncio
from collections.abc import Callable

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.api.errors import CALL_ERRORS, FailureKind, read_failure
from bot.slack.socket_mode.incidents import Incident, Incidents

log = structlog.get_logger("casebook.slack")

# auth.test may be called hundreds of times a minute: https://docs.slack.dev/reference/methods/auth.test
EVERY_SECONDS = 8.0
WITHIN_SECONDS = 5.0


class TokenWatch:
    """Tests periodically whether Slack accepts SLACK_BOT_TOKEN."""

    def __init__(
        self,
        client: AsyncWebClient,
        incidents: Incidents,
        *,
        on_back: Callable[[], None],
        every: float = EVERY_SECONDS,
    ) -> None:
        self._client = client
        self._incidents = incidents
        self._on_back = on_back
        self._every = every
        self._is_dead = False

    async def run(self) -> None:
        """Run `step` for ever."""
        pause = self._every
        while True:
            await asyncio.sleep(pause)
            pause = max(self._every, await self.step())

    async def step(self) -> float:
        """Test the token once; returns the seconds that Slack asks us to wait.

        Only a refusal counts: that Slack does not answer shows in the socket and in the outbox.
        """
        try:
            async with asyncio.timeout(WITHIN_SECONDS):
                await self._client.auth_test()
        except CALL_ERRORS as error:
            failure = read_failure(error)
            if failure.kind is FailureKind.REFUSED:
                self._is_dead = True
                self._incidents.report(Incident.BOT_TOKEN, bot_token_died(failure.error))
            else:
                log.debug("token not tested", reason=failure.error)
            return failure.retry_after
        if self._is_dead:
            self._is_dead = False
            self._incidents.clear(Incident.BOT_TOKEN)
            self._on_back()
        return 0.0


def bot_token_died(error: str) -> str:
    """What to do about a bot token that Slack does not accept any more."""
    return (
        f"Slack does not take SLACK_BOT_TOKEN any more ({error}): install the app again, set the new token and restart."
    )


def app_token_died(error: str) -> str:
    """What to do about an app token that Slack does not accept any more."""
    return (
        f"Slack does not take SLACK_APP_TOKEN any more ({error}): make a new app-level token with the scope"
        " connections:write, set the new token and restart."
    )
