"""Changes of people and of the user group: drops what is cached about them at once (design 3.2)."""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.slack import home
from bot.slack.context.context import SlackContext

# https://docs.slack.dev/reference/events; Slack sends each to one process only.
PERSON, MEMBERS, GROUP = "user_change", "subteam_members_changed", "subteam_updated"
EVENTS = (PERSON, MEMBERS, GROUP)


async def handle(context: SlackContext, event: Mapping[str, Any]) -> None:
    """Drop what is cached about the people concerned, and clear the Home tab of whoever is no longer an admin."""
    people = context.people
    affected = _people_named(event)
    known_admins = people.admins()
    for user_id in affected:
        people.forget(user_id)
    if event.get("type") != PERSON:
        people.forget_group()
    # Only admins' Home tabs show cases. Removed members come from the event: they may not be cached since our start.
    removed = set(map(str, event.get("removed_users") or ()))
    for user_id in sorted(removed | (known_admins & affected if event.get("type") == PERSON else known_admins)):
        context.background.do(home.clear(context, user_id), name="home")


def _people_named(event: Mapping[str, Any]) -> frozenset[str]:
    """The user IDs that the event names."""
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
