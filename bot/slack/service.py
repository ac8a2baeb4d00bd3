"""The Slack service: opens at start-up or as soon as Slack answers, runs, and closes its parts in order."""

import asyncio
from collections.abc import Callable

import aiohttp

from bot.clock import Clock
from bot.desk import Desk
from bot.files.store import Store
from bot.runtime.tempo import Tempo
from bot.settings import Settings, SlackDoor
from bot.slack.api.backoff import retry_delay
from bot.slack.app import build_app
from bot.slack.catchup.rounds import Catchup
from bot.slack.context.context import SlackContext
from bot.slack.courier import Courier
from bot.slack.socket_mode.dropped import DroppedEvents
from bot.slack.socket_mode.incidents import Incident, Incidents
from bot.slack.socket_mode.socket import Connection
from bot.slack.socket_mode.tokens import TokenWatch
from bot.slack.socket_mode.websocket import NoSocketError
from bot.slack.startup import open_context, web_client
from bot.status import Part
from casebook.errors import CasebookError

CLOSING_SECONDS = 3.0
ANSWERING_SECONDS = 1.5


class SlackService:
    """The context, the socket, the courier, the catch-up, and the token watch."""

    def __init__(
        self,
        settings: Settings,
        *,
        desk: Desk,
        clock: Clock,
        part: Part,
        count: Callable[[str, str], None],
        store: Store | None,
        on_wake: Callable[[], None],
        tempo: Tempo | None = None,
    ) -> None:
        self._settings = settings
        self._desk = desk
        self._clock = clock
        self._part = part
        on_none = {SlackDoor.SOCKET: part.up, SlackDoor.CONFIGURED: part.configured, SlackDoor.OFF: part.off}
        self._incidents = Incidents(part, on_none=on_none[settings.slack_door])
        self._count = count
        self._store = store
        self._on_wake = on_wake
        self._tempo = tempo
        self._session: aiohttp.ClientSession | None = None
        self._courier: Courier | None = None
        self._context: SlackContext | None = None
        self._connection: Connection | None = None
        self._catchup: Catchup | None = None
        self._catching_up: asyncio.Task[None] | None = None
        self._is_open = False
        self._retry_after = 0.0

    async def open(self) -> None:
        """Connect for the first time.

        Raises a permanent CasebookError where the operator must act. When Slack does not answer, `run` tries again.
        """
        self._session = aiohttp.ClientSession()
        try:
            await self._open()
        except CasebookError as error:
            if error.permanent:
                raise
            self._not_open(error)

    def _not_open(self, error: CasebookError) -> None:
        self._retry_after = error.retry_after if isinstance(error, NoSocketError) else 0.0
        self._incidents.report(Incident.OPENING, str(error))

    async def _open(self) -> None:
        if self._session is None:
            raise RuntimeError("open() comes before run()")
        if self._context is None:
            client = web_client(self._settings, self._session, self._clock)
            self._context = await open_context(
                self._settings,
                client,
                desk=self._desk,
                clock=self._clock,
                wake=self.wake,
                count=self._count,
                store=self._store,
            )
            self._courier = Courier(self._context, tempo=self._tempo)
        if self._settings.slack_door is SlackDoor.SOCKET and self._settings.slack_app_token:
            if self._catchup is None:
                self._catchup = Catchup(self._context, part=self._part, on_deaf=self._on_deaf)
            if self._connection is None:  # the same object for all tries, so that closing it ends them
                self._connection = self._connect(self._context, self._settings.slack_app_token.reveal())
            await self._connection.open()
        self._is_open = True
        self._incidents.clear(Incident.OPENING)

    def _connect(self, context: SlackContext, token: str) -> Connection:
        return Connection(
            build_app(context),
            token,
            incidents=self._incidents,
            on_connected=self._on_connected,
            on_not_stored=self._on_not_stored,
            on_dropped=DroppedEvents(context, on_dropped=self._on_not_stored).heard,
        )

    def _on_connected(self) -> None:
        """After a socket was opened or the token works again: deliver the outbox, and read what was missed."""
        self.wake()
        if self._catchup is not None:
            self._catchup.connection_opened()

    def _on_not_stored(self) -> None:
        if self._catchup is not None:
            self._catchup.not_stored()

    def _on_deaf(self) -> None:
        if self._connection is not None:
            self._connection.is_deaf()

    async def run(self) -> None:
        """Listen and deliver until cancelled."""
        attempts = 0
        self._incidents.update()
        async with asyncio.TaskGroup() as tasks:
            courier = None
            while True:
                if courier is None and self._courier is not None and self._context is not None:
                    courier = tasks.create_task(self._courier.run(), name="courier")
                    watch = TokenWatch(self._context.client, self._incidents, on_back=self._on_connected)
                    tasks.create_task(watch.run(), name="token watch")
                if self._is_open:
                    break
                attempts += 1
                await asyncio.sleep(max(retry_delay(attempts), self._retry_after))
                try:
                    await self._open()
                except CasebookError as error:
                    self._not_open(error)
            if self._connection is not None:
                tasks.create_task(self._connection.watch(), name="socket watch")
            if self._catchup is not None:
                self._catching_up = tasks.create_task(self._catchup.run(), name="catch-up")

    def wake(self) -> None:
        """Let the courier and the other senders read the outbox now."""
        self._on_wake()
        if self._courier is not None:
            self._courier.wake()

    @property
    def limited_lanes(self) -> frozenset[str]:
        """The lanes that Slack limits at present."""
        return frozenset() if self._courier is None else self._courier.limited_lanes()

    async def stop_listening(self) -> None:
        """Accept no new events, and acknowledge those in progress."""
        if self._catching_up is not None:
            self._catching_up.cancel()
        if self._connection is not None:
            await self._connection.close(CLOSING_SECONDS)

    async def stop_delivery(self) -> None:
        """Finish the deliveries in progress; the rest stays in the outbox."""
        if self._courier is not None:
            await self._courier.stop(CLOSING_SECONDS)

    async def close(self) -> None:
        """Finish the answers to buttons and forms, and close the session."""
        if self._context is not None:
            await self._context.background.finish(ANSWERING_SECONDS)
        if self._session is not None:
            await self._session.close()
