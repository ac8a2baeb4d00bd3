"""The Web API client: every malformed answer is one kind of error, and answers show Slack's clock."""

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
from bot.slack.api.answer_shapes import first_mismatch
from bot.slack.api.errors import UnreadableAnswerError

CONNECT_SECONDS = 10.0  # the part of a call's `timeout` for connecting, so that an unreachable host is recognised


class SlackClient(AsyncWebClient):
    """Calls Slack's Web API methods.

    slack_sdk raises many different errors for an answer that is no JSON object, follows redirects together with the
    request's content, and ignores its `timeout` when it is given a session. Therefore this class makes the request.
    """

    def __init__(self, *, clock: Clock, proxies: Proxies = DIRECT, **settings: Any) -> None:
        super().__init__(**settings)
        self.proxies = proxies
        self.proxy = proxies.of(self.base_url)  # slack_sdk reads HTTPS_PROXY itself, for every address, and no NO_PROXY
        self._clock = clock
        self._last_date: tuple[datetime, float] | None = None  # Slack's time, and our monotonic clock at that moment

    def without_token(self) -> "SlackClient":
        """A client for the same server, for callers that pass a token with each call."""
        return SlackClient(
            clock=self._clock,
            proxies=self.proxies,
            base_url=self.base_url,
            session=self.session,
            timeout=self.timeout,
            retry_handlers=[],
        )

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:
        """Call a method, and check its answer against SHAPES.

        Raises one of CALL_ERRORS and nothing else, whatever the server answers.
        """
        try:
            answer = await super().api_call(api_method, **arguments)
        except SlackApiError as error:
            if error.response.data:  # without data the answer came from another server, such as a proxy
                self._store_date(error.response.headers)
            elif error.response.status_code == 200:
                raise UnreadableAnswerError("Slack's answer cannot be read", error.response) from error
            raise
        if path := first_mismatch(api_method, answer.data if isinstance(answer.data, dict) else {}):
            raise UnreadableAnswerError(f"Slack's answer to {api_method} lacks {path}", answer)
        self._store_date(answer.headers)
        return answer

    async def respond(self, url: str, **message: Any) -> None:
        """Post an answer to the response URL of an interaction; raises one of CALL_ERRORS."""
        proxy = self.proxies.of(url)
        async with self._session.post(
            url, json=message, allow_redirects=False, timeout=self._timeouts, proxy=proxy
        ) as answer:
            if answer.status != 200:
                raise aiohttp.ClientError(f"HTTP {answer.status}")

    @property
    def _session(self) -> aiohttp.ClientSession:
        if self.session is None:
            raise RuntimeError("the Slack client was built without a session")
        return self.session

    @property
    def _timeouts(self) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(total=self.timeout, sock_connect=min(CONNECT_SECONDS, self.timeout))

    async def _request(self, *, http_verb: str, api_url: str, req_args: dict[str, Any]) -> dict[str, Any]:
        """Make one request, and return the answer as slack_sdk expects it; `data` is empty if it is malformed."""
        # A redirect leads to a login page or a captive portal: the content must not be sent there.
        arguments = req_args | {"allow_redirects": False, "timeout": self._timeouts}
        async with self._session.request(http_verb, api_url, **arguments) as answer:
            data = _parse(await answer.read())
            return {"data": data, "headers": answer.headers, "status_code": answer.status}

    def slack_time(self) -> datetime:
        """The time by Slack's clock, never early and at most two seconds late; our own time before the first answer."""
        if self._last_date is None:
            return self._clock.now()
        date, at = self._last_date
        return date + timedelta(seconds=self._clock.monotonic() - at)

    def _store_date(self, headers: Any) -> None:
        header = {str(name).lower(): value for name, value in (headers or {}).items()}.get("date")
        try:
            date = parsedate_to_datetime(str(header))
        except ValueError:
            return  # without a readable Date header
        self._last_date = (date if date.tzinfo else date.replace(tzinfo=UTC)), self._clock.monotonic()


def _parse(body: bytes) -> dict[str, Any]:
    """The JSON object of an answer; empty if it is anything but an object with a boolean `ok`."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) and isinstance(answer.get("ok"), bool) else {}
