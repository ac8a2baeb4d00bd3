"""The people whom a message mentions: looked up before it is stored only if they decide its case (design 3.3)."""

from dataclasses import replace
from typing import Any

from bot.slack.context.context import SlackContext
from bot.slack.context.people import Person
from bot.slack.payloads.events import MessageEvent
from bot.slack.screens import text
from casebook.incoming import Incoming, Standing
from casebook.outbound import corrections
from casebook.records.case_ids import cases_named

MAX_MENTIONS_LOOKED_UP = 20  # of one message; the others appear as IDs unless they are in the cache
_MENTIONS_ONLY_SHOWN = (Standing.CUSTOMER, Standing.REMARK)  # their mentions decide nothing


async def mentioned_people(context: SlackContext, event: MessageEvent, *, decides: bool) -> dict[str, Person]:
    """The mentioned people who are in the cache, by ID.

    If mentions decide the case, the first ones are looked up before; that raises LookupFailedError.
    """
    if decides:
        await context.people.look_up_all(text.mentioned(event.own)[:MAX_MENTIONS_LOOKED_UP])
    return context.people.cached(text.mentioned(event.text))


def _with_names(markup: str, people: dict[str, Person]) -> str:
    """The text with the known names in place of mentions."""
    return text.plain(markup, {person.user_id: person.name or person.user_id for person in people.values()})


def message_texts(event: MessageEvent, people: dict[str, Person]) -> dict[str, Any]:
    """The text fields of an Incoming: the whole text, the text without quotes, the writer's own, and case IDs."""
    body = _with_names(event.text, people)
    new_text, named = text.without_quotes(body), cases_named(body)
    fields = {"body": body, "new_text": new_text, "own_text": None, "cases_named": named}
    if event.own == event.text:
        return fields
    own = _with_names(event.own, people)
    own_text = text.without_quotes(own)
    return fields | {"own_text": None if own_text == new_text else own_text, "cases_named": cases_named(own)}


def add_names_later(context: SlackContext, event: MessageEvent, incoming: Incoming) -> None:
    """Look up unknown people after the message is stored and acknowledged; a crash loses nothing but names."""
    mentioned = text.mentioned(event.text)
    known = context.people.cached(mentioned)
    unknown = [each for each in mentioned if each not in known][:MAX_MENTIONS_LOOKED_UP]
    if unknown and incoming.standing in _MENTIONS_ONLY_SHOWN:
        context.background.do(_add_names(context, event, incoming, unknown), name="look up mentioned people")


async def _add_names(context: SlackContext, event: MessageEvent, incoming: Incoming, unknown: list[str]) -> None:
    await context.people.look_up_names(unknown)
    named = replace(incoming, **message_texts(event, context.people.cached(text.mentioned(event.text))))
    if named.body == incoming.body:
        return
    if await context.desk.do(corrections.name_people, incoming, named=named, now=context.clock.now()):
        context.wake()
