"""Somebody is not who they were, or the user group is not: what we knew is forgotten at once (design 3.2)."""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.slack import home
from bot.slack.context.context import SlackContext

# https://docs.slack.dev/reference/events; Slack tells one process of each.
PERSON, MEMBERS, GROUP = "user_change", "subteam_members_changed", "subteam_updated"
EVENTS = (PERSON, MEMBERS, GROUP)


async def heard(context: SlackContext, event: Mapping[str, Any]) -> None:
    """Forget whom this is about, and take the cases off the Home of whoever is no admin any more."""
    people = context.people
    affected = _about(event)
    had_power = people.admins()
    for user_id in affected:
        people.forget(user_id)
    if event.get("type") != PERSON:
        people.forget_group()
    # Nobody else's Home shows cases; who left the group is named, though we may not have met them since our start.
    removed = set(map(str, event.get("removed_users") or ()))
    for user_id in sorted(removed | (had_power & affected if event.get("type") == PERSON else had_power)):
        context.background.do(home.clear(context, user_id), name="home")


def _about(event: Mapping[str, Any]) -> frozenset[str]:
    """The IDs of those who are named as changed."""
    if event.get("type") == PERSON:
        user = event.get("user") or {}
        return frozenset({str(user.get("id") or "")})
    group: Mapping[str, Any] = event.get("subteam") or {}
    named: Iterable[Any] = (
        *(event.get("added_users") or ()),
        *(event.get("removed_users") or ()),
        *(group.get("users") or ()),
    )
    return frozenset(map(str, named))
