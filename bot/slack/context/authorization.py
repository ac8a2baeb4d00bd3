"""The one place where somebody is asked for and let in or not; every refusal is logged (design 3.2)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from bot.slack.api.errors import CALL_ERRORS
from bot.slack.context.context import SlackContext
from bot.slack.context.people import LookupFailedError, Person
from bot.slack.context.permissions import Act, Role, may
from casebook import notices
from casebook.errors import CasebookError

log = structlog.get_logger("casebook.slack")

_REFUSALS = {
    Role.CUSTOMER: "That is for the support team. You can use /case status: it says how your own case stands.",
    Role.COLLEAGUE: "That is for the support team, and you are not one of its admins.",
}
_SILENT = "Slack did not tell me what I need for that, so I did nothing. Please try again in a minute."
_UNKNOWN = "I could not find out who you are just now, so I did nothing. Please try again in a minute."


@dataclass(frozen=True, slots=True)
class Authorization:
    """Who somebody is, and which of the acts they asked for they may do."""

    person: Person
    act: Act | None
    refusal: str = ""  # why none of them, in a sentence for the person


async def authorize(context: SlackContext, user_id: str, *acts: Act, what: str) -> Authorization:
    """Let somebody do the first of `acts` that they may; `what` names for the log channel what they tried.

    Whoever cannot be looked up may do nothing.
    """
    person = await context.people.who_may(user_id)
    for act in acts:
        if may(person.role, act):
            return Authorization(person, act)
    log.warning("refused", tried=what, role=person.role.value)
    who = f"{person.name} ({user_id})" if person.name else user_id
    text = f"Refused: {who}, {person.role.value}, tried {what}."
    await context.desk.do(notices.log, text, now=context.clock.now())
    context.wake()
    return Authorization(person, None, refusal_of(person))


def refusal_of(person: Person) -> str:
    """Why somebody may not do what admins may, in a sentence for them."""
    return _REFUSALS.get(person.role, _UNKNOWN)


async def carry_out(
    context: SlackContext, user_id: str, act: Act, *, what: str, run: Callable[[Person], Awaitable[str]]
) -> str:
    """Let somebody do one thing if they may, and return the sentence that says what came of it.

    What the book refuses becomes its sentence, and so does a silence of Slack's: the person who waits can ask again.
    What else may work the next time is raised.
    """
    granted = await authorize(context, user_id, act, what=what)
    if granted.act is None:
        return granted.refusal
    try:
        said = await run(granted.person)
    except (LookupFailedError, *CALL_ERRORS) as error:
        log.warning("not done, since slack does not answer", what=what, error=type(error).__name__)
        said = _SILENT
    except CasebookError as error:
        if not error.permanent:
            raise
        said = str(error)
    context.wake()
    return said
