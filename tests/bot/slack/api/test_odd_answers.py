"""Every malformed answer to every method is one kind of failure, and no other exception."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.slack.api.answer_shapes import SHAPES
from bot.slack.api.client import SlackClient
from bot.slack.api.errors import CALL_ERRORS, FailureKind, read_failure
from fixtures.workspace.http.odd_answers import BARE, BROKEN, LIMITED, OddAnswer
from fixtures.workspace.methods import METHODS

CODE = sorted((Path(__file__).parents[4] / "bot").rglob("*.py"))
EVERY_METHOD = pytest.mark.parametrize("method", sorted(SHAPES))


def called() -> set[str]:
    """Every Web API method that the code calls."""
    found = set()
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and hasattr(AsyncWebClient, node.attr) and "_" in node.attr.strip("_"):
                owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
                if owner.strip("_").endswith("client"):
                    found.add(node.attr.replace("_", "."))
    return found - {"api.call"}


@pytest.fixture
async def client(slack):
    """The bot's own client, connected to the stand-in."""
    async with aiohttp.ClientSession() as session:
        yield SlackClient(
            clock=Clock(), token=slack.bot_token, base_url=slack.api_url, session=session, timeout=5, retry_handlers=[]
        )


async def result_of(slack, client, method: str, answer: OddAnswer):
    """The failure that this answer causes; None if the client accepts it."""
    slack.faults.answer(method, answer, times=1)
    try:
        await client.api_call(method, json={})
    except CALL_ERRORS as error:
        return read_failure(error)
    return None


def invalid_answers(method: str) -> Iterator[tuple[str, bytes]]:
    """Successful answers to this method in which one needed field has a wrong value."""
    for name, shape in SHAPES[method].items():
        if name.endswith("?"):
            continue
        for wrong in ("null", "7", '"a word"', '""', "[]", "[7]", "[null]", "{}", '{"id": 7}', "true"):
            others = [f'"{other}": {_valid(each)}' for other, each in SHAPES[method].items() if other != name]
            if not _fits(shape, wrong):
                yield f"{name}: {wrong}", f'{{"ok": true, {", ".join([*others, f""" "{name}": {wrong}"""])}}}'.encode()


def _valid(shape) -> str:
    if isinstance(shape, dict):
        return "{" + ", ".join(f'"{name}": {_valid(each)}' for name, each in shape.items() if name[-1] != "?") + "}"
    return f"[{_valid(shape[0])}]" if isinstance(shape, list) else '"X"'


def _fits(shape, wrong: str) -> bool:
    if wrong == '"a word"':
        return shape is str
    return wrong == "[]" if isinstance(shape, list) else wrong[0] == "{" and shape == {}


def test_every_called_method_is_tested_here():
    assert called() == set(SHAPES)
    assert set(SHAPES) <= set(METHODS)


@EVERY_METHOD
async def test_a_malformed_answer_is_an_uncertain_failure(slack, client, method):
    kinds = {name: await result_of(slack, client, method, answer) for name, answer in BROKEN.items()}

    assert {name: failure and failure.kind for name, failure in kinds.items()} == dict.fromkeys(
        BROKEN, FailureKind.UNCERTAIN
    )
    assert all(failure.error for failure in kinds.values())


@EVERY_METHOD
async def test_a_rate_limit_is_recognised_whatever_its_body(slack, client, method):
    kinds = [await result_of(slack, client, method, answer) for answer in LIMITED.values()]

    assert {(failure.kind, failure.retry_after) for failure in kinds} == {(FailureKind.RATE_LIMITED, 7.0)}


@EVERY_METHOD
async def test_success_without_a_needed_field_is_an_uncertain_failure(slack, client, method):
    failure = await result_of(slack, client, method, BARE)

    needed = [name for name in SHAPES[method] if not name.endswith("?")]
    assert (failure and failure.kind) == (FailureKind.UNCERTAIN if needed else None)
    assert failure is None or needed[0] in failure.error


@EVERY_METHOD
async def test_success_with_a_field_of_the_wrong_type_is_an_uncertain_failure(slack, client, method):
    kinds = {name: await result_of(slack, client, method, OddAnswer(body)) for name, body in invalid_answers(method)}

    assert {name: failure and failure.kind for name, failure in kinds.items()} == dict.fromkeys(
        kinds, FailureKind.UNCERTAIN
    )


@pytest.mark.parametrize("metadata", ["[]", "7", '"a word"', '{"next_cursor": 7}', '{"next_cursor": ["x"]}'])
async def test_a_page_with_an_invalid_cursor_is_an_uncertain_failure(slack, client, metadata):
    body = f'{{"ok": true, "messages": [], "response_metadata": {metadata}}}'.encode()

    failure = await result_of(slack, client, "conversations.history", OddAnswer(body))

    assert failure.kind is FailureKind.UNCERTAIN


@pytest.mark.parametrize("metadata", ["null", "{}", '{"next_cursor": ""}', '{"next_cursor": null}'])
async def test_the_last_page_is_recognised_in_every_form(slack, client, metadata):
    body = f'{{"ok": true, "messages": [], "response_metadata": {metadata}}}'.encode()

    assert await result_of(slack, client, "conversations.history", OddAnswer(body)) is None


async def test_the_content_of_a_malformed_answer_is_in_no_error_message(slack, client):
    slack.faults.answer("conversations.history", OddAnswer(b'{"ok": true, "messages": ["our secret"]}'))

    with pytest.raises(SlackApiError) as caught:
        await client.conversations_history(channel="C1")

    assert "our secret" not in str(caught.value)
    assert "our secret" not in repr(caught.value)


async def test_a_redirect_is_not_followed(slack, client):
    elsewhere = {"Location": f"{slack.api_url}api.test"}
    slack.faults.answer("chat.postMessage", OddAnswer(b"", 307, headers=elsewhere))

    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel="C1", text="our secret")

    assert [call.method for call in slack.calls] == ["chat.postMessage"]


@pytest.mark.parametrize("kind", ["503, a text", "a page", "a list", "302", "429, a page", "a yes alone"])
async def test_only_slacks_own_answers_set_the_clock(slack, client, kind):
    answer = (BROKEN | LIMITED | {"a yes alone": BARE})[kind]
    await client.auth_test()
    before = client.slack_time()
    wrong = {"Date": "Thu, 01 Jan 2015 00:00:00 GMT"}
    await result_of(slack, client, "auth.test", replace(answer, headers={**answer.headers, **wrong}))

    assert client.slack_time() >= before


async def test_an_unanswered_call_times_out(slack):
    async with aiohttp.ClientSession() as session:
        client = SlackClient(clock=Clock(), token=slack.bot_token, base_url=slack.api_url, session=session, timeout=0.2)
        slack.faults.hang("chat.postMessage")

        with pytest.raises(CALL_ERRORS) as caught:
            await client.chat_postMessage(channel="C1", text="Hello")

    assert read_failure(caught.value).kind is FailureKind.UNCERTAIN
