"""The only place that checks whether somebody may do something; every refusal is logged (design 3.2)."""

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
_NO_ANSWER = "Slack did not tell me what I need for that, so I did nothing. Please try again in a minute."
_UNKNOWN = "I could not find out who you are just now, so I did nothing. Please try again in a minute."


@dataclass(frozen=True, slots=True)
class Authorization:
    """Who somebody is, and which of the requested acts they may do."""

    person: Person
    act: Act | None  # None: they may do none of them
    refusal: str = ""  # then the reason, as a sentence for that person


async def authorize(context: SlackContext, user_id: str, *acts: Act, what: str) -> Authorization:
    """Find the first of `acts` that somebody may do; `what` describes the attempt for the log channel.

    Somebody who cannot be looked up may do nothing.
    """
    person = await context.people.look_up_for_action(user_id)
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
    """Why somebody may not do what admins may, as a sentence for them."""
    return _REFUSALS.get(person.role, _UNKNOWN)


async def carry_out(
    context: SlackContext, user_id: str, act: Act, *, what: str, run: Callable[[Person], Awaitable[str]]
) -> str:
    """Run an operation if somebody may do it, and return a sentence for them that describes the result.

    A permanent CasebookError and a failed call to Slack also become a sentence, because the person can try again.
    Raises a CasebookError that is not permanent.
    """
    authorization = await authorize(context, user_id, act, what=what)
    if authorization.act is None:
        return authorization.refusal
    try:
        answer = await run(authorization.person)
    except (LookupFailedError, *CALL_ERRORS) as error:
        log.warning("operation failed: no answer from slack", what=what, error=type(error).__name__)
        answer = _NO_ANSWER
    except CasebookError as error:
        if not error.permanent:
            raise
        answer = str(error)
    context.wake()
    return answer
