"""The people whom a message mentions: looked up before it is stored only where that decides its case (design 3.3)."""

from bot.slack.events import Reading
from bot.slack.office import Office
from bot.slack.people import Person
from bot.slack.screens import text
from casebook import corrections
from casebook.incoming import Incoming, Standing

MOST_LOOKED_UP = 20  # of one message; the others stay as their IDs unless they are known already
_SHOWN_ONLY = (Standing.CUSTOMER, Standing.REMARK)  # whom they mention decides nothing


async def people_in(office: Office, markup: str, *, decides: bool) -> dict[str, Person]:
    """Those who are mentioned, as far as they are known, by ID.

    Where they decide the case the first of them are asked for, which may raise LookupFailedError.
    """
    ids = text.mentioned(markup)
    if decides:
        await office.people.all_of(ids[:MOST_LOOKED_UP])
    return office.people.remembered(ids)


def words(markup: str, people: dict[str, Person]) -> str:
    """The text with the names that are known."""
    return text.plain(markup, {person.user_id: person.name or person.user_id for person in people.values()})


def fill_in_later(office: Office, reading: Reading, incoming: Incoming) -> None:
    """Look the others up once the message is stored and acknowledged; what is lost in a crash is only a name."""
    known = office.people.remembered(text.mentioned(reading.text))
    unknown = [each for each in text.mentioned(reading.text) if each not in known][:MOST_LOOKED_UP]
    if unknown and incoming.standing in _SHOWN_ONLY:
        office.afterwards.do(_fill_in(office, reading, incoming, unknown), name="names of those mentioned")


async def _fill_in(office: Office, reading: Reading, incoming: Incoming, unknown: list[str]) -> None:
    await office.people.in_passing(unknown)
    people = office.people.remembered(text.mentioned(reading.text))
    body = words(reading.text, people)
    if body == incoming.body:
        return
    changed = await office.desk.do(
        corrections.name_people,
        incoming,
        body=body,
        new_text=text.without_quotes(body),
        now=office.clock.now(),
    )
    if changed:
        office.wake()
