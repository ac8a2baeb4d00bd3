"""The connection to Slack recovers from every failure of a socket, and reports its state."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.slack.app import build_app
from bot.slack.socket_mode.incidents import Incidents
from bot.slack.socket_mode.socket import GONE, NO_EVENTS, Connection
from bot.slack.socket_mode.tokens import TokenWatch
from bot.slack.socket_mode.websocket import SWITCHED_OFF, AppTokenError, NoSocketError, Pace
from bot.status import Part, State
from fixtures.cast import DORA, SHARED
from fixtures.workspace.socket_mode.welcome import Welcome

QUICK = Pace(dial=0.5, grace=0.1, steady=0.3, proven=0.6, first_wait=0.02, longest_wait=0.2, linger=0.1, farewell=0.2)
WATCHFUL = Pace(ping=0.4, silence=1, dial=0.5, grace=0.1, first_wait=0.02, farewell=0.2)


class Line:
    """A connection with the whole app, and what it reported."""

    def __init__(self, at, pace: Pace) -> None:
        self.slack = at.slack
        self.part = Part("slack", Clock(), up_word="connected", down_word="disconnected")
        self.incidents = Incidents(self.part, on_none=self.part.up)
        self.sockets_at_connection: list[int] = []
        self.not_stored = 0
        self.dropped = 0
        self.connection = Connection(
            build_app(at.context),
            at.slack.app_token,
            incidents=self.incidents,
            on_connected=lambda: self.sockets_at_connection.append(at.slack.connections),
            on_not_stored=self._count_not_stored,
            on_dropped=self._count_dropped,
            pace=pace,
        )

    def _count_not_stored(self) -> None:
        self.not_stored += 1

    def _count_dropped(self) -> None:
        self.dropped += 1

    @property
    def times_connected(self) -> int:
        return len(self.sockets_at_connection)

    async def down(self) -> str:
        """Wait until the connection is reported down; returns the sentence."""
        await self.until(lambda: self.part.state is State.DOWN)
        return self.part.last_error or ""

    async def up(self) -> None:
        await self.until(lambda: self.part.state is State.UP)

    async def until(self, condition) -> None:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 (the connection has no event for changes)
                await asyncio.sleep(0.005)

    async def brings(self, text: str = "The export is broken") -> None:
        """A customer's message is acknowledged now."""
        await self.slack.write(DORA, SHARED, text)
        envelope = self.slack.envelopes[-1]
        await self.until(lambda: envelope.acknowledged_at)


class Seen:
    """The successive states of a part, polled all the time."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self.states: list[State] = []

    async def until(self, condition) -> None:
        async with asyncio.timeout(10):
            while not condition():
                if self.states[-1:] != [self._part.state]:
                    self.states.append(self._part.state)
                await asyncio.sleep(0.001)


@asynccontextmanager
async def opened(at, pace: Pace = QUICK) -> AsyncIterator[Line]:
    line = Line(at, pace)
    await line.connection.open()
    watching = asyncio.create_task(line.connection.watch())
    try:
        yield line
    finally:
        at.slack.faults.clear()
        await line.connection.close(1)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_a_refresh_that_slack_announces_leaves_no_moment_without_a_socket(at):
    async with opened(at) as line:
        await at.slack.disconnect("warning")
        await line.until(lambda: line.times_connected == 2)
        await line.brings()
        await line.until(lambda: at.slack.connections == 1)

    assert line.sockets_at_connection == [1, 2]
    assert line.part.last_error is None


async def test_a_refresh_at_once_is_handled_without_an_incident(at):
    async with opened(at) as line:
        await at.slack.disconnect("refresh_requested")
        await line.until(lambda: line.times_connected == 2)
        await line.brings()

    assert line.part.last_error is None


async def test_an_acknowledgement_that_was_late_for_its_socket_leaves_on_the_next(at):
    async with opened(at) as line:
        at.slack.faults.slow(0.1)
        await at.slack.write(DORA, SHARED, "The export is broken")
        await line.until(lambda: at.calls("users.info"))  # two more calls follow
        await at.slack.cut()
        await line.until(lambda: at.slack.envelopes[-1].acknowledged_at)

    assert line.times_connected == 2


async def test_a_socket_that_answers_no_pings_is_replaced(at):
    async with opened(at, WATCHFUL) as line:
        at.slack.mute()
        await line.until(lambda: line.times_connected == 2)
        await line.brings()

    assert line.part.state is State.UP


async def test_what_slack_pings_is_answered(at):
    async with opened(at):
        (socket,) = at.slack.backend.socket.connections
        await socket.socket.ping(b"from Slack")

        await at.slack.until(lambda: socket.pongs == 1)


def hang(slack):
    slack.faults.hang("apps.connections.open", times=None)


def limit(slack):
    slack.faults.rate_limit("apps.connections.open", 0, times=None)


def fall(slack):
    slack.faults.server_error("apps.connections.open", times=None, status=503)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (lambda slack: slack.welcome(Welcome.SPENT), "its address is refused with 408"),
        (lambda slack: slack.welcome(Welcome.STALLED), "no answer within 0.5 s"),
        (lambda slack: slack.welcome(Welcome.SILENT), "no answer within 0.5 s"),
        (lambda slack: slack.welcome(Welcome.FULL), "too_many_websockets"),
        (hang, "no answer within 0.5 s"),
        (limit, "ratelimited"),
        (fall, "HTTP 503"),
    ],
    ids=["spent", "stalled", "silent", "full", "hanging", "limited", "broken"],
)
async def test_while_slack_gives_no_socket_the_reason_is_reported_and_then_it_reconnects(at, fault, sentence):
    async with opened(at) as line:
        fault(at.slack)
        await at.slack.cut()
        await line.until(lambda: f"Slack gives no socket: {sentence}" in (line.part.last_error or ""))
        down = line.part.state
        at.slack.welcome(Welcome.HELLO)
        at.slack.faults.clear()
        await line.up()
        await line.brings()

    assert down is State.DOWN
    assert line.times_connected == 2


@pytest.mark.parametrize("how", [Welcome.OFF, Welcome.OFF_LATER])
async def test_disabled_socket_mode_is_reported_steadily_until_it_is_enabled(at, how):
    async with opened(at) as line:
        seen = Seen(line.part)
        at.slack.welcome(how)
        await at.slack.disconnect("link_disabled")
        told = await line.down()
        tried = len(at.calls("apps.connections.open"))
        await seen.until(lambda: len(at.calls("apps.connections.open")) > tried + 6)
        at.slack.welcome(Welcome.HELLO)
        await line.up()
        await line.brings()

    assert told == SWITCHED_OFF
    assert seen.states == [State.DOWN]


async def test_an_event_shows_at_once_that_socket_mode_is_on_again(at):
    async with opened(at, replace(QUICK, proven=60)) as line:
        await at.slack.disconnect("link_disabled")
        await line.until(lambda: line.times_connected == 2)
        before = line.part.state
        await line.brings()
        await line.up()

    assert before is State.DOWN


async def test_disabled_socket_mode_at_the_start_is_raised_by_open(at):
    at.slack.welcome(Welcome.OFF)

    with pytest.raises(NoSocketError) as refused:
        await Line(at, QUICK).connection.open()

    assert str(refused.value) == SWITCHED_OFF


async def test_sockets_that_end_at_once_do_not_make_the_status_flicker(at):
    async with opened(at) as line:
        seen = Seen(line.part)
        at.slack.welcome(Welcome.CLOSED)
        await at.slack.cut()
        await line.down()
        tried = len(at.calls("apps.connections.open"))
        await seen.until(lambda: len(at.calls("apps.connections.open")) > tried + 4)
        at.slack.welcome(Welcome.HELLO)
        await line.up()

    assert seen.states == [State.DOWN]


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "too_many_websockets", "a reason of tomorrow"])
async def test_after_every_reason_to_disconnect_the_next_socket_is_green(at, reason):
    async with opened(at) as line:
        await at.slack.disconnect(reason)
        await line.until(lambda: line.times_connected == 2)
        await line.brings()

    assert line.part.last_error is None


async def test_an_envelope_that_comes_before_hello_is_taken_in_and_acknowledged(at):
    async with opened(at) as line:
        at.slack.welcome(Welcome.UNGREETED)
        await at.slack.cut()
        await line.until(lambda: at.slack.connections == 0)
        await line.until(lambda: at.slack.connections == 1)
        await line.brings()

    assert line.times_connected == 2
    assert at.read("SELECT body FROM messages") == [("The export is broken",)]


async def test_a_ping_and_bytes_before_hello_are_no_end(at):
    async with opened(at) as line:
        at.slack.welcome(Welcome.UNGREETED)
        await at.slack.cut()
        await line.until(lambda: at.slack.connections == 0)
        await line.until(lambda: at.slack.connections == 1)
        (connection,) = at.slack.backend.socket.connections
        await connection.socket.ping(b"early")
        await connection.socket.send_bytes(b"early")
        await line.until(lambda: connection.pongs == 1)
        await line.brings()

    assert line.times_connected == 2


async def test_a_frame_of_five_megabytes_ends_no_socket(at):
    async with opened(at) as line:
        await at.slack.send_event({"type": "team_join", "note": "x" * 5_000_000})
        envelope = at.slack.envelopes[-1]
        await line.until(lambda: envelope.acknowledged_at)

    assert line.times_connected == 1


async def test_a_frame_that_is_nested_without_end_does_no_harm(at):
    async with opened(at) as line:
        (socket,) = at.slack.backend.socket.connections
        socket.outbox.put_nowait('{"a":' + "[" * 100_000)
        await line.brings()

    assert line.times_connected == 1


async def test_a_socket_that_is_missing_for_long_is_reported(at):
    async with opened(at) as line:
        hang(at.slack)
        await at.slack.cut()
        told = await line.down()

    assert told == GONE


async def test_a_refusal_at_the_start_is_raised_by_open(at):
    line = Line(at, QUICK)
    at.slack.faults.rate_limit("apps.connections.open", 30)

    with pytest.raises(NoSocketError, match="ratelimited") as refused:
        await line.connection.open()

    assert refused.value.retry_after == 30
    at.slack.revoke(at.slack.app_token)
    with pytest.raises(AppTokenError, match="token_revoked"):
        await line.connection.open()
    assert at.slack.connections == 0


async def test_sockets_that_end_at_once_are_opened_more_and_more_rarely(at):
    async with opened(at) as line:
        at.slack.welcome(Welcome.CLOSED)
        await at.slack.cut()
        await line.until(lambda: len(at.calls("apps.connections.open")) == 6)
        times = [call.at for call in at.calls("apps.connections.open")]

    assert times[-1] - times[-2] > 2 * (times[2] - times[1])


def test_waits_double_up_to_a_limit_and_no_two_are_alike():
    waits = [[Pace().wait(attempts) for _ in range(20)] for attempts in (1, 2, 3, 9, 5000)]

    assert all(len(set(some)) > 1 for some in waits)
    assert [round(sum(some) / 20 / exact) for some, exact in zip(waits, (1, 2, 4, 10, 10), strict=True)] == [1] * 5


async def test_where_slack_allows_no_further_socket_the_old_one_goes_first(at):
    async with opened(at) as line:
        others = [Line(at, QUICK) for _ in range(9)]
        await asyncio.gather(*(other.connection.open() for other in others))
        line.connection.reconnect("the test wants it")
        await line.until(lambda: line.times_connected == 2)
        await asyncio.gather(*(other.connection.close(1) for other in others))

    assert line.sockets_at_connection[1] == 10


async def test_a_socket_without_events_is_replaced_at_once_and_the_second_time_is_reported(at):
    async with opened(at) as line:
        at.slack.deafen()
        line.connection.is_deaf()
        await line.until(lambda: line.times_connected == 2)
        first = line.part.state
        line.connection.is_deaf()
        await line.until(lambda: line.times_connected == 3)
        second = (line.part.state, line.part.last_error)
        await line.brings()

    assert first is State.UP
    assert second == (State.DOWN, NO_EVENTS)
    assert line.part.state is State.UP


@pytest.mark.parametrize(
    "fault",
    [lambda slack: slack.faults.fail("users.info", "internal_error"), lambda slack: slack.faults.hang("users.info")],
    ids=["raising", "hanging"],
)
async def test_an_event_that_is_not_stored_is_not_acknowledged_and_is_reported(at, fault):
    async with opened(at, replace(QUICK, envelope=0.2)) as line:
        fault(at.slack)
        await at.slack.write(DORA, SHARED, "The export is broken")
        await line.until(lambda: line.not_stored)
        at.slack.faults.clear()
        await line.brings("Is anybody there?")

    assert at.slack.envelopes[0].acknowledged_at is None
    assert line.not_stored == 1


async def test_dropped_events_are_acknowledged_and_reported(at):
    async with opened(at) as line:
        envelope = at.slack.backend.socket.send(
            "events_api", {"type": "app_rate_limited", "minute_rate_limited": 1518467820, "event_id": "Ev1"}
        )
        await line.until(lambda: envelope.acknowledged_at)

    assert (line.dropped, line.not_stored) == (1, 0)


@pytest.mark.parametrize("frame", ["no message", "[]", '{"type": "events_api", "envelope_id": "1", "payload": 7}'])
async def test_a_frame_that_cannot_be_read_does_no_harm(at, frame):
    async with opened(at) as line:
        (socket,) = at.slack.backend.socket.connections
        socket.outbox.put_nowait(frame)
        await line.brings()

    assert line.times_connected == 1


async def test_a_revoked_app_token_is_reported_with_what_to_do_until_slack_accepts_it(at):
    async with opened(at) as line:
        at.slack.revoke(at.slack.app_token)
        await line.until(lambda: "SLACK_APP_TOKEN" in (line.part.last_error or ""))
        told = (line.part.state, line.part.last_error)
        at.slack.restore(at.slack.app_token)
        await line.up()

    assert told[0] is State.DOWN
    assert told[1] == (
        "Slack does not take SLACK_APP_TOKEN any more (token_revoked): make a new app-level token with the scope"
        " connections:write, set the new token and restart."
    )


async def test_a_new_socket_does_not_clear_the_incident_of_a_revoked_bot_token(at):
    async with opened(at) as line:
        back = []
        client = AsyncWebClient(token=at.slack.bot_token, base_url=at.slack.api_url, retry_handlers=[])
        watch = TokenWatch(client, line.incidents, on_back=lambda: back.append(True))
        at.slack.revoke(at.slack.bot_token)
        await watch.step()
        await at.slack.cut()
        await line.until(lambda: line.times_connected == 2)
        red = (line.part.state, line.part.last_error)
        at.slack.restore(at.slack.bot_token)
        await watch.step()

    assert red[0] is State.DOWN
    assert red[1] == (
        "Slack does not take SLACK_BOT_TOKEN any more (token_revoked): install the app again, set the new token and"
        " restart."
    )
    assert line.part.state is State.UP
    assert back == [True]


async def test_the_token_is_tried_again_and_again(at):
    async with opened(at) as line:
        client = AsyncWebClient(token=at.slack.bot_token, base_url=at.slack.api_url, retry_handlers=[])
        watching = asyncio.create_task(TokenWatch(client, line.incidents, on_back=lambda: None, every=0.01).run())
        at.slack.revoke(at.slack.bot_token, "account_inactive")
        told = await line.down()
        at.slack.restore(at.slack.bot_token)
        await line.up()
        watching.cancel()

    assert "account_inactive" in told


@pytest.mark.parametrize(
    ("fault", "asked_to_wait"),
    [
        (lambda slack: slack.faults.server_error("auth.test"), 0),
        (lambda slack: slack.faults.rate_limit("auth.test", 30), 30),
    ],
    ids=["broken", "limited"],
)
async def test_no_answer_from_slack_is_no_refusal_of_the_token(at, fault, asked_to_wait):
    async with opened(at) as line:
        client = AsyncWebClient(token=at.slack.bot_token, base_url=at.slack.api_url, retry_handlers=[])
        watch = TokenWatch(client, line.incidents, on_back=lambda: None)
        fault(at.slack)
        pause = await watch.step()

    assert pause == asked_to_wait
    assert line.part.last_error is None


@pytest.mark.parametrize("fault", [hang, limit, lambda slack: slack.welcome(Welcome.STALLED)])
async def test_it_closes_in_time_while_it_is_being_opened_again(at, fault):
    line = Line(at, QUICK)
    await line.connection.open()
    watching = asyncio.create_task(line.connection.watch())
    fault(at.slack)
    await at.slack.cut()
    await line.until(lambda: len(at.calls("apps.connections.open")) > 1)

    async with asyncio.timeout(1):
        await line.connection.close(0.5)

    at.slack.welcome(Welcome.HELLO)
    at.slack.faults.clear()
    await asyncio.wait_for(watching, 3)
    await line.until(lambda: at.slack.connections == 0)
    assert line.times_connected == 1


async def test_a_closed_connection_opens_no_more_sockets(at):
    line = Line(at, QUICK)
    await line.connection.close(0.1)

    await line.connection.open()

    await line.until(lambda: at.slack.connections == 0)
    assert line.times_connected == 0
