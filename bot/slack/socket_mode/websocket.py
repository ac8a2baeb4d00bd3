"""One socket to Slack, from its address to its end: it is alive or it ends, and it never mends itself.

The socket of slack_sdk is not used: it tries a spent address for ever, closes the old socket before it opens the new
one, and its connect() may neither return nor raise. What it knows of the protocol is taken from it.
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

# apps.connections.open names no channel, so a missing permission there is the token's.
APP_TOKEN_ERRORS = TOKEN_ERRORS | {"missing_scope", "no_permission", "access_denied"}
FULL = "too_many_websockets"
LINK_DISABLED = "link_disabled"
SWITCHED_OFF = (
    "Socket Mode is switched off in the settings of the app (link_disabled): switch it on there under Socket Mode."
    " It is tried again by itself, and what is written meanwhile is read back."
)
# aiohttp ends a socket on any frame above 4 MB, and Slack sends such an envelope again over the next one, for ever.
# Slack names no limit; the longest message with its blocks and previews has less than 1 MB. This one bounds our memory.
LARGEST_FRAME = 64 * 1024 * 1024

Message = Mapping[str, Any]


class AppTokenError(CasebookError):
    """Slack does not take SLACK_APP_TOKEN; it must be an app-level token with the scope connections:write."""

    def __init__(self, error: str = "") -> None:
        super().__init__(f"{AppTokenError.__doc__} Slack says: {error}." if error else None)
        self.error = error  # Slack's own word


class NoSocketError(CasebookError):
    """Slack gives no socket; another one is asked for."""

    permanent = False

    def __init__(self, why: str, retry_after: float = 0.0) -> None:
        super().__init__(SWITCHED_OFF if why == LINK_DISABLED else f"Slack gives no socket: {why}")
        self.why = why
        self.retry_after = retry_after  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How patient the line to Slack is, in seconds."""

    ping: float = 5.0  # after so long without a frame we ask for one; half as long again without an answer is the end
    silence: float = 15.0  # the end, whatever became of the pings
    dial: float = 10.0  # for the address, the handshake and hello together
    grace: float = 2.0  # a socket that is away for less is no trouble
    steady: float = 2.0  # a socket that lives for so long was worth its opening
    proven: float = 10.0  # one that lives for so long shows that Socket Mode is switched on again
    first_wait: float = 1.0  # before the second try; then twice as long each time
    longest_wait: float = 10.0
    linger: float = 5.0  # how long an old socket is listened to beside the new one
    farewell: float = 2.0
    envelope: float = 30.0  # for what one envelope asks of us

    def wait(self, attempts: int) -> float:
        """How long to wait after so many tries, with jitter, since other processes wait too."""
        return retry_delay(attempts, first=self.first_wait, longest=self.longest_wait)


class WebSocket:
    """An open socket; `dial` opens it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, pace: Pace) -> None:
        self._socket = socket
        self._pace = pace
        self._early: list[Message] = []  # what came instead of hello
        self.is_told_to_leave = False

    async def greeted(self) -> None:
        """Wait for Slack's first word; raises NoSocketError when it sends us away.

        It is hello; an envelope that comes first instead shows as well that the socket lives, and `listen` hands it on.
        """
        while True:
            frame = await self._socket.receive()
            if frame.type is WSMsgType.TEXT:
                message = _read(frame.data)
                if message.get("type") == "disconnect":
                    raise NoSocketError(str(message.get("reason") or "it sends us away"))
                self._early.append(message)
                return
            if frame.type is WSMsgType.PING:
                await self._socket.pong(frame.data)
            elif frame.type not in (WSMsgType.PONG, WSMsgType.BINARY):
                raise NoSocketError("it hangs up before it says hello")

    async def listen(self, on_message: Callable[[Message], None], on_life: Callable[[], None]) -> str:
        """Hand on every message, and every sign of life, until the socket ends; how it ended."""
        while self._early:
            on_message(self._early.pop(0))
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
        """Whether an acknowledgement can leave on it."""
        return not self._socket.closed

    async def send(self, message: Message) -> None:
        """Send one message; raises ConnectionError when the socket is gone."""
        await self._socket.send_str(json.dumps(message))

    async def close(self) -> None:
        """Hang up; a server that is gone does not answer a farewell."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pace.farewell):
                await self._socket.close()


def _read(text: str) -> Message:
    """One message; what is none is told and means nothing."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        message = None
    if isinstance(message, dict):
        return message
    log.warning("a frame that is no message", length=len(text))
    return {}


async def dial(client: AsyncWebClient, app_token: str, pace: Pace) -> WebSocket:
    """A new socket on which Slack has said hello; raises AppTokenError or NoSocketError."""
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
    """The same settings as slack_sdk's own; the pongs are read here, so that they count as signs of life."""
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
