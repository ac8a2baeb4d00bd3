"""Opens the Slack context at start-up: the bot's identity, the channels, and one sentence for each fault."""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial

import aiohttp
import structlog
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.clock import Clock
from bot.desk import Desk
from bot.files.store import Store
from bot.runtime.threads import in_thread
from bot.settings import Settings
from bot.settings.kinds import HomeMembers
from bot.slack.api.client import SlackClient
from bot.slack.api.errors import CALL_ERRORS, FailureKind, read_failure
from bot.slack.context.background import BackgroundTasks
from bot.slack.context.channels import SlackUnavailableError, find_channels
from bot.slack.context.context import SlackContext
from bot.slack.context.members import Members
from bot.slack.context.membership import AdminRules
from bot.slack.context.people import People
from casebook.admin import inspection
from casebook.errors import CasebookError

log = structlog.get_logger("casebook.slack")

CALL_SECONDS = 20


class BotTokenError(CasebookError):
    """Slack does not take SLACK_BOT_TOKEN; copy it anew from "OAuth & Permissions" of the app."""

    def __init__(self, error: str = "") -> None:
        super().__init__(f"{BotTokenError.__doc__} Slack says: {error}." if error else None)


def web_client(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> SlackClient:
    """The client for the Web API, on one shared session.

    It has no retry handlers: the outbox retries. A handler that posts again after a broken connection posts twice.
    """
    return SlackClient(
        clock=clock,
        proxies=settings.proxies,
        token=settings.slack_bot_token.reveal(),
        base_url=settings.slack_api_url,
        session=session,
        timeout=CALL_SECONDS,
        retry_handlers=[],
    )


async def open_context(
    settings: Settings,
    client: SlackClient,
    *,
    desk: Desk,
    clock: Clock,
    wake: Callable[[], None],
    count: Callable[[str, str], None],
    store: Store | None = None,
) -> SlackContext:
    """Ask Slack for the bot's identity, and look up the channels.

    Raises BotTokenError or ChannelError with what to do about it, SlackUnavailableError while Slack does not answer.
    """
    us = await _identity(client)
    # Read on a connection of its own: faults in the settings are reported before the database is changed.
    changes = await in_thread(partial(inspection.channel_changes, settings.database_url.reveal()))
    channels = await find_channels(client, staff_channels(settings), settings.customer_slack_channels, changes)
    _warn_of_old_ids(channels.configured, changes)
    home_team = str(us["team_id"])
    return SlackContext(
        client=client,
        desk=desk,
        people=People(client, home_team=home_team, rules=admin_rules(settings), clock=clock),
        members=Members(client, clock=clock),
        channels=channels,
        clock=clock,
        limits=settings.limits,
        undo=timedelta(seconds=settings.undo_seconds),
        home_team=home_team,
        our_user=str(us["user_id"]),
        our_bot=str(us.get("bot_id") or ""),
        workspace_url=str(us.get("url") or "https://slack.com/"),
        wake=wake,
        count=count,
        background=BackgroundTasks(),
        store=store,
        customer_apps=settings.customer_apps,
    )


async def _identity(client: SlackClient) -> AsyncSlackResponse:
    try:
        us = await client.auth_test()
    except CALL_ERRORS as error:
        failure = read_failure(error)
        if failure.kind is FailureKind.REFUSED:
            raise BotTokenError(failure.error) from error
        raise SlackUnavailableError(f"Slack did not answer at start-up: {failure.error}") from error
    if us.get("is_enterprise_install"):
        log.warning(
            "app installed for a whole organisation; `casebook check` lists what does not work", team=us["team_id"]
        )
    return us


def _warn_of_old_ids(written: Iterable[tuple[str, str]], changes: Mapping[str, str]) -> None:
    """Warn that settings hold channel IDs that Slack has changed; they work, but should be corrected."""
    for variable, channel in written:
        if channel in changes:
            log.warning(
                "a setting names a channel whose ID Slack has changed", setting=variable, write=changes[channel]
            )


def staff_channels(settings: Settings) -> dict[str, str]:
    """The channel of each variable that names a team channel."""
    return {
        "SUPPORT_SLACK_CHANNEL": settings.support_slack_channel,
        "ALERTING_SLACK_CHANNEL": settings.alerting_slack_channel,
        "LOGGING_SLACK_CHANNEL": settings.logging_slack_channel,
    }


def admin_rules(settings: Settings) -> AdminRules:
    """The rules for who is an admin on Slack, from the settings."""
    return AdminRules(
        user_ids=settings.admin_slack_ids,
        emails=settings.admin_emails,
        usergroup=settings.admin_slack_usergroup,
        ignore_home_members=settings.home_members is HomeMembers.IGNORE,
    )
