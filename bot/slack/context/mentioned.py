"""The people whom a message mentions: looked up before it is stored only where that decides its case (design 3.3)."""

from dataclasses import replace
from typing import Any

from bot.slack.context.context import SlackContext
from bot.slack.context.people import Person
from bot.slack.payloads.events import MessageEvent
from bot.slack.screens import text
from casebook.incoming import Incoming, Standing
from casebook.outbound import corrections
from casebook.records.case_ids import cases_named

MOST_LOOKED_UP = 20  # of one message; the others stay as their IDs unless they are known already
_SHOWN_ONLY = (Standing.CUSTOMER, Standing.REMARK)  # whom they mention decides nothing


async def people_in(context: SlackContext, reading: MessageEvent, *, decides: bool) -> dict[str, Person]:
    """Those who are mentioned, as far as they are known, by ID.

    Where they decide the case the first of them are asked for, which may raise LookupFailedError.
    """
    if decides:
        await context.people.all_of(text.mentioned(reading.own)[:MOST_LOOKED_UP])
    return context.people.remembered(text.mentioned(reading.text))


def words(markup: str, people: dict[str, Person]) -> str:
    """The text with the names that are known."""
    return text.plain(markup, {person.user_id: person.name or person.user_id for person in people.values()})


def texts(reading: MessageEvent, people: dict[str, Person]) -> dict[str, Any]:
    """What a message says as the book takes it: all of it, what is newly written, and what counts for the rules."""
    body = words(reading.text, people)
    new_text, named = text.without_quotes(body), cases_named(body)
    said = {"body": body, "new_text": new_text, "own_text": None, "cases_named": named}
    if reading.own == reading.text:
        return said
    own = words(reading.own, people)
    own_text = text.without_quotes(own)
    return said | {"own_text": None if own_text == new_text else own_text, "cases_named": cases_named(own)}


def fill_in_later(context: SlackContext, reading: MessageEvent, incoming: Incoming) -> None:
    """Look the others up once the message is stored and acknowledged; what is lost in a crash is only a name."""
    mentioned = text.mentioned(reading.text)
    known = context.people.remembered(mentioned)
    unknown = [each for each in mentioned if each not in known][:MOST_LOOKED_UP]
    if unknown and incoming.standing in _SHOWN_ONLY:
        context.background.do(_fill_in(context, reading, incoming, unknown), name="names of those mentioned")


async def _fill_in(context: SlackContext, reading: MessageEvent, incoming: Incoming, unknown: list[str]) -> None:
    await context.people.in_passing(unknown)
    named = replace(incoming, **texts(reading, context.people.remembered(text.mentioned(reading.text))))
    if named.body == incoming.body:
        return
    if await context.desk.do(corrections.name_people, incoming, named=named, now=context.clock.now()):
        context.wake()
