"""Publishes the App Home tab: the open cases for an admin, their own case for a customer (design 3.9)."""

from typing import Any

import structlog

from bot.slack.api.errors import CALL_ERRORS, read_failure
from bot.slack.context.authorization import authorize, refusal_of
from bot.slack.context.context import SlackContext
from bot.slack.context.permissions import Act, may
from bot.slack.screens import home
from bot.slack.screens.limits import checked_view
from casebook import queries
from casebook.reports import statistics
from casebook.views import Filter

log = structlog.get_logger("casebook.slack")


async def publish(
    context: SlackContext, user_id: str, *, which: Filter = Filter.ALL, page: int = 1, said: str = ""
) -> None:
    """Publish a person's current Home tab; `said` is the answer to the button that they pressed there."""
    view = await _view_for(context, user_id, which=which, page=page, said=said)
    await context.client.views_publish(user_id=user_id, view=checked_view(view))


async def _view_for(context: SlackContext, user_id: str, *, which: Filter, page: int, said: str) -> dict[str, Any]:
    granted = await authorize(context, user_id, Act.HOME, Act.OWN_HOME, what="the Home tab")
    now = context.clock.now()
    if granted.act is None:
        return home.refusal_view(granted.refusal)
    if granted.act is Act.OWN_HOME:
        return home.customer_view(await context.desk.do(queries.line_of, user_id), said)
    shown = await context.desk.do(statistics.overview)
    cases = await context.desk.do(queries.open_cases, which, person=user_id, page=page, size=home.CASES_PER_PAGE)
    names = await context.people.names(line.assigned_to for line in cases.lines)
    return home.team_view(shown, cases, which, names=names, now=now, result=said)


async def clear(context: SlackContext, user_id: str) -> None:
    """Remove the cases from the Home tab of somebody who is no longer an admin; an admin's tab is left as it is.

    They requested nothing, so no refusal is logged.
    """
    person = await context.people.look_up_for_action(user_id)
    if person.is_admin:
        return
    if may(person.role, Act.OWN_HOME):
        view = home.customer_view(await context.desk.do(queries.line_of, user_id), "")
    else:
        view = home.refusal_view(refusal_of(person))
    try:
        await context.client.views_publish(user_id=user_id, view=checked_view(view))
    except CALL_ERRORS as error:  # a deactivated person has no Home tab
        log.info("home not cleared", error=read_failure(error).error)
