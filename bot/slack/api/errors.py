"""What went wrong in a call to Slack, and whether and when to try again."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

# Each word belongs to one of these at most: what is wrong with one channel must stop no other. The words are those of
# https://docs.slack.dev/reference/methods/chat.postMessage#errors and of conversations.history.
# Slack's side has a problem of its own, or the workspace is being moved.
PASSING_ERRORS = {
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
    "org_login_required",
    "accesslimited",
}
# The channel takes nothing at all; what it takes after that shows that the cause is mended.
CHANNEL_ERRORS = {
    "channel_not_found",
    "not_in_channel",
    "is_archived",
    "is_inactive",
    "restricted_action",
    "restricted_action_read_only_channel",
    "no_permission",
    "access_denied",
    "channel_is_limited_access",
    "channel_type_not_supported",
    "ekm_access_denied",  # the keys of an organisation can be withdrawn for one channel
    "team_access_not_granted",  # the channel may be another workspace's
    "messages_tab_disabled",
}
# The token is taken nowhere.
TOKEN_ERRORS = {
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "not_allowed_token_type",
    "two_factor_setup_required",
}


class FailureKind(StrEnum):
    """What a failed call means for what was to be said."""

    LIMITED = "limited"  # not said; Slack says how long to wait
    REFUSED = "refused"  # not said, and it will be refused again until somebody mends the cause
    AWAY = "away"  # not said: no line could be opened
    BROKEN = "broken"  # the line broke or Slack stumbled: it may have been said


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed call."""

    kind: FailureKind
    error: str  # Slack's own word where there is one
    retry_after: float = 0.0  # seconds


class UnreadableAnswerError(SlackApiError):
    """Slack said yes, and the rest of its answer cannot be read or lacks what we need of it."""

    def __init__(self, why: str, response: Any) -> None:
        # What it held may be customers' words, which no log shows.
        super().__init__(why, {})  # type: ignore[no-untyped-call]
        self.response = response
        self.why = why


# What a call to Slack may raise; everything else is a mistake of ours.
CALL_ERRORS = (SlackClientError, aiohttp.ClientError, asyncio.TimeoutError, OSError)

LONGEST_LIMIT = 3600.0  # seconds; a Retry-After beyond it is taken for a mistake of somebody between Slack and us


def read_failure(error: Exception) -> Failure:
    """Tell what one of CALL_ERRORS means."""
    if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
        return Failure(FailureKind.AWAY, f"Slack cannot be reached ({type(error).__name__})")
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return Failure(FailureKind.AWAY, f"the proxy refuses (HTTP {error.status})")
    if isinstance(error, UnreadableAnswerError):
        return Failure(FailureKind.BROKEN, error.why)
    if not isinstance(error, SlackApiError):
        return Failure(FailureKind.BROKEN, f"Slack does not answer ({type(error).__name__})")
    response = error.response
    status = getattr(response, "status_code", 200)
    word = error_word(error)
    if status == 429 or word in ("ratelimited", "rate_limited"):
        return Failure(FailureKind.LIMITED, "ratelimited", _seconds(getattr(response, "headers", None)))
    if status >= 500 or word in PASSING_ERRORS or not word:
        return Failure(FailureKind.BROKEN, word or f"HTTP {status}")
    return Failure(FailureKind.REFUSED, word)


def error_word(error: SlackApiError) -> str:
    """Slack's own word for what it refuses; empty where there is none."""
    data = getattr(error.response, "data", error.response)
    word = data.get("error") if isinstance(data, Mapping) else None
    return word if isinstance(word, str) else ""


def _seconds(headers: Any) -> float:
    """The seconds of a Retry-After header; one second where it is missing or unreadable."""
    named = {str(name).lower(): value for name, value in (headers or {}).items()}
    given = named.get("retry-after")
    text = str(given[0] if isinstance(given, list) and given else given)
    try:
        seconds = float(text)
    except ValueError:
        seconds = _until(text, str(named.get("date")))
    return min(max(0.0, seconds), LONGEST_LIMIT) if math.isfinite(seconds) else 1.0


def _until(moment: str, now: str) -> float:
    """The seconds to a moment, as HTTP writes it; NaN where either is none."""
    try:
        return (parsedate_to_datetime(moment) - parsedate_to_datetime(now)).total_seconds()
    except (ValueError, TypeError):
        return math.nan
