"""Checks that the admins of the settings can be admins on Slack: guests, bots and outsiders cannot (design 3.2)."""

from collections.abc import Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.reports.findings import Finding, Findings, failed, ok, skipped, warning
from bot.settings import Settings
from bot.slack.api.errors import CALL_ERRORS, read_failure
from bot.slack.checks.access import REINSTALL, Access, Identity
from bot.slack.context.membership import name_of, why_never_admin
from bot.slack.context.people import LookupFailedError, find_group

_MOST_MEMBERS = 30  # of the user group that are looked up: Slack limits the calls
_GROUP, _IDS, _EMAILS = "ADMIN_SLACK_USERGROUP", "ADMIN_SLACK_IDS", "ADMIN_EMAILS"


async def check_admins(access: Access, settings: Settings) -> Findings:
    """The user group, each user ID and each address of the settings."""
    us = await access.identity()
    if isinstance(us, Finding):
        yield skipped("admins", "not tried, since the bot token does not work")
        return
    if settings.admin_slack_usergroup:
        yield await _group(access.client, us, settings.admin_slack_usergroup)
    for user_id in sorted(settings.admin_slack_ids):
        yield await _user(access.client, us, user_id)
    for email in sorted(settings.admin_emails):
        yield await _address(access.client, us, email)


async def _group(client: AsyncWebClient, us: Identity, usergroup: str) -> Finding:
    try:
        members = (await client.usergroups_users_list(usergroup=await find_group(client, usergroup)))["users"]
        members_shown = [(await client.users_info(user=user_id))["user"] for user_id in members[:_MOST_MEMBERS]]
    except LookupFailedError:
        return failed(
            _GROUP,
            f"Slack knows no user group {usergroup}",
            "Write its ID or its handle; one that is disabled has none.",
        )
    except CALL_ERRORS as error:
        return _unanswered(_GROUP, error)
    without = [f"{name_of(user)} ({why})" for user in members_shown if (why := why_never_admin(user, us.home_team))]
    found = f"{usergroup} has {len(members)} member{'' if len(members) == 1 else 's'}"
    if not members:
        return warning(_GROUP, found, "Add your support team to it.")
    if without:
        return warning(_GROUP, f"{found}; without power: {', '.join(without)}", "Only full members can be admins.")
    return ok(_GROUP, found)


async def _user(client: AsyncWebClient, us: Identity, user_id: str) -> Finding:
    try:
        user: Mapping[str, Any] = (await client.users_info(user=user_id))["user"]
    except CALL_ERRORS as error:
        if read_failure(error).error in ("user_not_found", "user_not_visible"):
            return failed(_IDS, f"Slack knows nobody called {user_id}", "Copy the member ID from their profile.")
        return _unanswered(_IDS, error)
    if why := why_never_admin(user, us.home_team):
        return failed(
            _IDS, f"{user_id} is {name_of(user)}, {why}, and so no admin", "Name full members of your workspace."
        )
    return ok(_IDS, f"{user_id} is {name_of(user)}")


async def _address(client: AsyncWebClient, us: Identity, email: str) -> Finding:
    """An address that nobody on Slack has is no fault: that admin writes by mail only."""
    try:
        user: Mapping[str, Any] = (await client.users_lookupByEmail(email=email))["user"]
    except CALL_ERRORS as error:
        if read_failure(error).error == "users_not_found":
            return ok(_EMAILS, f"nobody on Slack has {email}: an admin by mail only")
        return _unanswered(_EMAILS, error)
    if why := why_never_admin(user, us.home_team):
        return warning(_EMAILS, f"{email} is {name_of(user)}, {why}: an admin by mail, and none on Slack")
    return ok(_EMAILS, f"{email} is {name_of(user)}")


def _unanswered(what: str, error: Exception) -> Finding:
    failure = read_failure(error)
    advice = f"Try again in {failure.retry_after:g} s." if failure.retry_after else ""
    return failed(
        what, f"Slack does not say: {failure.error}", REINSTALL if failure.error == "missing_scope" else advice
    )
