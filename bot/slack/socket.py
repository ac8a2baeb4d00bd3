"""The socket to Slack: opened with a token that was tried first, watched, and mended when it falls silent."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.slack.failures import CALL_ERRORS, TOKEN_ERRORS, read_failure
from bot.status import Part
from casebook.errors import CasebookError

log = structlog.get_logger("casebook.slack")

# Slack's own pings come every few seconds; after four of ours without an answer the SDK calls the socket stale.
PING_SECONDS = 5.0
LOOK_SECONDS = 2.0  # how often the watch looks
MEND_SECONDS = 20.0  # after so long without a socket its address may be spent: a new one is asked for
CONNECT_SECONDS = 20.0
FAREWELL_SECONDS = 2.0
DEAF_AFTER = timedelta(seconds=25)  # an open socket that gives no sign of life for so long is dead


class AppTokenError(CasebookError):
    """Slack does not take SLACK_APP_TOKEN; it must be an app-level token with the scope connections:write."""


class Connection:
    """One Socket Mode connection and the app behind it."""

    def __init__(self, app: AsyncApp, app_token: str, *, part: Part, on_connected: Callable[[], None]) -> None:
        self._app = app
        self._token = app_token
        self._part = part
        self._part.expect(DEAF_AFTER)
        self._on_connected = on_connected
        self._handler: AsyncSocketModeHandler | None = None
        self._in_hand: set[asyncio.Task[None]] = set()
        self._without = 0.0
        self._last_pong: float | None = None
        self._stopping = False

    async def open(self) -> None:
        """Connect; raises AppTokenError, or one of CALL_ERRORS while Slack does not answer."""
        handler = AsyncSocketModeHandler(self._app, self._token, ping_interval=PING_SECONDS)
        self._handler = handler
        client = handler.client
        client.socket_mode_request_listeners.clear()
        client.socket_mode_request_listeners.append(self._take)  # type: ignore[arg-type]
        client.on_message_listeners.append(self._heard)
        try:
            # With a dead token connect() neither returns nor raises: ask for the address ourselves first.
            client.wss_uri = await client.issue_new_wss_url()
        except SlackApiError as error:
            await handler.close_async()  # type: ignore[no-untyped-call]
            if read_failure(error).error in TOKEN_ERRORS | {"not_allowed_token_type", "missing_scope"}:
                raise AppTokenError(f"{AppTokenError.__doc__} Slack says: {read_failure(error).error}.") from error
            raise
        async with asyncio.timeout(CONNECT_SECONDS):
            await client.connect()  # type: ignore[no-untyped-call]
        self._connected()

    async def watch(self) -> None:
        """Look at the socket for ever; each look is a `step`."""
        while not self._stopping:
            await asyncio.sleep(LOOK_SECONDS)
            await self.step(LOOK_SECONDS)

    async def step(self, passed: float) -> None:
        """One look: tell the status, and mend what the SDK cannot. `passed` is the seconds since the last look."""
        client = self._client()
        if await client.is_connected():
            if self._without:
                self._connected()
            if client.last_ping_pong_time != self._last_pong:
                self._last_pong = client.last_ping_pong_time
                self._part.heard()
            return
        self._without += passed
        self._part.down("the socket to Slack is gone; it is being opened again")
        if self._without >= MEND_SECONDS:
            self._without = passed
            log.warning("socket gone", doing="asking for a new address")
            # The SDK can try one spent address for ever.
            client.wss_uri = None
            await self._reconnect(client)

    async def _reconnect(self, client: SocketModeClient) -> None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await client.connect_to_new_endpoint(force=True)
        except CALL_ERRORS as error:
            self._part.down(f"Slack gives no socket: {read_failure(error).error}")

    def _connected(self) -> None:
        self._without = 0.0
        self._part.up()
        self._on_connected()

    async def _heard(self, _message: object) -> None:
        self._part.heard()

    async def _take(self, _client: SocketModeClient, request: SocketModeRequest) -> None:
        """Hand one envelope to the app, unless we are stopping: then Slack keeps it for the next bot."""
        if self._stopping or self._handler is None:
            return
        task = asyncio.ensure_future(self._handler.handle(self._client(), request))
        self._in_hand.add(task)
        try:
            await task
        finally:
            self._in_hand.discard(task)

    def _client(self) -> SocketModeClient:
        if self._handler is None:
            raise RuntimeError("the socket was never opened")
        return self._handler.client

    async def close(self, within: float) -> None:
        """Take nothing new, finish and acknowledge what is in hand, at most so many seconds, and hang up."""
        self._stopping = True
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=within)
        if self._handler is not None:
            with suppress(TimeoutError):  # a server that is gone does not answer a farewell
                async with asyncio.timeout(FAREWELL_SECONDS):
                    await self._handler.close_async()  # type: ignore[no-untyped-call]
            await self._handler.client.aiohttp_client_session.close()
