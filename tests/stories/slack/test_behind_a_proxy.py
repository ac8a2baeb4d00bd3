"""API calls, the socket and files use the proxy, except for hosts in NO_PROXY."""

import os
from urllib.parse import urlsplit

import aiohttp
import pytest

from bot.checkup.everything import check_up
from bot.clock import Clock
from bot.reports.findings import Verdict
from bot.settings import read_settings, survey
from bot.slack.api.client import SlackClient
from bot.slack.api.errors import CALL_ERRORS, FailureKind, read_failure
from bot.slack.socket_mode.websocket import NoSocketError, Pace, dial
from fixtures.cast import ANNA, DORA, SHARED, SUPPORT
from fixtures.forward_proxy import ForwardProxy
from fixtures.workspace.http.files import Upload
from fixtures.workspace.http.odd_answers import OddAnswer

FAR = "http://slack.example.org"
NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing listens there


@pytest.fixture
def environment(monkeypatch):
    """Sets environment variables of this process too, since slack_sdk and aiohttp may read them."""

    def put(**variables):
        for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return variables

    return put


async def a_case_with_a_file_and_a_button(play) -> None:
    await play.slack.write(DORA, SHARED, "See this", files=(Upload("a.pdf", b"a"),))
    (card,) = await play.until(lambda: play.slack.messages(SUPPORT), "a card")
    await play.until(lambda: any(reply.files for reply in play.slack.thread(SUPPORT, card.ts)), "the file under it")
    pressed = await play.slack.press(ANNA, card, "case_take")
    await play.until(lambda: pressed.posts, "a private word")


async def test_everything_goes_through_the_proxy(slack_play, environment):
    there = urlsplit(slack_play.slack.api_url)
    slack_play.slack.backend.base_url = FAR  # a name that only the proxy can resolve
    hosts = {"slack.example.org": ("127.0.0.1", there.port or 0)}
    async with ForwardProxy.running(login="us:secret", hosts=hosts) as proxy:
        given = environment(http_proxy=proxy.url.replace("//", "//us:secret@"), no_proxy="127.0.0.1")
        async with slack_play.performed(SLACK_API_URL=f"{FAR}/api/", **given) as play:
            await a_case_with_a_file_and_a_button(play)

    assert proxy.asked


@pytest.mark.parametrize("none_for", ["127.0.0.1", "127.0.0.0/8", "*", "localhost,127.0.0.1"])
async def test_hosts_in_no_proxy_are_requested_directly(slack_play, environment, none_for):
    given = environment(HTTPS_PROXY=NOWHERE, HTTP_PROXY=NOWHERE, NO_PROXY=none_for)
    async with slack_play.performed(**given) as play:
        await a_case_with_a_file_and_a_button(play)


async def test_a_proxy_for_https_is_not_used_for_http(slack_play, environment):
    given = environment(HTTPS_PROXY=NOWHERE)
    async with slack_play.performed(**given) as play:
        await a_case_with_a_file_and_a_button(play)


@pytest.mark.parametrize("through", [True, False])
async def test_the_check_uses_the_proxy_too(slack_play, environment, tmp_path, through):
    async with ForwardProxy.running() as proxy:
        given = environment(HTTP_PROXY=proxy.url, NO_PROXY="" if through else "127.0.0.1")
        found = await check_up(survey(slack_play.stage.environment("sqlite:///b.db", **given), tmp_path), Clock())

    slacks = [finding.state for finding in found if finding.area == "Slack"]
    assert Verdict.FAILED not in slacks
    assert bool(proxy.asked) is through


async def test_encrypted_connections_use_a_tunnel(slack_play, tmp_path):
    async with ForwardProxy.running(login="us:secret") as proxy, aiohttp.ClientSession() as session:
        url = proxy.url.replace("//", "//us:wrong@")
        given = slack_play.stage.environment("sqlite:///b.db", HTTPS_PROXY=url)
        proxies = read_settings(given, tmp_path).proxies
        client = SlackClient(
            clock=Clock(), proxies=proxies, token="xoxb-1", base_url="https://slack.example.org/api/", session=session
        )
        with pytest.raises(CALL_ERRORS) as caught:
            await client.auth_test()
        plain = SlackClient(clock=Clock(), proxies=proxies, base_url=slack_play.slack.api_url, session=session)
        slack_play.slack.faults.answer(
            "apps.connections.open", OddAnswer(b'{"ok": true, "url": "wss://wss.slack.example.org/link/"}')
        )
        with pytest.raises(NoSocketError, match="the proxy refuses"):
            await dial(plain, "xapp-1", Pace())

    failure = read_failure(caught.value)
    assert (failure.kind, failure.error) == (FailureKind.UNREACHABLE, "the proxy refuses (HTTP 407)")
    assert proxy.asked == ["CONNECT slack.example.org:443", "CONNECT wss.slack.example.org:443"]


async def test_the_program_waits_for_a_proxy_that_does_not_answer(slack_play, environment):
    given = environment(HTTP_PROXY=NOWHERE)
    async with slack_play.performed(**given) as play:
        part = play.bot.status.slack

    assert "Slack did not answer at start-up: Slack cannot be reached" in (part.last_error or "")
    assert os.environ["HTTP_PROXY"] == NOWHERE
