"""One WebSocket to Slack, from apps.connections.open to its close; it does not reconnect by itself.

The client of slack_sdk is not used: it retries a spent address for ever, closes the old socket before it opens the new
one, and its connect() may neither return nor raise. The protocol is the same.
https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from aiohttp import WSMsgType
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.runtime.backoff import retry_delay
from bot.slack.api.client import SlackClient
from bot.slack.api.errors import CALL_ERRORS, TOKEN_ERRORS, read_failure
from casebook.errors import CasebookError

log = structlog.get_logger("casebook.slack")

# apps.connections.open names no channel, so a missing permission is one of the token.
APP_TOKEN_ERRORS = TOKEN_ERRORS | {"missing_scope", "no_permission", "access_denied"}
FULL = "too_many_websockets"
LINK_DISABLED = "link_disabled"
SWITCHED_OFF = (
    "Socket Mode is switched off in the settings of the app (link_disabled): switch it on there under Socket Mode."
    " It is tried again by itself, and what is written meanwhile is read back."
)
# By default aiohttp closes a socket on a frame above 4 MB, and Slack sends the envelope again over the next one, for
# ever. Slack documents no limit; the longest message with blocks and previews has less than 1 MB. This bounds memory.
LARGEST_FRAME = 64 * 1024 * 1024

Message = Mapping[str, Any]


class AppTokenError(CasebookError):
    """Slack does not take SLACK_APP_TOKEN; it must be an app-level token with the scope connections:write."""

    def __init__(self, error: str = "") -> None:
        super().__init__(f"{AppTokenError.__doc__} Slack says: {error}." if error else None)
        self.error = error  # Slack's error code


class NoSocketError(CasebookError):
    """Slack gives no socket; another one is asked for."""

    permanent = False

    def __init__(self, why: str, retry_after: float = 0.0) -> None:
        super().__init__(SWITCHED_OFF if why == LINK_DISABLED else f"Slack gives no socket: {why}")
        self.why = why
        self.retry_after = retry_after  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Time limits of the connection to Slack, in seconds."""

    ping: float = 5.0  # without a frame for so long we send a ping; half as long again without a pong closes the socket
    silence: float = 15.0  # without a frame for so long the socket counts as closed
    dial: float = 10.0  # for apps.connections.open, the handshake and hello together
    grace: float = 2.0  # a gap between sockets that is shorter is no incident
    steady: float = 2.0  # a socket that stays open for so long resets the attempts
    proven: float = 10.0  # one that stays open for so long shows that Socket Mode is on
    first_wait: float = 1.0  # before the second attempt; then twice as long each time
    longest_wait: float = 10.0
    linger: float = 5.0  # how long an old socket is read beside the new one
    farewell: float = 2.0  # for the closing handshake
    envelope: float = 30.0  # for handling one envelope

    def wait(self, attempts: int) -> float:
        """Seconds to wait after so many attempts."""
        return retry_delay(attempts, first=self.first_wait, longest=self.longest_wait)


class WebSocket:
    """An open socket; `dial` opens it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, pace: Pace) -> None:
        self._socket = socket
        self._pace = pace
        self._first: list[Message] = []  # an envelope that arrived before hello
        self.is_told_to_leave = False

    async def greeted(self) -> None:
        """Wait for the first message; raises NoSocketError when Slack closes the socket.

        It is `hello`; an envelope that arrives first also shows that the socket works, and `listen` passes it on.
        """
        while True:
            frame = await self._socket.receive()
            if frame.type is WSMsgType.TEXT:
                message = _read(frame.data)
                if message.get("type") == "disconnect":
                    raise NoSocketError(str(message.get("reason") or "it sends us away"))
                self._first.append(message)
                return
            if frame.type is WSMsgType.PING:
                await self._socket.pong(frame.data)
            elif frame.type not in (WSMsgType.PONG, WSMsgType.BINARY):
                raise NoSocketError("it hangs up before it says hello")

    async def listen(self, on_message: Callable[[Message], None], on_life: Callable[[], None]) -> str:
        """Call back for every message and every frame until the socket ends; returns the reason."""
        while self._first:
            on_message(self._first.pop(0))
        while True:
            try:
                frame = await self._socket.receive(timeout=self._pace.silence)
                if frame.type is WSMsgType.PING:
                    await self._socket.pong(frame.data)
            except TimeoutError:
                return "silence"
            except ConnectionError as error:
                return type(error).__name__
            if frame.type is WSMsgType.ERROR:
                return type(frame.data).__name__
            if frame.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED):
                return f"closed ({self._socket.close_code})"
            on_life()
            if frame.type is WSMsgType.TEXT:
                on_message(_read(frame.data))

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return not self._socket.closed

    async def send(self, message: Message) -> None:
        """Send one message; raises ConnectionError when the socket is closed."""
        await self._socket.send_str(json.dumps(message))

    async def close(self) -> None:
        """Close the socket, without waiting long for the server's closing handshake."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pace.farewell):
                await self._socket.close()


def _read(text: str) -> Message:
    """The JSON object in a frame; a frame without one is logged, and counts as an empty object."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        message = None
    if isinstance(message, dict):
        return message
    log.warning("frame not readable", length=len(text))
    return {}


async def dial(client: AsyncWebClient, app_token: str, pace: Pace) -> WebSocket:
    """Open a new socket and wait for hello; raises AppTokenError or NoSocketError."""
    try:
        async with asyncio.timeout(pace.dial):
            answer = await client.apps_connections_open(app_token=app_token)
            return await _connect(client, str(answer.get("url") or ""), pace)
    except SlackApiError as error:
        failure = read_failure(error)
        if failure.error in APP_TOKEN_ERRORS:
            raise AppTokenError(failure.error) from error
        raise NoSocketError(failure.error, failure.retry_after) from error
    except TimeoutError as error:
        raise NoSocketError(f"no answer within {pace.dial:g} s") from error
    except aiohttp.WSServerHandshakeError as error:
        raise NoSocketError(f"its address is refused with {error.status}") from error
    except CALL_ERRORS as error:
        raise NoSocketError(read_failure(error).error) from error


async def _connect(client: AsyncWebClient, address: str, pace: Pace) -> WebSocket:
    """Connect with the settings of slack_sdk; pings and pongs are read here, to detect a silent socket."""
    if client.session is None or not isinstance(client, SlackClient):
        raise RuntimeError("the client for the Web API is not ours, or has no session")
    socket = await client.session.ws_connect(
        address,
        autoping=False,
        heartbeat=pace.ping,
        proxy=client.proxies.of(address),
        max_msg_size=LARGEST_FRAME,
        ssl=True if client.ssl is None else client.ssl,
    )
    websocket = WebSocket(socket, pace)
    try:
        await websocket.greeted()
    except BaseException:
        await websocket.close()
        raise
    return websocket
