"""A malformed answer ends no loop, loses no message, and does not count as a failure of a message."""

import json
from dataclasses import replace

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.clock import Clock
from bot.files.store import Store
from bot.reports.findings import Verdict
from bot.runtime.progress import Progress
from bot.settings import read_settings
from bot.slack.api.errors import CALL_ERRORS
from bot.slack.catchup.reconcile import SlackComparison
from bot.slack.catchup.rounds import Catchup
from bot.slack.checks.access import Access, check_access, check_app_token
from bot.slack.checks.admins import check_admins
from bot.slack.checks.channels import check_channels
from bot.slack.context.channels import SlackUnavailableError
from bot.slack.context.people import LookupFailedError
from bot.slack.context.permissions import Role
from bot.slack.messages import take_in
from bot.slack.socket_mode.incidents import Incidents
from bot.slack.socket_mode.tokens import TokenWatch
from bot.slack.socket_mode.websocket import NoSocketError, Pace, dial
from bot.slack.startup import open_context, web_client
from bot.status import Part, State, Status
from fixtures.cast import ANNA, DORA, SECOND, SHARED, SUPPORT
from fixtures.stage import Stage
from fixtures.workspace.http.odd_answers import BARE, BROKEN, LIMITED, OddAnswer

ALL = BROKEN | LIMITED | {"a yes alone": BARE}
SOME = ("503, a text", "a page", "a list", "nothing", "JSON nested without end", "302")
KIND = pytest.mark.parametrize("kind", [*SOME, "a yes alone"])
SOON = OddAnswer(b"slow down", 429, "text/plain", {"Retry-After": "0"})


async def start(at, tmp_path):
    """The context of a separate startup."""
    settings = read_settings(Stage(at.slack, None).environment("sqlite:///none.db"), tmp_path)
    async with aiohttp.ClientSession() as session:
        client = web_client(settings, session, Clock())
        ignored = {"wake": lambda: None, "count": lambda _source, _outcome: None}
        return await open_context(settings, client, desk=at.context.desk, clock=Clock(), **ignored)


# Starting


@pytest.mark.parametrize("method", ["auth.test", "conversations.list", "conversations.info"])
async def test_startup_is_tried_again_after_any_malformed_answer(at, tmp_path, method):
    for answer in ALL.values():
        at.slack.faults.answer(method, answer, times=1)
        with pytest.raises(SlackUnavailableError):
            await start(at, tmp_path)

    assert (await start(at, tmp_path)).home_team


async def test_opening_a_socket_is_tried_again_after_any_malformed_answer(at):
    for answer in ALL.values():
        at.slack.faults.answer("apps.connections.open", answer, times=1)
        with pytest.raises(NoSocketError):
            await dial(at.context.client, at.slack.app_token, Pace())


@pytest.mark.parametrize(
    "address",
    [
        "wss://",
        "wss://[half",
        "wss://127.0.0.1:port/",
        "wss://127.0.0.1:99999/",
        "ftp://127.0.0.1/",
        "link",
        "wss:// /",
    ],
)
async def test_an_invalid_socket_url_is_a_temporary_failure(at, address):
    at.slack.faults.answer("apps.connections.open", OddAnswer(f'{{"ok": true, "url": "{address}"}}'.encode()))

    with pytest.raises(NoSocketError):
        await dial(at.context.client, at.slack.app_token, Pace())


async def test_no_malformed_answer_makes_the_token_count_as_revoked(at):
    part = Part("slack", Clock(), up_word="connected", down_word="disconnected")
    watch = TokenWatch(at.context.client, Incidents(part, on_none=part.up), on_back=lambda: None)
    for answer in ALL.values():
        at.slack.faults.answer("auth.test", answer, times=1)
        await watch.step()

    assert part.state is not State.DOWN


# Taking in


@KIND
async def test_a_message_whose_author_cannot_be_looked_up_waits_and_is_not_quarantined(at, kind):
    ts = await at.slack.write(DORA, SHARED, "Hello")
    event = at.slack.envelopes[-1].payload["event"]
    at.slack.faults.answer("users.info", ALL[kind])
    for _ in range(5):
        with pytest.raises((LookupFailedError, *CALL_ERRORS)):
            await take_in(at.context, event)
    at.slack.faults.clear()

    await take_in(at.context, event)

    assert at.read("SELECT outcome FROM ledger") == [("message",)]
    assert at.read("SELECT external_id FROM messages")[0][0].endswith(ts)


@pytest.mark.parametrize(
    "method", ["auth.test", "users.conversations", "conversations.history", "conversations.replies"]
)
async def test_catching_up_waits_and_then_takes_in_everything(at, method):
    catchup = Catchup(at.context, part=Status(at.context.clock).slack, on_deaf=lambda: None)
    catchup.connection_opened()
    assert await catchup.step()
    root = await at.slack.write(DORA, SHARED, "Hello")
    await at.slack.write(DORA, SHARED, "And this", thread_ts=root)
    for kind in (*SOME, "a yes alone"):
        at.slack.faults.answer(method, ALL[kind], times=1)
        catchup.connection_opened()
        try:
            assert not await catchup.step()
        except CALL_ERRORS:
            continue

    catchup.connection_opened()
    assert await catchup.step()

    assert at.read("SELECT body FROM messages ORDER BY id") == [("Hello",), ("And this",)]
    assert at.read("SELECT outcome FROM ledger WHERE outcome = 'quarantined'") == []


async def test_an_answer_without_a_message_list_does_not_count_as_an_empty_channel(at):
    catchup = Catchup(at.context, part=Status(at.context.clock).slack, on_deaf=lambda: None)
    catchup.connection_opened()
    await catchup.step()
    await at.slack.write(DORA, SHARED, "Hello")
    catchup.connection_opened()
    await catchup.step()
    at.slack.clock_offset += 120
    at.slack.faults.answer("conversations.history", BARE)
    catchup.connection_opened()
    await catchup.step()

    assert at.read("SELECT body FROM messages") == [("Hello",)]


async def test_a_malformed_page_of_one_channel_does_not_stop_the_others(at):
    catchup = Catchup(at.context, part=Status(at.context.clock).slack, on_deaf=lambda: None)
    catchup.connection_opened()
    await catchup.step()
    await at.slack.write(DORA, SHARED, "here")
    await at.slack.write(DORA, SECOND, "there")
    at.slack.faults.answer("conversations.history", ALL["a page"], channel=SECOND)
    catchup.connection_opened()
    done = await catchup.step()

    assert not done
    assert at.read("SELECT body FROM messages") == [("here",)]


ODD_PARTS = [
    {"edited": "yesterday"},
    {"edited": ["x"]},
    {"latest_reply": "never"},
    {"latest_reply": 17},
    {"latest_reply": "1772452800.²"},
    {"metadata": "none"},
    {"files": "none"},
    {"files": [None, 7]},
]


@pytest.mark.parametrize("part", ODD_PARTS, ids=str)
async def test_a_message_with_a_malformed_field_does_not_hide_others(at, part):
    catchup = Catchup(at.context, part=Status(at.context.clock).slack, on_deaf=lambda: None)
    catchup.connection_opened()
    await catchup.step()
    odd = await at.slack.write(DORA, SHARED, "odd")
    await at.slack.write(DORA, SHARED, "whole")
    messages = [
        {"type": "message", "ts": post.ts, "user": post.user, "text": post.text} | (part if post.ts == odd else {})
        for post in at.slack.messages(SHARED)
    ]
    at.slack.faults.answer(
        "conversations.history", OddAnswer(json.dumps({"ok": True, "messages": messages}).encode()), SHARED
    )
    catchup.connection_opened()

    assert await catchup.step()
    assert at.read("SELECT body FROM messages ORDER BY id") == [("odd",), ("whole",)]


# Posting


@pytest.mark.parametrize("kind", ["503, a text", "a list", "a yes alone"])
async def test_a_notice_is_posted_once_after_any_malformed_answer(at, kind):
    at.slack.faults.answer("chat.postMessage", ALL[kind], times=1)
    await at.asked()
    at.start()
    await at.until(lambda: at.outbox("state") == [("sent",)])

    assert len(at.slack.messages(SUPPORT)) == 1


@pytest.mark.parametrize("method", ["conversations.history", "users.info"])
async def test_a_lookup_is_repeated_until_slack_answers(at, method):
    at.slack.faults.answer("chat.postMessage", ALL["a page"], times=1)
    at.slack.faults.answer(method, ALL["a list"], times=1)
    await at.asked()
    at.start()
    await at.until(lambda: at.outbox("state") == [("sent",)])

    assert len(at.slack.messages(SUPPORT)) == 1


async def test_a_rate_limit_with_an_html_body_is_waited_for(at):
    at.slack.faults.answer("chat.postMessage", SOON, times=1)
    await at.asked()
    at.start()
    await at.until(lambda: at.outbox("state") == [("sent",)])

    assert len(at.calls("conversations.history")) == 0, "a rate limit is no broken connection"


async def test_somebody_who_cannot_be_looked_up_may_do_nothing(at):
    for answer in ALL.values():
        at.slack.faults.answer("users.info", answer, times=1)
        assert (await at.context.people.look_up_for_action(ANNA.user_id)).role is Role.GONE

    assert (await at.context.people.look_up_for_action(ANNA.user_id)).role is Role.ADMIN


async def test_a_malformed_user_group_makes_nobody_an_admin(at):
    for method in ("usergroups.list", "usergroups.users.list"):
        for answer in ALL.values():
            at.slack.faults.answer(method, answer, times=1)
            assert (await at.context.people.look_up_for_action(ANNA.user_id)).role is Role.GONE


# Shell commands


async def findings(at, tmp_path):
    """All findings of `casebook check` about Slack."""
    settings = read_settings(Stage(at.slack, None).environment("sqlite:///none.db"), tmp_path)
    async with aiohttp.ClientSession() as session:
        access = Access(bot_token=at.slack.bot_token, api_url=at.slack.api_url, session=session, clock=Clock())
        tried = (
            check_access(access),
            check_app_token(access, at.slack.app_token),
            check_channels(access, settings),
            check_admins(access, settings),
        )
        return [finding for each in tried async for finding in each]


CHECKED = (
    "apps.connections.open",
    "auth.test",
    "conversations.info",
    "conversations.list",
    "usergroups.list",
    "usergroups.users.list",
    "users.conversations",
    "users.info",
    "users.lookupByEmail",
)


@pytest.mark.parametrize("method", CHECKED)
async def test_the_check_reports_malformed_answers(at, tmp_path, method):
    for name, answer in ALL.items():
        at.slack.faults.answer(method, answer)
        found = await findings(at, tmp_path)
        at.slack.faults.clear()
        assert Verdict.FAILED in {finding.state for finding in found}, name


@KIND
async def test_reconciling_reports_that_slack_does_not_answer(at, kind):
    at.slack.faults.answer("users.conversations", ALL[kind])
    comparison = SlackComparison(at.context, clock=Clock(), progress=Progress(Clock()))

    with pytest.raises(SlackUnavailableError):
        await comparison.run(mend=True, days=None)


# Files


@pytest.fixture
def with_files(at, tmp_path):
    """The context with a store for attachments."""
    store = Store(tmp_path / "files")
    store.open()
    at.courier._context = replace(at.context, store=store)
    at.courier._lookup._context = at.courier._context
    at.context = at.courier._context
    return at


async def share_file(at) -> None:
    """Share a file; the courier downloads it and uploads it under the card."""
    await at.slack.write(DORA, SHARED, "See this", files=("a.pdf",))
    await take_in(at.context, at.slack.envelopes[-1].payload["event"])


@pytest.mark.parametrize(
    "method", ["files.info", "files.getUploadURLExternal", "files.completeUploadExternal", "upload"]
)
@pytest.mark.parametrize("kind", ["503, a page", "a page"])
async def test_a_file_is_uploaded_once_after_any_malformed_answer(with_files, method, kind):
    at = with_files
    at.slack.faults.answer(method, ALL[kind], times=1)
    await share_file(at)
    at.start()
    await at.until(lambda: ("files", "sent") in at.outbox())

    (card,) = at.slack.messages(SUPPORT)
    assert len([reply for reply in at.slack.thread(SUPPORT, card.ts) if reply.files]) == 1


@pytest.mark.parametrize("kind", ["503, a text", "502, a page"])
async def test_a_failed_download_is_tried_again(with_files, kind):
    at = with_files
    at.slack.faults.answer("download", ALL[kind], times=1)
    await share_file(at)
    at.start()
    await at.until(lambda: at.read("SELECT state FROM attachments") == [("kept",)])


async def test_a_login_page_is_not_stored_as_a_shared_html_file(with_files):
    at = with_files
    at.slack.faults.answer("download", ALL["a page"])
    await at.slack.write(DORA, SHARED, "See this", files=("a.html",))
    (file,) = at.slack.state.files.values()
    file.changes |= {"mimetype": "text/html"}
    await take_in(at.context, at.slack.envelopes[-1].payload["event"])
    at.start()
    await at.until(lambda: at.read("SELECT state FROM attachments") == [("left out",)])

    assert at.read("SELECT why_not FROM attachments") == [("Slack answered with a page instead",)]


async def test_a_failed_call_in_a_background_task_is_one_log_line(at):
    at.slack.faults.answer("views.publish", ALL["a page"])

    async def publish():
        await at.context.client.views_publish(user_id=ANNA.user_id, view={"type": "home", "blocks": []})

    with capture_logs() as logs:
        at.context.background.do(publish(), name="home")
        await at.until(lambda: logs)

    (line,) = logs
    assert (line["event"], line["task"], line["log_level"]) == ("call in background task failed", "home", "warning")
