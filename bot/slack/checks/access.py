"""Checks the tokens, their scopes, the kind of workspace, and the difference between Slack's clock and ours."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp

from bot.clock import Clock
from bot.reports.findings import Finding, Findings, failed, failed_by, ok, skipped, warning
from bot.settings.proxies import DIRECT, Proxies
from bot.slack.api.client import SlackClient
from bot.slack.api.errors import CALL_ERRORS, FailureKind, read_failure
from bot.slack.checks.scopes import SCOPES
from bot.slack.socket_mode.websocket import AppTokenError
from bot.slack.startup import BotTokenError

CALL_SECONDS = 10
REINSTALL = (
    "Paste `casebook manifest` into the app under App Manifest, then choose Reinstall to Workspace under Install App."
)
# Such a token must name a workspace in some calls: https://docs.slack.dev/enterprise/developing-for-enterprise-orgs
ORG_WIDE = (
    "every full member of the organisation counts as your own, and Slack refuses #names of channels, the user group"
    " and the list of channels for reading back what was missed"
)
_OFF, _FAR_OFF = timedelta(seconds=5), timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The bot's identity, from the answer of auth.test."""

    home_team: str
    team_name: str
    user_name: str
    enterprise_id: str  # of the organisation on Enterprise Grid; otherwise empty
    is_org_wide: bool  # installed for the whole organisation, not in one workspace
    scopes: frozenset[str] | None  # None when the answer does not name them
    slack_is_ahead: timedelta | None


class Access:
    """The Slack client for all checks, and the identity, which is asked for once."""

    def __init__(
        self,
        *,
        bot_token: str,
        api_url: str,
        session: aiohttp.ClientSession,
        clock: Clock,
        proxies: Proxies = DIRECT,
    ) -> None:
        self.client = SlackClient(
            clock=clock,
            proxies=proxies,
            token=bot_token,
            base_url=api_url,
            session=session,
            timeout=CALL_SECONDS,
            retry_handlers=[],
        )
        self.host = urlsplit(api_url).netloc
        self._clock = clock
        self._asking: asyncio.Task[Identity | Finding] | None = None

    async def identity(self) -> Identity | Finding:
        """The bot's identity, or the fault of the token; the first caller asks Slack, the others share the answer."""
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)

    async def _ask(self) -> Identity | Finding:
        before = self._clock.now()
        try:
            answer = await self.client.auth_test()
        except CALL_ERRORS as error:
            failure = read_failure(error)
            if failure.kind is FailureKind.REFUSED:
                return failed_by("bot token", BotTokenError(failure.error))
            return _no_answer("bot token", failure.error, self.host)
        headers = {name.lower(): str(value) for name, value in answer.headers.items()}
        return Identity(
            home_team=str(answer["team_id"]),
            team_name=str(answer.get("team") or ""),
            user_name=str(answer.get("user") or ""),
            enterprise_id=str(answer.get("enterprise_id") or ""),
            is_org_wide=bool(answer.get("is_enterprise_install")),
            scopes=_scopes(headers),
            slack_is_ahead=_ahead(headers, before, self._clock.now()),
        )


async def check_access(access: Access) -> Findings:
    """The bot token, the workspace, the scopes, which every response of Slack has in a header, and Slack's clock."""
    identity = await access.identity()
    if isinstance(identity, Finding):
        yield identity
        return
    yield ok("bot token", f"{identity.user_name} in {identity.team_name} ({identity.home_team})")
    yield _workspace_finding(identity)
    yield _scopes_finding(identity.scopes)
    if identity.slack_is_ahead is not None:
        yield _clock_finding(identity.slack_is_ahead)


async def check_app_token(access: Access, app_token: str) -> Findings:
    """The app token, by asking for the URL of a socket, without connecting.

    It does not show whether Socket Mode is switched on in the app; the manifest does that.
    """
    if not app_token:
        yield skipped("app token", "SLACK_APP_TOKEN is not set, so nothing written in Slack is read")
        return
    try:
        answer = await access.client.apps_connections_open(app_token=app_token)
    except CALL_ERRORS as error:
        failure = read_failure(error)
        if failure.kind is not FailureKind.REFUSED:
            yield _no_answer("app token", failure.error, access.host)
            return
        scope = " (connections:write)" if failure.error == "missing_scope" else ""
        yield failed_by("app token", AppTokenError(failure.error + scope))
        return
    yield ok("app token", f"takes a socket at {urlsplit(str(answer['url'])).hostname}")


def _clock_finding(ahead: timedelta) -> Finding:
    """The difference between Slack's clock and ours, and what to do about it."""
    seconds = abs(ahead.total_seconds())
    if abs(ahead) <= _OFF:
        return ok("clock", f"Slack's clock and this machine's agree to {max(1, round(seconds))} s")
    found = f"Slack's clock is {seconds:.0f} s {'ahead of' if ahead > timedelta() else 'behind'} this machine's"
    advice = "Let this machine set its clock by NTP: silence and the order of messages are measured with it."
    return (failed if abs(ahead) > _FAR_OFF else warning)("clock", found, advice)


def _workspace_finding(us: Identity) -> Finding:
    """A single workspace, one of an organisation (Enterprise Grid), or an installation for a whole organisation."""
    if us.is_org_wide:
        return failed(
            "workspace",
            f"the app is installed for the whole organisation {us.enterprise_id}: {ORG_WIDE}",
            ("Remove it from the organisation, and install it to the one workspace where your support team works."),
        )
    if us.enterprise_id:
        found = f"{us.home_team} is one workspace of the organisation {us.enterprise_id} (Enterprise Grid)"
        return ok("workspace", f"{found}; its members count as your own, those of other workspaces alone do not")
    return ok("workspace", f"{us.home_team} stands by itself")


def _scopes_finding(granted: frozenset[str] | None) -> Finding:
    if granted is None:
        return warning("scopes", "Slack's answer does not name them")
    missing = [f"{scope} ({why})" for scope, why in SCOPES.items() if scope not in granted]
    more = sorted(granted - SCOPES.keys())
    not_needed = f"; not needed: {', '.join(more)}" if more else ""
    if missing:
        return failed("scopes", f"missing: {', '.join(missing)}{not_needed}", REINSTALL)
    if more:
        return warning("scopes", f"all {len(SCOPES)} are there{not_needed}", REINSTALL)
    return ok("scopes", f"all {len(SCOPES)} are there, and no other")


def _scopes(headers: Mapping[str, str]) -> frozenset[str] | None:
    if "x-oauth-scopes" not in headers:
        return None
    return frozenset(scope.strip() for scope in headers["x-oauth-scopes"].split(",") if scope.strip())


def _ahead(headers: Mapping[str, str], before: datetime, after: datetime) -> timedelta | None:
    """How far Slack's clock is ahead of ours; the Date header has whole seconds, so half a second is added."""
    try:
        slack_time = parsedate_to_datetime(headers["date"])
        return slack_time + timedelta(seconds=0.5) - (before + (after - before) / 2)
    except (KeyError, ValueError, TypeError):  # no date, an unreadable one, or one without a time zone
        return None


def _no_answer(what: str, found: str, host: str) -> Finding:
    return failed(
        what, found, f"See that this machine reaches {host} over HTTPS, and look at https://slack-status.com."
    )
