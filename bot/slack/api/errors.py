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

# Each error code belongs to at most one of these sets, because an error of one channel must not stop the others.
# Source: https://docs.slack.dev/reference/methods/chat.postMessage#errors and the same list of conversations.history.
# Slack has an internal problem, or the workspace is being migrated.
TRANSIENT_ERRORS = {
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
    "team_added_to_org",
    "org_login_required",
    "accesslimited",
}
# The channel accepts no posts at all; the next accepted post shows that the cause is gone.
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
    "ekm_access_denied",  # an organisation can revoke its encryption keys for one channel
    "team_access_not_granted",  # the channel may belong to another workspace
    "messages_tab_disabled",
}
# The token is not accepted anywhere.
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
    """Whether the call was carried out, as far as its failure shows."""

    RATE_LIMITED = "rate limited"  # not carried out; Slack says how long to wait
    REFUSED = "refused"  # not carried out, and refused again until somebody removes the cause
    UNREACHABLE = "unreachable"  # not carried out: no connection could be opened
    UNCERTAIN = "uncertain"  # the connection broke, or Slack failed: it may have been carried out


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed call."""

    kind: FailureKind
    error: str  # Slack's error code, or a description of ours if there is none
    retry_after: float = 0.0  # seconds


class UnreadableAnswerError(SlackApiError):
    """Slack reports success, but its answer cannot be read or lacks a field that we need."""

    def __init__(self, why: str, response: Any) -> None:
        # The answer may hold customers' messages, which must not appear in a log.
        super().__init__(why, {})  # type: ignore[no-untyped-call]
        self.response = response
        self.why = why


# What a call to Slack may raise; any other exception is a bug of ours.
CALL_ERRORS = (SlackClientError, aiohttp.ClientError, asyncio.TimeoutError, OSError)

LONGEST_RETRY_AFTER = 3600.0  # seconds; a longer Retry-After is taken for an error of a server in between


def read_failure(error: Exception) -> Failure:
    """Classify one of CALL_ERRORS."""
    if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
        return Failure(FailureKind.UNREACHABLE, f"Slack cannot be reached ({type(error).__name__})")
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return Failure(FailureKind.UNREACHABLE, f"the proxy refuses (HTTP {error.status})")
    if isinstance(error, UnreadableAnswerError):
        return Failure(FailureKind.UNCERTAIN, error.why)
    if not isinstance(error, SlackApiError):
        return Failure(FailureKind.UNCERTAIN, f"Slack does not answer ({type(error).__name__})")
    response = error.response
    status = getattr(response, "status_code", 200)
    code = error_code(error)
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return Failure(FailureKind.RATE_LIMITED, "ratelimited", _retry_after(getattr(response, "headers", None)))
    if status >= 500 or code in TRANSIENT_ERRORS or not code:
        return Failure(FailureKind.UNCERTAIN, code or f"HTTP {status}")
    return Failure(FailureKind.REFUSED, code)


def error_code(error: SlackApiError) -> str:
    """Slack's error code; empty if the answer has none."""
    data = getattr(error.response, "data", error.response)
    code = data.get("error") if isinstance(data, Mapping) else None
    return code if isinstance(code, str) else ""


def _retry_after(headers: Any) -> float:
    """The seconds of a Retry-After header; one second if it is missing or unreadable."""
    by_name = {str(name).lower(): value for name, value in (headers or {}).items()}
    value = by_name.get("retry-after")
    text = str(value[0] if isinstance(value, list) and value else value)
    try:
        seconds = float(text)
    except ValueError:
        seconds = _seconds_until(text, str(by_name.get("date")))
    return min(max(0.0, seconds), LONGEST_RETRY_AFTER) if math.isfinite(seconds) else 1.0


def _seconds_until(moment: str, now: str) -> float:
    """The seconds between two HTTP dates (RFC 9110, section 5.6.7); NaN if one of them is unreadable."""
    try:
        return (parsedate_to_datetime(moment) - parsedate_to_datetime(now)).total_seconds()
    except (ValueError, TypeError):
        return math.nan
