"""`/case`: reading what was typed, and the operation and answer for each word (design 3.8)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.slack.gate import admit
from bot.slack.office import Office
from bot.slack.people import Person
from bot.slack.permissions import Act
from bot.slack.screens import command_answers
from bot.slack.screens.blocks import Said
from bot.slack.screens.text import clip
from casebook import cases, figures, queries
from casebook.errors import CasebookError
from casebook.naming import typed_case
from casebook.views import Filter


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed after `/case`."""

    word: str
    rest: str

    @property
    def case_id(self) -> str | None:
        """The case that stands first after the word; None when there is none."""
        first = self.rest.split(maxsplit=1)
        return typed_case(first[0]) if first else None

    @property
    def after_case(self) -> str:
        """What stands after the case."""
        parts = self.rest.split(maxsplit=1)
        return parts[1].strip() if len(parts) > 1 else ""


def read_command(text: str) -> Typed:
    """Split what was typed into its first word, in lower case, and the rest; nothing typed asks for help."""
    parts = text.strip().split(maxsplit=1)
    if not parts:
        return Typed("help", "")
    return Typed(parts[0].lower(), parts[1].strip() if len(parts) > 1 else "")


async def answer(office: Office, *, user_id: str, typed: Typed) -> Said:
    """Do what was typed, if this person may, and say what came of it."""
    word = WORDS.get(typed.word)
    acts = word.acts if word else (Act.HELP,)
    admission = await admit(office, user_id, *acts, what=f"/case {clip(typed.word, 40)}")
    if admission.act is None:
        return command_answers.sentence(admission.refusal)
    if admission.act is Act.OWN_STATUS:
        line = await office.desk.do(queries.line_of, user_id)
        return command_answers.own_status(line, office.clock.now())
    if word is None:
        return command_answers.sentence(
            f"I do not know /case {clip(typed.word, 40)}. Possible are: {', '.join(WORDS)}."
        )
    try:
        said = await word.run(office, admission.person, typed)
    except CasebookError as error:
        if not error.permanent:
            raise
        return command_answers.sentence(str(error))
    office.wake()
    return said


async def _status(office: Office, _person: Person, typed: Typed) -> Said:
    now = office.clock.now()
    if not typed.rest:
        return command_answers.overview(await office.desk.do(figures.overview), now)
    line = await office.desk.do(queries.line, _needed(typed))
    if line is None:
        return command_answers.sentence(f"There is no case {typed.case_id}.")
    return command_answers.status(line, await office.people.names([line.assigned_to]), now)


async def _list(office: Office, person: Person, typed: Typed) -> Said:
    words = typed.rest.lower().split()
    page = int(words.pop()) if words and words[-1].isdecimal() and len(words[-1]) < 7 else 1
    name = words[0] if words else Filter.ALL
    if len(words) > 1 or name not in set(Filter):
        return command_answers.sentence(f"/case list takes one of: {', '.join(Filter)}; then, if you like, a page.")
    which = Filter(name)
    shown = await office.desk.do(queries.open_cases, which, person=person.user_id, page=page)
    names = await office.people.names(line.assigned_to for line in shown.lines)
    return command_answers.listing(shown, which, names, office.clock.now())


async def _show(office: Office, _person: Person, typed: Typed) -> Said:
    history = await office.desk.do(queries.history, _needed(typed))
    if history is None:
        return command_answers.sentence(f"There is no case {typed.case_id}.")
    people = [history.card.line.assigned_to, *(event.actor for event in history.events)]
    names = await office.people.names([*people, *(message.sender for message in history.messages)])
    return command_answers.show(history, names, office.clock.now())


async def _close(office: Office, person: Person, typed: Typed) -> Said:
    change = await office.desk.do(
        cases.close_case,
        _needed(typed),
        by=person.user_id,
        now=office.clock.now(),
        limits=office.limits,
        reason=typed.after_case,
    )
    return command_answers.sentence(f"{change.case_id} is closed.")


async def _reopen(office: Office, person: Person, typed: Typed) -> Said:
    change = await office.desk.do(cases.reopen_case, _needed(typed), by=person.user_id, now=office.clock.now())
    return command_answers.sentence(f"{change.case_id} is open again.")


async def _escalate(office: Office, person: Person, typed: Typed) -> Said:
    change = await office.desk.do(
        cases.escalate_case,
        _needed(typed),
        by=person.user_id,
        now=office.clock.now(),
        reason=typed.after_case,
    )
    return command_answers.sentence(f"{change.case_id} is escalated, and the alerts channel says so.")


async def _help(_office: Office, _person: Person, _typed: Typed) -> Said:
    return command_answers.help_screen([(word.usage, word.meaning) for word in WORDS.values()])


def help_text() -> str:
    """What `/case help` says, as plain text."""
    return command_answers.help_screen([(word.usage, word.meaning) for word in WORDS.values()]).text


class NoCaseTypedError(CasebookError):
    """Say which case, for example: /case show 7."""


def _needed(typed: Typed) -> str:
    """The case that the command needs; raises NoCaseTypedError when none stands there."""
    if typed.case_id is None:
        wrong = f"{typed.rest.split()[0]} is no case. " if typed.rest else ""
        raise NoCaseTypedError(f"{wrong}Say which case, for example: /case {typed.word} 7")
    return typed.case_id


@dataclass(frozen=True, slots=True)
class Word:
    """A word after `/case`: who may use it, how, and what it does."""

    acts: tuple[Act, ...]  # the first that somebody may do is done
    usage: str
    meaning: str
    run: Callable[[Office, Person, Typed], Awaitable[Said]]


WORDS: dict[str, Word] = {
    "status": Word(
        (Act.STATUS, Act.OWN_STATUS), "/case status, /case status 7", "how the book stands, or one case", _status
    ),
    "list": Word(
        (Act.LIST,),
        "/case list, /case list mine, unassigned, escalated or waiting",
        "the open cases, those that need us most first",
        _list,
    ),
    "show": Word((Act.SHOW,), "/case show 7", "a case with its latest messages", _show),
    "close": Word((Act.CLOSE,), "/case close 7 all is well again", "close a case; a reason may follow", _close),
    "reopen": Word((Act.REOPEN,), "/case reopen 7", "open a closed case again", _reopen),
    "escalate": Word((Act.ESCALATE,), "/case escalate 7 the contract ends today", "tell the alerts channel", _escalate),
    "help": Word((Act.HELP,), "/case help", "this list", _help),
}
