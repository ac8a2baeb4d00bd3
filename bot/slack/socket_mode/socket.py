"""Keeps a Socket Mode connection to Slack: replaces sockets, and reports in `/health` while there is none."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog
from slack_bolt.async_app import AsyncApp

from bot.slack.socket_mode.envelopes import EVENTS, Envelopes
from bot.slack.socket_mode.incidents import Incident, Incidents
from bot.slack.socket_mode.tokens import app_token_died
from bot.slack.socket_mode.websocket import (
    FULL,
    LINK_DISABLED,
    SWITCHED_OFF,
    AppTokenError,
    Message,
    NoSocketError,
    Pace,
    WebSocket,
    dial,
)

log = structlog.get_logger("casebook.slack")

DEAF_AFTER = timedelta(seconds=25)  # without any frame for so long, `/health` reports the socket as down
ANSWER_SECONDS = 2.0  # how long an acknowledgement waits for a socket; Slack allows three seconds after the event

GONE = "the socket to Slack is gone; it is being opened again"
NO_EVENTS = (
    "Slack sends no events though the socket is open: see that Socket Mode and the event subscriptions of the app are"
    " switched on. What is written is read back meanwhile."
)


class Connection:
    """One socket at a time, two while a new one replaces the old one."""

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        *,
        incidents: Incidents,
        on_connected: Callable[[], None],
        on_not_stored: Callable[[], None],
        on_dropped: Callable[[], None],
        pace: Pace | None = None,
    ) -> None:
        self._client = app.client
        self._token = app_token
        self._incidents = incidents
        self._on_connected = on_connected  # a new socket is open: events from in between must be read back
        self._pace = pace = pace or Pace()
        self._envelopes = Envelopes(app, within=pace.envelope, on_not_stored=on_not_stored, on_dropped=on_dropped)
        self._websocket: WebSocket | None = None
        self._up = asyncio.Event()  # set while there is a socket
        self._wanted = asyncio.Event()  # set when a new socket is needed
        self._attempts = 0
        self._has_heard = True  # an event arrived since the last `is_deaf`
        self._gone: asyncio.TimerHandle | None = None
        self._sockets: dict[asyncio.Task[None], WebSocket] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._stopping = False
        incidents.part.expect(DEAF_AFTER)

    async def open(self) -> None:
        """Connect for the first time; raises AppTokenError, or NoSocketError where Slack provides no socket."""
        await self._admit(await dial(self._client, self._token, self._pace))

    async def watch(self) -> None:
        """Run `step` until `close`."""
        while not self._stopping:
            await self.step()

    async def step(self) -> None:
        """Wait until a new socket is needed, and try once to open it; a present socket stays open meanwhile."""
        await self._wanted.wait()
        if self._attempts:
            await asyncio.sleep(self._pace.wait(self._attempts))
        self._attempts += 1
        try:
            websocket = await dial(self._client, self._token, self._pace)
        except AppTokenError as error:
            self._incidents.report(Incident.APP_TOKEN, app_token_died(error.error))
            self._incidents.clear(Incident.SWITCHED_OFF)
        except NoSocketError as error:
            await self._refused(error)
        else:
            await self._admit(websocket)

    async def _refused(self, error: NoSocketError) -> None:
        log.warning("socket not opened", reason=error.why, attempts=self._attempts)
        if error.why == LINK_DISABLED:
            self._incidents.report(Incident.SWITCHED_OFF, SWITCHED_OFF)
        elif self._websocket is None:
            self._incidents.report(Incident.SOCKET, str(error))
        elif error.why == FULL:
            # Slack allows ten sockets, and all are in use: close ours before the next attempt.
            await self._websocket.close()
        await asyncio.sleep(error.retry_after)

    def reconnect(self, reason: str) -> None:
        """Request a new socket; the present one is closed after the new one is open."""
        log.info("socket to be replaced", reason=reason)
        self._wanted.set()

    def is_deaf(self) -> None:
        """Replace a socket over which an event did not arrive.

        If the previous replacement brought no event either, the cause is not the socket, and an incident is reported.
        """
        if not self._has_heard:
            self._incidents.report(Incident.EVENTS, NO_EVENTS)
        self._has_heard = False
        self.reconnect("an event did not come over it")

    async def _admit(self, websocket: WebSocket) -> None:
        """Use this socket from now on; close it if we are stopping."""
        if self._stopping:
            await websocket.close()
        else:
            self._take_over(websocket)

    def _take_over(self, websocket: WebSocket) -> None:
        old, self._websocket = self._websocket, websocket
        following = asyncio.create_task(self._follow(websocket), name="socket")
        self._sockets[following] = websocket
        following.add_done_callback(self._sockets.pop)
        self._wanted.clear()
        self._schedule(old, websocket)
        self._up.set()
        self._incidents.clear(Incident.APP_TOKEN)
        # After sockets that ended at once, the next one must stay open for a while before the incident is closed.
        if self._attempts <= 1:
            self._incidents.clear(Incident.SOCKET)
        self._incidents.part.heard()
        self._incidents.update()
        self._on_connected()

    def _schedule(self, old: WebSocket | None, websocket: WebSocket) -> None:
        """Close the old socket, and check the new one after a while."""
        loop = asyncio.get_running_loop()
        if self._gone is not None:
            self._gone.cancel()
        loop.call_later(self._pace.steady, self._is_steady, websocket)
        loop.call_later(self._pace.proven, self._is_proven, websocket)
        if old is not None:
            leaving = asyncio.create_task(self._let_go(old), name="old socket")
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    def _is_steady(self, websocket: WebSocket) -> None:
        if websocket is self._websocket:
            self._attempts = 0
            self._incidents.clear(Incident.SOCKET)

    def _is_proven(self, websocket: WebSocket) -> None:
        """With Socket Mode switched off Slack may still say hello: only time or an event shows that it is on."""
        if websocket is self._websocket and not websocket.is_told_to_leave:
            self._incidents.clear(Incident.SWITCHED_OFF)

    async def _let_go(self, old: WebSocket) -> None:
        """Close an old socket; if Slack asked for its replacement, later, since it may still send events over it."""
        if old.is_told_to_leave:
            await asyncio.sleep(self._pace.linger)
        await old.close()

    async def _follow(self, websocket: WebSocket) -> None:
        """Read from a socket until it ends; if it was the current one, request a new one."""
        try:
            end = await websocket.listen(partial(self._heard, websocket), self._incidents.part.heard)
        except Exception:
            log.exception("reading from a socket failed")
            end = "given up"
        if websocket is self._websocket and not self._stopping:
            log.warning("socket closed", end=end)
            self._websocket = None
            self._up.clear()
            self._wanted.set()
            self._gone = asyncio.get_running_loop().call_later(self._pace.grace, self._report_gone)
        await websocket.close()

    def _report_gone(self) -> None:
        if self._websocket is None and not self._stopping:
            self._incidents.report(Incident.SOCKET, GONE)

    def _heard(self, websocket: WebSocket, message: Message) -> None:
        """Handle one message."""
        if message.get("type") == "disconnect":
            websocket.is_told_to_leave = True
            if message.get("reason") == LINK_DISABLED:
                self._incidents.report(Incident.SWITCHED_OFF, SWITCHED_OFF)
            if websocket is self._websocket:
                self.reconnect(str(message.get("reason") or "Slack asks for it"))
        elif self._envelopes.take(message, partial(self._answer, websocket)) and message.get("type") == EVENTS:
            self._has_heard = True
            self._incidents.clear(Incident.EVENTS, Incident.SWITCHED_OFF)

    async def _answer(self, websocket: WebSocket, message: Message) -> None:
        """Acknowledge over the socket of the envelope; if it is closed, over the current or the next one."""
        if not websocket.is_open:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._up.wait()
            except TimeoutError:
                raise ConnectionResetError("there is no socket") from None
            websocket = self._websocket or websocket
        await websocket.send(message)

    async def close(self, within: float) -> None:
        """Finish and acknowledge the present envelopes within so many seconds, and close all sockets."""
        self._stopping = True
        await self._envelopes.finish(within)
        await asyncio.gather(*(websocket.close() for websocket in self._sockets.values()), return_exceptions=True)
        for task in (*self._sockets, *self._leaving):
            task.cancel()
