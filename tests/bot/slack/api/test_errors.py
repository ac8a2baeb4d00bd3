"""The classification of failed calls to Slack."""

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.api.backoff import LONGEST_WAIT, retry_delay
from bot.slack.api.errors import (
    CHANNEL_ERRORS,
    LONGEST_RETRY_AFTER,
    TOKEN_ERRORS,
    TRANSIENT_ERRORS,
    FailureKind,
    read_failure,
)


def refusal(status, body, headers=None):
    """A SlackApiError as the SDK raises it."""
    response = AsyncSlackResponse(
        client=AsyncWebClient(),
        http_verb="POST",
        api_url="chat.postMessage",
        req_args={},
        data=body,
        headers=headers or {},
        status_code=status,
    )
    return SlackApiError("refused", response)


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (
            refusal(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "7"}),
            FailureKind.RATE_LIMITED,
            "ratelimited",
        ),
        (refusal(200, {"ok": False, "error": "channel_not_found"}), FailureKind.REFUSED, "channel_not_found"),
        (refusal(200, {"ok": False, "error": "internal_error"}), FailureKind.UNCERTAIN, "internal_error"),
        (refusal(503, {"ok": False}), FailureKind.UNCERTAIN, "HTTP 503"),
        (aiohttp.ServerDisconnectedError(), FailureKind.UNCERTAIN, "Slack does not answer (ServerDisconnectedError)"),
        (aiohttp.ConnectionTimeoutError(), FailureKind.UNREACHABLE, "Slack cannot be reached (ConnectionTimeoutError)"),
        (TimeoutError(), FailureKind.UNCERTAIN, "Slack does not answer (TimeoutError)"),
    ],
)
def test_refusals_rate_limits_and_broken_connections_are_distinguished(error, kind, code):
    failure = read_failure(error)

    assert (failure.kind, failure.error) == (kind, code)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("2.5", 2.5),
        ("soon", 1.0),
        ("", 1.0),
        ("-5", 0.0),
        ("nan", 1.0),
        ("inf", 1.0),
        ("1e300", LONGEST_RETRY_AFTER),
        ("Sat, 28 Nov 2026 12:00:30 GMT", 1.0),
        (None, 1.0),
    ],
)
def test_the_wait_is_slacks_retry_after_or_one_second(header, seconds):
    headers = {} if header is None else {"retry-after": header}

    assert read_failure(refusal(429, {"ok": False, "error": "ratelimited"}, headers)).retry_after == seconds


def test_a_retry_after_that_is_a_date_is_compared_with_slacks_clock():
    headers = {"Retry-After": "Sat, 28 Nov 2026 12:00:30 GMT", "Date": "Sat, 28 Nov 2026 12:00:00 GMT"}

    assert read_failure(refusal(429, {}, headers)).retry_after == 30


def test_retry_delays_grow_up_to_a_minute():
    delays = [retry_delay(attempts) for attempts in range(1, 30)]

    assert 0.8 <= delays[0] <= 1.2
    assert delays[4] > delays[0] * 4
    assert max(delays) <= LONGEST_WAIT
    assert min(delays[10:]) >= 0.8 * LONGEST_WAIT


def test_each_error_code_is_in_only_one_set():
    codes = [*CHANNEL_ERRORS, *TOKEN_ERRORS, *TRANSIENT_ERRORS]

    assert len(codes) == len(set(codes))
