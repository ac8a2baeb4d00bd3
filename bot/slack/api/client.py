"""The client of the Web API: whatever is no answer of Slack's is one kind of error, and each tells what time it is."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.clock import Clock
from bot.settings.proxies import DIRECT, Proxies
from bot.slack.api.answer_shapes import lacking
from bot.slack.api.errors import UnreadableAnswerError

CONNECT_SECONDS = 10.0  # of the `timeout` of a call; a machine that cannot be reached is told from a lost answer


class SlackClient(AsyncWebClient):
    """Calls Slack's methods.

    slack_sdk ends with all kinds of errors where an answer is a text, a list or nothing, follows redirections with
    what was to be said, and forgets its `timeout` where it is given a session: so the request is made here.
    """

    def __init__(self, *, clock: Clock, proxies: Proxies = DIRECT, **settings: Any) -> None:
        super().__init__(**settings)
        self.proxies = proxies
        self.proxy = proxies.of(self.base_url)  # slack_sdk reads HTTPS_PROXY itself, for every address, and no NO_PROXY
        self._clock = clock
        self._heard: tuple[datetime, float] | None = None  # what Slack's clock showed, and our measure at that moment

    def without_token(self) -> "SlackClient":
        """The same way to Slack for who brings a token with each call."""
        return SlackClient(
            clock=self._clock,
            proxies=self.proxies,
            base_url=self.base_url,
            session=self.session,
            timeout=self.timeout,
            retry_handlers=[],
        )

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:
        """Call a method; raises one of CALL_ERRORS, and nothing else whatever is answered.

        What the answer must hold stands in SHAPES.
        """
        try:
            answer = await super().api_call(api_method, **arguments)
        except SlackApiError as error:
            if error.response.data:  # else somebody else answered, whose clock is not Slack's
                self._hear(error.response.headers)
            elif error.response.status_code == 200:
                raise UnreadableAnswerError("Slack's answer cannot be read", error.response) from error
            raise
        if what := lacking(api_method, answer.data if isinstance(answer.data, dict) else {}):
            raise UnreadableAnswerError(f"Slack's answer to {api_method} lacks {what}", answer)
        self._hear(answer.headers)
        return answer

    async def respond(self, url: str, **message: Any) -> None:
        """Answer one interaction at the address that Slack gave for it; raises one of CALL_ERRORS."""
        proxy = self.proxies.of(url)
        async with self._session.post(
            url, json=message, allow_redirects=False, timeout=self._within, proxy=proxy
        ) as answer:
            if answer.status != 200:
                raise aiohttp.ClientError(f"HTTP {answer.status}")

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self.session is None:
            raise RuntimeError("the Slack client has no session of ours")
        return self.session

    @property
    def _within(self) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=self.timeout, sock_connect=min(CONNECT_SECONDS, self.timeout))

    async def _request(self, *, http_verb: str, api_url: str, req_args: dict[str, Any]) -> dict[str, Any]:
        """One answer as slack_sdk wants it; `data` is empty where the answer is none."""
        # A redirection is a login or a captive portal: what customers wrote is not carried there.
        named = req_args | {"allow_redirects": False, "timeout": self._within}
        async with self._session.request(http_verb, api_url, **named) as answer:
            data = _object(await answer.read())
            return {"data": data, "headers": answer.headers, "status_code": answer.status}

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


def _object(body: bytes) -> dict[str, Any]:
    """The JSON object with `ok` in it that every answer of Slack's is; empty where this one is something else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("ok"), bool) else {}
