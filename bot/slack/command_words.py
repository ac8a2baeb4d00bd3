"""The subcommands of `/case`: the permission, usage, meaning and function of each (design 3.8)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from bot.slack.case_operations import (
    CALM,
    CLOSE,
    ESCALATE,
    REOPEN,
    TAKE,
    Operation,
    admin_text,
    draft_reply,
    keep_note,
)
from bot.slack.context.context import SlackContext
from bot.slack.context.people import Person
from bot.slack.context.permissions import Act
from bot.slack.screens import command_answers
from bot.slack.screens.blocks import Post
from bot.slack.screens.text import mentioned, plain
from casebook import cases, queries
from casebook.errors import CasebookError, NoSuchCaseError
from casebook.incoming import Incoming
from casebook.outbound import replies
from casebook.records.case_ids import typed_case
from casebook.reports import statistics
from casebook.reports.explain import why
from casebook.views import Filter


@dataclass(frozen=True, slots=True)
class Typed:
    """The text after `/case`, split into a subcommand and the rest."""

    word: str
    rest: str
    trigger_id: str = ""  # unique for each command that is sent

    @property
    def case_id(self) -> str | None:
        """The ID of the case typed first after the subcommand; None when that is no case."""
        first = self.rest.split(maxsplit=1)
        return typed_case(first[0]) if first else None

    @property
    def after_case(self) -> str:
        """The text after the case."""
        parts = self.rest.split(maxsplit=1)
        return parts[1].strip() if len(parts) > 1 else ""


class NoCaseTypedError(CasebookError):
    """Say which case, for example: /case show 7."""


class NobodyTypedError(CasebookError):
    """Say who, for example: /case assign 7 @ben"""


class NothingTypedError(CasebookError):
    """Say what, for example: /case note 7 They pay in yen."""


def _required_case(typed: Typed) -> str:
    """The ID of the case that was typed; raises NoCaseTypedError without one."""
    if typed.case_id is None:
        wrong = f"{typed.rest.split()[0]} is no case. " if typed.rest else ""
        raise NoCaseTypedError(f"{wrong}Say which case, for example: /case {typed.word} 7")
    return typed.case_id


async def _status(context: SlackContext, _person: Person, typed: Typed) -> Post:
    now = context.clock.now()
    if not typed.rest:
        return command_answers.overview(await context.desk.do(statistics.overview), now)
    line = await context.desk.do(queries.line, _required_case(typed))
    if line is None:
        return command_answers.sentence(f"There is no case {typed.case_id}.")
    return command_answers.status(line, await context.people.names([line.assigned_to]), now)


async def _list(context: SlackContext, person: Person, typed: Typed) -> Post:
    words = typed.rest.lower().split()
    page = int(words.pop()) if words and words[-1].isdecimal() and len(words[-1]) < 7 else 1
    name = words[0] if words else Filter.ALL
    if len(words) > 1 or name not in set(Filter):
        return command_answers.sentence(f"/case list takes one of: {', '.join(Filter)}; then, if you like, a page.")
    which = Filter(name)
    shown = await context.desk.do(queries.open_cases, which, person=person.user_id, page=page)
    names = await context.people.names(line.assigned_to for line in shown.lines)
    return command_answers.listing(shown, which, names, context.clock.now())


async def _show(context: SlackContext, _person: Person, typed: Typed) -> Post:
    history = await context.desk.do(queries.history, _required_case(typed))
    if history is None:
        return command_answers.sentence(f"There is no case {typed.case_id}.")
    people = [history.card.line.assigned_to, *(event.actor for event in history.events)]
    names = await context.people.names([*people, *(message.sender for message in history.messages)])
    return command_answers.show(history, names, context.clock.now())


async def _assign(context: SlackContext, person: Person, typed: Typed) -> Post:
    case_id = _required_case(typed)
    mentions = mentioned(typed.after_case)
    if len(mentions) != 1:
        raise NobodyTypedError
    assignee = await context.people.look_up_for_action(mentions[0])
    if not assignee.is_admin:
        return command_answers.sentence(f"{assignee.name or mentions[0]} is no admin, so {case_id} stays where it is.")
    await context.desk.do(cases.assign_case, case_id, to=assignee.user_id, by=person.user_id, now=context.clock.now())
    return command_answers.sentence(f"{assignee.name} has {case_id} now.")


async def _note(context: SlackContext, person: Person, typed: Typed) -> Post:
    return command_answers.sentence(await keep_note(context, await _message(context, person, typed)))


async def _reply(context: SlackContext, person: Person, typed: Typed) -> Post:
    await context.desk.do(replies.check_answerable, _required_case(typed), context.limits)
    return command_answers.sentence(await draft_reply(context, await _message(context, person, typed)))


async def _message(context: SlackContext, person: Person, typed: Typed) -> Incoming:
    """What an admin typed after the case, as their message."""
    case_id = _required_case(typed)
    if await context.desk.do(queries.line, case_id) is None:
        raise NoSuchCaseError(f"There is no case {case_id}.")
    if not typed.after_case:
        raise NothingTypedError(f"Say what, for example: /case {typed.word} 7 It is mended.")
    text = await _plain_text(context, typed.after_case)
    key = f"command:{typed.trigger_id}"
    return admin_text(context, person.user_id, person.name, key=key, text=text, case_id=case_id)


async def _plain_text(context: SlackContext, text: str) -> str:
    """Typed text without Slack's markup: mentions as names, links with their targets."""
    return plain(text, await context.people.names(mentioned(text)))


async def _why(context: SlackContext, _person: Person, typed: Typed) -> Post:
    shown = await context.desk.do(why, _required_case(typed), now=context.clock.now(), limits=context.limits)
    if shown is None:
        return command_answers.sentence(f"There is no case {typed.case_id}.")
    names = await context.people.names(episode.ended_by for episode in shown.episodes)
    return command_answers.why(shown, names, context.limits, context.clock.now())


async def _help(_context: SlackContext, _person: Person, _typed: Typed) -> Post:
    return command_answers.help_screen([(word.usage, word.meaning) for word in WORDS.values()])


@dataclass(frozen=True, slots=True)
class Word:
    """A subcommand of `/case`."""

    acts: tuple[Act, ...]  # the first one that the person is allowed decides what is done
    usage: str
    meaning: str
    run: Callable[[SlackContext, Person, Typed], Awaitable[Post]]
    takes: str = ""  # the arguments, for the hint that Slack shows while one types


def _runs(operation: Operation, usage: str, meaning: str, takes: str = "CASE") -> Word:
    """A subcommand that carries out an operation on the case typed after it, with a reason where it takes one."""

    async def run(context: SlackContext, person: Person, typed: Typed) -> Post:
        case_id = _required_case(typed)
        reason = await _plain_text(context, typed.after_case) if operation.takes_reason else ""
        return command_answers.sentence(await operation.carry_out(context, case_id, by=person.user_id, reason=reason))

    return Word((operation.act,), usage, meaning, run, takes)


_ESCALATE = replace(ESCALATE, answer="{0.case_id} is escalated, and the alerts channel says so.")

WORDS: dict[str, Word] = {
    "status": Word(
        (Act.STATUS, Act.OWN_STATUS),
        "/case status, /case status 7",
        "how the book stands, or one case",
        _status,
        "[CASE]",
    ),
    "list": Word(
        (Act.LIST,),
        "/case list, /case list mine, unassigned, escalated or waiting",
        "the open cases, those that need us most first",
        _list,
    ),
    "show": Word((Act.SHOW,), "/case show 7", "a case with its latest messages", _show, "CASE"),
    "close": _runs(CLOSE, "/case close 7 all is well again", "close a case; a reason may follow", "CASE [reason]"),
    "reopen": _runs(REOPEN, "/case reopen 7", "open a closed case again"),
    "escalate": _runs(
        _ESCALATE, "/case escalate 7 the contract ends today", "tell the alerts channel", "CASE [reason]"
    ),
    "take": _runs(TAKE, "/case take 7", "it is yours"),
    "assign": Word((Act.ASSIGN,), "/case assign 7 @ben", "it is somebody else's", _assign, "CASE @who"),
    "note": Word(
        (Act.NOTE,), "/case note 7 They pay in yen", "a note that the customer never sees", _note, "CASE text"
    ),
    "reply": Word((Act.REPLY,), "/case reply 7 It is mended", "answer the customer", _reply, "CASE text"),
    "calm": _runs(CALM, "/case calm 7", "end an escalation without an answer"),
    "why": Word((Act.WHY,), "/case why 7", "why a case is escalated, or when it would be", _why, "CASE"),
    "help": Word((Act.HELP,), "/case help", "this list", _help),
}
