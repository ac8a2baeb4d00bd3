"""What comes over the socket: handed to the app, and acknowledged when the app has stored it, and not before."""

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

Answer = Callable[[Message], Awaitable[None]]  # raises ConnectionError when it cannot leave


class Envelopes:
    """Those that are in hand."""

    def __init__(
        self,
        app: AsyncApp,
        *,
        within: float,
        on_not_stored: Callable[[], None],
        on_dropped: Callable[[], None],
    ) -> None:
        self._app = app
        self._within = within  # seconds for what one envelope asks of us
        self._on_not_stored = on_not_stored
        self._on_dropped = on_dropped
        self._in_hand: set[asyncio.Task[None]] = set()
        self._is_closed = False

    def take(self, message: Message, answer: Answer) -> bool:
        """Begin with one envelope, unless we are stopping: then Slack keeps it for the next bot. Whether it is one."""
        try:
            request = SocketModeRequest.from_dict(dict(message))
        except (TypeError, ValueError) as error:  # slack_sdk trips over its own error message
            log.warning("an envelope that cannot be read", error=type(error).__name__)
            return False
        if request is None:
            return False
        if not self._is_closed:
            task = asyncio.create_task(self._handle(request, answer), name="envelope")
            self._in_hand.add(task)
            task.add_done_callback(self._in_hand.discard)
        return True

    async def _handle(self, request: SocketModeRequest, answer: Answer) -> None:
        """One envelope from the app to its acknowledgement."""
        if request.payload.get("type") == "app_rate_limited":
            # It has no inner event, so Bolt knows no listener for it and would not acknowledge it.
            self._on_dropped()
            response = BoltResponse(status=200)
        else:
            response = await self._ask(request)
        if response.status != 200:
            log.warning("not acknowledged", type=request.type, status=response.status, retry=request.retry_attempt)
            if request.type == EVENTS:
                self._on_not_stored()
            return
        try:
            await answer(_acknowledgement(request, response))
        except ConnectionError as error:
            # It is stored; Slack sends it again, and the ledger knows it.
            log.warning("acknowledgement not sent", type=request.type, error=type(error).__name__)

    async def _ask(self, request: SocketModeRequest) -> BoltResponse:
        """What the app answers; 500 where a listener raised, and also where it hangs."""
        try:
            async with asyncio.timeout(self._within):
                response: BoltResponse = await run_async_bolt_app(self._app, request)
                return response
        except TimeoutError:
            log.error("a listener hangs", type=request.type, seconds=self._within)
        except Exception:
            # Bolt turns what a listener raises into 500; whatever else goes wrong is no reason to lose the event.
            log.exception("envelope not handled", type=request.type)
        return BoltResponse(status=500)

    async def finish(self, within: float) -> None:
        """Take nothing new, and finish and acknowledge what is in hand, at most so many seconds."""
        self._is_closed = True
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=within)
        for task in self._in_hand:
            task.cancel()


def _acknowledgement(request: SocketModeRequest, response: BoltResponse) -> Message:
    """The frame that acknowledges an envelope, with what is to be shown for it."""
    payload = None
    if response.body:
        is_json = response.headers.get("content-type", [""])[0].startswith("application/json")
        payload = json.loads(response.body) if is_json else {"text": response.body}
    acknowledgement: Message = SocketModeResponse(request.envelope_id, payload).to_dict()
    return acknowledgement
