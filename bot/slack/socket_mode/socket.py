"""The line to Slack: there is always a living socket, or the next one is on its way and `/health` says so."""

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

DEAF_AFTER = timedelta(seconds=25)  # an open socket that gives no sign of life for so long is dead
ANSWER_SECONDS = 2.0  # how long an acknowledgement waits for a socket; Slack gives three from the event on

GONE = "the socket to Slack is gone; it is being opened again"
NO_EVENTS = (
    "Slack sends no events though the socket is open: see that Socket Mode and the event subscriptions of the app are"
    " switched on. What is written is read back meanwhile."
)


class Connection:
    """One socket at a time, two while one takes over from the other, and the app behind them."""

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
        self._on_connected = on_connected  # a new socket is there: what came in between must be read back
        self._pace = pace = pace or Pace()
        self._envelopes = Envelopes(app, within=pace.envelope, on_not_stored=on_not_stored, on_dropped=on_dropped)
        self._websocket: WebSocket | None = None
        self._up = asyncio.Event()  # there is a socket
        self._wanted = asyncio.Event()  # a new socket is
        self._attempts = 0
        self._has_heard = True  # an event came since we last thought that the socket is deaf
        self._gone: asyncio.TimerHandle | None = None
        self._sockets: dict[asyncio.Task[None], WebSocket] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._stopping = False
        incidents.part.expect(DEAF_AFTER)

    async def open(self) -> None:
        """Connect for the first time; raises AppTokenError, or NoSocketError while Slack gives none."""
        await self._admit(await dial(self._client, self._token, self._pace))

    async def watch(self) -> None:
        """Replace sockets until we stop; each is a `step`."""
        while not self._stopping:
            await self.step()

    async def step(self) -> None:
        """Wait until a new socket is wanted, and try once to open it, beside the present one where there is one."""
        await self._wanted.wait()
        if self._attempts:
            await asyncio.sleep(self._pace.wait(self._attempts))
        self._attempts += 1
        try:
            websocket = await dial(self._client, self._token, self._pace)
        except AppTokenError as error:
            self._incidents.tell(Incident.APP_TOKEN, app_token_died(error.error))
            self._incidents.clear(Incident.SWITCHED_OFF)
        except NoSocketError as error:
            await self._refused(error)
        else:
            await self._admit(websocket)

    async def _refused(self, error: NoSocketError) -> None:
        log.warning("no socket", reason=error.why, attempts=self._attempts)
        if error.why == LINK_DISABLED:
            self._incidents.tell(Incident.SWITCHED_OFF, SWITCHED_OFF)
        elif self._websocket is None:
            self._incidents.tell(Incident.SOCKET, str(error))
        elif error.why == FULL:
            # Ten processes have all the sockets that Slack allows: ours must go before the next can come.
            await self._websocket.close()
        await asyncio.sleep(error.retry_after)

    def reconnect(self, reason: str) -> None:
        """A new socket is wanted: it is opened beside the present one, which is then closed."""
        log.info("a new socket is wanted", reason=reason)
        self._wanted.set()

    def is_deaf(self) -> None:
        """Something that was written never came over this socket: take another.

        Where the last one that was taken for this reason brought no event either, the fault is not the socket's.
        """
        if not self._has_heard:
            self._incidents.tell(Incident.EVENTS, NO_EVENTS)
        self._has_heard = False
        self.reconnect("an event did not come over it")

    async def _admit(self, websocket: WebSocket) -> None:
        """Take this socket from now on; one that comes when we are stopping is hung up."""
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
        self._later(old, websocket)
        self._up.set()
        self._incidents.clear(Incident.APP_TOKEN)
        # Where sockets that ended at once came before, a further one shows nothing until it has lived a while.
        if self._attempts <= 1:
            self._incidents.clear(Incident.SOCKET)
        self._incidents.part.heard()
        self._incidents.show()
        self._on_connected()

    def _later(self, old: WebSocket | None, websocket: WebSocket) -> None:
        """Let the old socket go, and believe in the new one when it has lived a while."""
        loop = asyncio.get_running_loop()
        if self._gone is not None:
            self._gone.cancel()
        loop.call_later(self._pace.steady, self._calm_down, websocket)
        loop.call_later(self._pace.proven, self._is_proven, websocket)
        if old is not None:
            leaving = asyncio.create_task(self._let_go(old), name="old socket")
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    def _calm_down(self, websocket: WebSocket) -> None:
        if websocket is self._websocket:
            self._attempts = 0
            self._incidents.clear(Incident.SOCKET)

    def _is_proven(self, websocket: WebSocket) -> None:
        """Where Socket Mode is switched off Slack may say hello before it says so: only time or an event shows more."""
        if websocket is self._websocket and not websocket.is_told_to_leave:
            self._incidents.clear(Incident.SWITCHED_OFF)

    async def _let_go(self, old: WebSocket) -> None:
        """Slack may still send over a socket that it told to leave; a deaf one is of no use."""
        if old.is_told_to_leave:
            await asyncio.sleep(self._pace.linger)
        await old.close()

    async def _follow(self, websocket: WebSocket) -> None:
        """Listen to a socket to its end; where it was the one that we had, a new one is wanted."""
        try:
            end = await websocket.listen(partial(self._heard, websocket), self._incidents.part.heard)
        except Exception:
            log.exception("a socket cannot be listened to")
            end = "given up"
        if websocket is self._websocket and not self._stopping:
            log.warning("socket gone", end=end)
            self._websocket = None
            self._up.clear()
            self._wanted.set()
            self._gone = asyncio.get_running_loop().call_later(self._pace.grace, self._tell_gone)
        await websocket.close()

    def _tell_gone(self) -> None:
        if self._websocket is None and not self._stopping:
            self._incidents.tell(Incident.SOCKET, GONE)

    def _heard(self, websocket: WebSocket, message: Message) -> None:
        """One message over a socket."""
        if message.get("type") == "disconnect":
            websocket.is_told_to_leave = True
            if message.get("reason") == LINK_DISABLED:
                self._incidents.tell(Incident.SWITCHED_OFF, SWITCHED_OFF)
            if websocket is self._websocket:
                self.reconnect(str(message.get("reason") or "Slack asks for it"))
        elif self._envelopes.take(message, partial(self._answer, websocket)) and message.get("type") == EVENTS:
            self._has_heard = True
            self._incidents.clear(Incident.EVENTS, Incident.SWITCHED_OFF)

    async def _answer(self, websocket: WebSocket, message: Message) -> None:
        """Acknowledge over the socket that brought the envelope, else over the one that there is or will be soon."""
        if not websocket.is_open:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await self._up.wait()
            except TimeoutError:
                raise ConnectionResetError("there is no socket") from None
            websocket = self._websocket or websocket
        await websocket.send(message)

    async def close(self, within: float) -> None:
        """Take nothing new, finish and acknowledge what is in hand, at most so many seconds, and hang up."""
        self._stopping = True
        await self._envelopes.finish(within)
        await asyncio.gather(*(websocket.close() for websocket in self._sockets.values()), return_exceptions=True)
        for task in (*self._sockets, *self._leaving):
            task.cancel()
