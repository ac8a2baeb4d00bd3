"""Reads somebody's role from Slack's `user` object; pure (design 3.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.context.permissions import Role
from bot.slack.payloads.app_posts import SLACKBOT


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminRules:
    """Who is an admin, according to the settings."""

    user_ids: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    usergroup: str = ""  # ID or handle
    ignore_home_members: bool = False


def role_of(user: Mapping[str, Any], *, home_team: str, rules: AdminRules, in_group: bool) -> Role:
    """The role of a `user` object from users.info.

    A guest, a bot or somebody from another organisation is never an admin, even if a setting lists them.
    https://docs.slack.dev/reference/objects/user-object
    """
    if user.get("is_bot") or user.get("id") == SLACKBOT:
        return Role.BOT
    if user.get("deleted"):
        return Role.GONE
    guest = user.get("is_restricted") or user.get("is_ultra_restricted")
    if guest or not is_home_member(user, home_team):
        return Role.CUSTOMER
    email = str((user.get("profile") or {}).get("email") or "").lower()
    if user.get("id") in rules.user_ids or in_group or (email and email in rules.emails):
        return Role.ADMIN
    return Role.COLLEAGUE if rules.ignore_home_members else Role.CUSTOMER


def is_home_member(user: Mapping[str, Any], home_team: str) -> bool:
    """Whether a `user` object belongs to the home workspace.

    On Enterprise Grid one person may be a member of several workspaces of an organisation: `team_id` is then one of
    them, or the organisation, and `enterprise_user.teams` lists them all. If the app is installed for the whole
    organisation, the organisation is the home.
    """
    if user.get("is_stranger"):
        return False
    own = user.get("team_id") or (user.get("profile") or {}).get("team") or home_team
    enterprise = user.get("enterprise_user") or {}
    return home_team in (own, enterprise.get("enterprise_id"), *(enterprise.get("teams") or ()))


def name_of(user: Mapping[str, Any]) -> str:
    """The real name of a `user` object, otherwise the best name that it has."""
    profile = user.get("profile") or {}
    names = (user.get("real_name"), profile.get("real_name"), profile.get("display_name"), user.get("name"))
    return next((str(name) for name in names if name), str(user.get("id", "")))


def why_never_admin(user: Mapping[str, Any], home_team: str) -> str:
    """Why this `user` object can never be an admin; empty for a full member of the home workspace."""
    role = role_of(user, home_team=home_team, rules=AdminRules(), in_group=True)
    if role is Role.ADMIN:
        return ""
    if role is Role.CUSTOMER:
        return _why_outsider(user, home_team)
    return {Role.BOT: "a bot", Role.GONE: "deactivated"}[role]


def _why_outsider(user: Mapping[str, Any], home_team: str) -> str:
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return "a guest"
    if user.get("enterprise_user") and not is_home_member(user, home_team) and not user.get("is_stranger"):
        return "not a member of this workspace"
    return "of another organisation"
