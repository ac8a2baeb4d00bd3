"""Hands each Socket Mode envelope to the app, and acknowledges it only after the app has stored it."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app
from slack_bolt.async_app import AsyncApp
from slack_bolt.response import BoltResponse
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.slack.socket_mode.websocket import Message

log = structlog.get_logger("casebook.slack")

EVENTS = "events_api"

Answer = Callable[[Message], Awaitable[None]]  # raises ConnectionError when it cannot be sent


class Envelopes:
    """The envelopes that are being handled."""

    def __init__(
        self,
        app: AsyncApp,
        *,
        within: float,
        on_not_stored: Callable[[], None],
        on_dropped: Callable[[], None],
    ) -> None:
        self._app = app
        self._within = within  # seconds that handling one envelope may take
        self._on_not_stored = on_not_stored
        self._on_dropped = on_dropped
        self._handling: set[asyncio.Task[None]] = set()
        self._is_closed = False

    def take(self, message: Message, answer: Answer) -> bool:
        """Start to handle a message; returns whether it is an envelope. After `finish` it is left to the next bot."""
        try:
            request = SocketModeRequest.from_dict(dict(message))
        except (TypeError, ValueError) as error:  # slack_sdk fails to format its own error message
            log.warning("envelope not readable", error=type(error).__name__)
            return False
        if request is None:
            return False
        if not self._is_closed:
            task = asyncio.create_task(self._handle(request, answer), name="envelope")
            self._handling.add(task)
            task.add_done_callback(self._handling.discard)
        return True

    async def _handle(self, request: SocketModeRequest, answer: Answer) -> None:
        """Run the app on one envelope, and acknowledge it."""
        if request.payload.get("type") == "app_rate_limited":
            # It has no inner event, so Bolt knows no listener for it and would not acknowledge it.
            self._on_dropped()
            response = BoltResponse(status=200)
        else:
            response = await self._ask(request)
        if response.status != 200:
            log.warning(
                "envelope not acknowledged", type=request.type, status=response.status, retry=request.retry_attempt
            )
            if request.type == EVENTS:
                self._on_not_stored()
            return
        try:
            await answer(_acknowledgement(request, response))
        except ConnectionError as error:
            # It is stored: when Slack sends it again, the ledger has it.
            log.warning("acknowledgement not sent", type=request.type, error=type(error).__name__)

    async def _ask(self, request: SocketModeRequest) -> BoltResponse:
        """The app's response; status 500 where a listener raises or hangs."""
        try:
            async with asyncio.timeout(self._within):
                response: BoltResponse = await run_async_bolt_app(self._app, request)
                return response
        except TimeoutError:
            log.error("listener timed out", type=request.type, seconds=self._within)
        except Exception:
            # Bolt turns errors of listeners into 500; no other error may lose the event either.
            log.exception("envelope not handled", type=request.type)
        return BoltResponse(status=500)

    async def finish(self, within: float) -> None:
        """Accept no new envelopes; finish and acknowledge the present ones within so many seconds."""
        self._is_closed = True
        if self._handling:
            await asyncio.wait(self._handling, timeout=within)
        for task in self._handling:
            task.cancel()


def _acknowledgement(request: SocketModeRequest, response: BoltResponse) -> Message:
    """The acknowledgement of an envelope, with the payload that Slack shows."""
    payload = None
    if response.body:
        is_json = response.headers.get("content-type", [""])[0].startswith("application/json")
        payload = json.loads(response.body) if is_json else {"text": response.body}
    acknowledgement: Message = SocketModeResponse(request.envelope_id, payload).to_dict()
    return acknowledgement
