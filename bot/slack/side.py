"""The Slack side as a whole: opened at start-up or as soon as Slack answers, run, and closed in order."""

import asyncio
from collections.abc import Callable

import aiohttp
import structlog

from bot.attachments import Store
from bot.clock import Clock
from bot.desk import Desk
from bot.settings import Settings, SlackDoor
from bot.slack.app import build_app
from bot.slack.courier import Courier
from bot.slack.door import open_office, web_client
from bot.slack.failures import CALL_ERRORS, read_failure
from bot.slack.office import Office
from bot.slack.socket import Connection
from bot.slack.waits import retry_delay
from bot.status import Part
from casebook.errors import CasebookError

log = structlog.get_logger("casebook.slack")

CLOSING_SECONDS = 3.0
ANSWERING_SECONDS = 1.5


class SlackSide:
    """Office, socket and courier."""

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
    ) -> None:
        self._settings = settings
        self._desk = desk
        self._clock = clock
        self._part = part
        self._count = count
        self._store = store
        self._on_wake = on_wake
        self._session: aiohttp.ClientSession | None = None
        self._courier: Courier | None = None
        self._office: Office | None = None
        self._connection: Connection | None = None
        self._failure = ""

    async def open(self) -> None:
        """Connect for the first time.

        Raises what only the operator can mend, in a sentence. When Slack does not answer, `run` tries again.
        """
        self._session = aiohttp.ClientSession()
        try:
            await self._open()
        except CasebookError as error:
            if error.permanent:
                raise
            self._not_open(str(error))

    async def _open(self) -> None:
        if self._session is None:
            raise RuntimeError("open() comes before run()")
        if self._office is None:
            client = web_client(self._settings, self._session)
            self._office = await open_office(
                self._settings,
                client,
                desk=self._desk,
                clock=self._clock,
                wake=self.wake,
                count=self._count,
                store=self._store,
            )
            self._courier = Courier(self._office)
        if self._settings.slack_door is SlackDoor.SOCKET and self._settings.slack_app_token:
            token = self._settings.slack_app_token.reveal()
            connection = Connection(build_app(self._office), token, part=self._part, on_connected=self.wake)
            try:
                await connection.open()
            except CALL_ERRORS as error:
                self._not_open(f"Slack gives no socket: {read_failure(error).error}")
                return
            self._connection = connection
        self._failure = ""

    def _not_open(self, sentence: str) -> None:
        self._failure = sentence
        self._part.down(sentence)
        log.warning("slack not open", reason=sentence)

    async def run(self) -> None:
        """Listen and deliver until cancelled."""
        attempts = 0
        async with asyncio.TaskGroup() as tasks:
            courier = None
            while True:
                if courier is None and self._courier is not None:
                    courier = tasks.create_task(self._courier.run(), name="courier")
                if not self._failure:
                    break
                attempts += 1
                await asyncio.sleep(retry_delay(attempts))
                try:
                    await self._open()
                except CasebookError as error:
                    self._not_open(str(error))
            if self._connection is not None:
                tasks.create_task(self._connection.watch(), name="socket watch")

    def wake(self) -> None:
        """There is something to say, here or by others who deliver."""
        self._on_wake()
        if self._courier is not None:
            self._courier.wake()

    @property
    def limited_lanes(self) -> frozenset[str]:
        """The lanes in which Slack asked us to wait."""
        return frozenset() if self._courier is None else self._courier.limited_lanes()

    async def stop_listening(self) -> None:
        """Take nothing new, and acknowledge what is in hand."""
        if self._connection is not None:
            await self._connection.close(CLOSING_SECONDS)

    async def stop_saying(self) -> None:
        """Finish what is being said; the rest stays in the outbox."""
        if self._courier is not None:
            await self._courier.stop(CLOSING_SECONDS)

    async def close(self) -> None:
        """Finish the answers to buttons and forms, and hang up."""
        if self._office is not None:
            await self._office.afterwards.finish(ANSWERING_SECONDS)
        if self._session is not None:
            await self._session.close()
