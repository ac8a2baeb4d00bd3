import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiohttp
import pytest

from bot.clock import Clock
from bot.monitoring.metrics import Metrics
from bot.status import OutboxStatus, Report, Status
from bot.web import PATIENCE, PortError, WebPort, build_web
from casebook.errors import DatabaseUnavailableError
from casebook.views import CaseLine

LOCAL_PAGE = "http://localhost:5173"


LINE = CaseLine(
    case_id="CASE-0001",
    customer="mia@customer.example.com",
    customer_name="not shown",
    source="email",
    subject="not shown",
    preview="not shown",
    status="open",
    escalated=False,
    created_at=datetime(2026, 1, 2, tzinfo=UTC),
    last_message_at=datetime(2026, 1, 2, tzinfo=UTC),
    message_count=2,
    waiting_since=None,
    assigned_to=None,
)


@dataclass
class Bot:
    """The data that the web server shows; a test changes it."""

    clock: Clock = field(default_factory=Clock)
    metrics: Metrics = field(default_factory=Metrics)
    cases: list[CaseLine] = field(default_factory=lambda: [LINE])
    error: Exception | None = None
    base: str = ""

    def __post_init__(self) -> None:
        self.status = Status(self.clock)
        for part in self.status.parts:
            part.up()

    async def read_health(self) -> Report:
        if self.error:
            raise self.error
        return self.status.report(self.clock.now())

    async def read_cases(self) -> list[CaseLine]:
        if self.error:
            raise self.error
        return self.cases

    async def read_metrics(self) -> bytes:
        return self.metrics.render()

    def port(self, *, debug: bool, number: int = 0) -> WebPort:
        app = build_web(
            health=self.read_health,
            cases=self.read_cases,
            metrics=self.read_metrics,
            answered=self.metrics.answered,
            debug=debug,
        )
        return WebPort(app, "127.0.0.1", number)


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(params=[True, False], ids=["debug", "plain"])
async def bot(request) -> AsyncIterator[Bot]:
    bot = Bot()
    port = bot.port(debug=request.param)
    await port.start()
    bot.base = f"http://127.0.0.1:{port.port}"
    yield bot
    await port.stop()


debug_only = pytest.mark.parametrize("bot", [True], indirect=True, ids=["debug"])
plain_only = pytest.mark.parametrize("bot", [False], indirect=True, ids=["plain"])


async def test_health_is_200_with_every_service_and_its_details(bot, session):
    async with session.get(f"{bot.base}/health") as answer:
        body = await answer.json()

    assert answer.status == 200
    assert body["status"] == "healthy"
    assert body["services"] == {
        "database": "connected",
        "email_listener": "running",
        "scheduler": "running",
        "slack": "connected",
    }
    assert set(body["details"]) == {*body["services"], "email_sender", "outbox"}
    assert set(body["details"]["slack"]) == {"since", "last_error", "deaf_seconds"}
    assert body["details"]["outbox"]["oldest_unsent_seconds"] is None


async def test_health_is_503_while_a_part_is_down_and_200_again_after(bot, session):
    bot.status.slack.down("the line is cut")
    async with session.get(f"{bot.base}/health") as red:
        body = await red.json()
    bot.status.slack.up()
    async with session.get(f"{bot.base}/health") as green:
        pass

    assert (red.status, green.status) == (503, 200)
    assert body["status"] == "unhealthy"
    assert body["details"]["slack"]["last_error"] == "the line is cut"


async def test_degraded_is_200(bot, session):
    bot.status.outbox = OutboxStatus(refused=2)

    async with session.get(f"{bot.base}/health") as answer:
        body = await answer.json()

    assert (answer.status, body["status"], body["details"]["outbox"]["refused"]) == (200, "degraded", 2)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (TimeoutError(), f"Looking at every part took more than {PATIENCE:g} seconds."),
        (DatabaseUnavailableError("The database is gone."), "The database is gone."),
    ],
)
async def test_a_health_check_that_fails_itself_is_503_in_the_same_shape(bot, session, error, sentence):
    bot.error = error

    async with session.get(f"{bot.base}/health") as answer:
        body = await answer.json()

    assert answer.status == 503
    assert body == {"status": "unhealthy", "error": sentence}


async def test_live_is_200_whatever_is_broken(bot, session):
    bot.status.database.down("the database does not answer")

    async with session.get(f"{bot.base}/live") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "live"})


@debug_only
async def test_cases_shows_exactly_the_five_fields(bot, session):
    async with session.get(f"{bot.base}/cases") as answer:
        body = await answer.json()

    assert answer.status == 200
    assert body == {
        "cases": [
            {
                "case_id": "CASE-0001",
                "customer_identifier": "mia@customer.example.com",
                "status": "open",
                "message_count": 2,
                "escalated": False,
            }
        ]
    }


@debug_only
async def test_cases_is_503_with_a_sentence_when_the_database_is_gone(bot, session):
    bot.error = DatabaseUnavailableError("The database is gone.")

    async with session.get(f"{bot.base}/cases") as answer:
        assert (answer.status, (await answer.json())["error"]) == (503, "The database is gone.")


@plain_only
async def test_without_debug_cases_is_unknown_like_any_other_address(bot, session):
    for address in ("/cases", "/nonsense", "/"):
        async with session.get(bot.base + address) as answer:
            body = await answer.json()
        assert answer.status == 404
        assert body == {"error": "Not Found.", "addresses": ["/health", "/live", "/metrics"]}


async def test_another_method_is_refused_in_json_and_says_which_one_works(bot, session):
    async with session.post(f"{bot.base}/health") as answer:
        body = await answer.json()

    assert answer.status == 405
    assert "GET" in answer.headers["Allow"]
    assert body["error"] == "Method Not Allowed."


async def test_metrics_is_prometheus_text_and_counts_the_answers(bot, session):
    for address in ("/live", "/made-up-1", "/made-up-2"):
        async with session.get(bot.base + address):
            pass

    async with session.get(f"{bot.base}/metrics") as answer:
        text = await answer.text()

    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert 'casebook_http_answers_total{address="/live",status="200"} 1.0' in text
    assert 'casebook_http_answers_total{address="other",status="404"} 2.0' in text
    assert "made-up" not in text


@debug_only
async def test_with_debug_pages_on_localhost_may_read_and_no_others(bot, session):
    headers = {}
    for origin in (LOCAL_PAGE, "https://[::1]", "https://localhost.example.org", "null"):
        async with session.get(f"{bot.base}/cases", headers={"Origin": origin}) as answer:
            headers[origin] = answer.headers.get("Access-Control-Allow-Origin")
            assert answer.headers["Vary"] == "Origin"

    assert headers == {
        LOCAL_PAGE: LOCAL_PAGE,
        "https://[::1]": "https://[::1]",
        "https://localhost.example.org": None,
        "null": None,
    }


@debug_only
async def test_with_debug_a_browser_may_ask_first(bot, session):
    async with session.options(f"{bot.base}/cases", headers={"Origin": LOCAL_PAGE}) as answer:
        assert answer.status == 204
        assert answer.headers["Access-Control-Allow-Methods"] == "GET"


@plain_only
async def test_without_debug_no_page_may_read(bot, session):
    async with session.get(f"{bot.base}/health", headers={"Origin": LOCAL_PAGE}) as answer:
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_a_taken_port_is_one_clear_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        port = Bot().port(debug=False, number=number)

        with pytest.raises(PortError, match=rf"web port 127\.0\.0\.1:{number} cannot be opened .*choose another"):
            await port.start()


async def test_a_stopped_port_answers_nobody(session):
    port = Bot().port(debug=False)
    await port.start()
    address = f"http://127.0.0.1:{port.port}/live"

    await asyncio.wait_for(port.stop(), 5)

    with pytest.raises(aiohttp.ClientConnectionError):
        await session.get(address)
