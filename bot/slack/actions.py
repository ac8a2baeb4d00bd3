"""Buttons: each press is authorized, does one operation or opens a form, and is answered privately."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog

from bot.slack import home
from bot.slack.case_operations import CALM, CLOSE, ESCALATE, REOPEN, TAKE, Operation, place
from bot.slack.context.authorization import carry_out
from bot.slack.context.context import SlackContext
from bot.slack.context.permissions import Act
from bot.slack.forms import FormNotOpenedError, answer_privately, open_close_form, open_form
from bot.slack.payloads.submissions import Origin
from bot.slack.screens import case_buttons, doubtful, forwards, modals
from bot.slack.screens.cards import MESSAGE_WHOLE, MOVE, TRY_AGAIN, UNDO
from bot.slack.screens.case_buttons import PLACE
from bot.slack.screens.claims import CONFIRM, IGNORE
from bot.slack.screens.home import FILTER, FIRST_PAGE, PAGE, read_filter_and_page
from casebook import queries
from casebook.conversation import moving
from casebook.errors import NoSuchCaseError
from casebook.intake import pending
from casebook.outbound import claims, replies

log = structlog.get_logger("casebook.slack")


@dataclass(frozen=True, slots=True)
class Press:
    """One press of a button."""

    user: str
    action_id: str
    value: str
    origin: Origin
    trigger_id: str

    @property
    def name(self) -> str:
        """The button's name: its action ID without the part after the colon, which makes it unique."""
        return self.action_id.partition(":")[0]


def read_press(body: dict[str, Any]) -> Press:
    """Read a `block_actions` payload: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload."""
    action = body["actions"][0]
    container = body.get("container") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    return Press(
        user=str(body["user"]["id"]),
        action_id=str(action.get("action_id", "")),
        value=str(action.get("value") or ""),
        origin=Origin(channel=channel, home=_home_step(body.get("view") or {})),
        trigger_id=str(body.get("trigger_id") or ""),
    )


def _home_step(view: dict[str, Any]) -> str:
    """The filter and page of the Home tab that the person saw; empty outside the Home tab."""
    return str(view.get("private_metadata") or FIRST_PAGE) if view.get("type") == "home" else ""


async def _place(context: SlackContext, press: Press) -> str:
    ledger_id, _, case_id = press.value.partition(":")
    return await place(context, int(ledger_id), case_id, by=press.user)


async def _move(context: SlackContext, press: Press) -> str:
    case_id, _, into = press.value.partition(":")
    await context.desk.do(moving.move, case_id, into, by=press.user, now=context.clock.now(), limits=context.limits)
    return f"What was written in {case_id} is now part of {into}."


async def _open_close(context: SlackContext, press: Press) -> str:
    try:
        await open_close_form(context, press.trigger_id, press.value, press.origin)
    except FormNotOpenedError:
        # Closing does not need the form: only the reason and the message to the customer do.
        return await CLOSE.carry_out(context, press.value, by=press.user)
    return ""


async def _open_reply(context: SlackContext, press: Press) -> str:
    readers = await context.desk.do(replies.check_answerable, press.value, context.limits)
    view = modals.reply(press.value, press.origin.as_text(), readers, context.undo.total_seconds())
    await open_form(context, press.trigger_id, view)
    return ""


async def _open_note(context: SlackContext, press: Press) -> str:
    view = modals.note(press.value, press.origin.as_text())
    await open_form(context, press.trigger_id, view)
    return ""


async def _open_whole(context: SlackContext, press: Press) -> str:
    shown = await context.desk.do(queries.card, press.value)
    if shown is None or shown.first is None:
        raise NoSuchCaseError(f"There is no message of {press.value}.")
    await open_form(context, press.trigger_id, modals.whole_message(shown.line.case_id, shown.first))
    return ""


async def _open_whole_message(context: SlackContext, press: Press) -> str:
    found = await context.desk.do(queries.messages, [int(press.value)])
    if not found:
        raise NoSuchCaseError("That message is not in the book.")
    await open_form(context, press.trigger_id, modals.whole_message(found[0].case_id, found[0]))
    return ""


@dataclass(frozen=True, slots=True)
class Button:
    """What a button does, and the permission it needs; the answer is empty when a form was opened."""

    act: Act
    run: Callable[[SlackContext, Press], Awaitable[str]]


def _runs(operation: Operation) -> Button:
    """A button that carries out an operation on what its value names."""

    async def run(context: SlackContext, press: Press) -> str:
        return await operation.carry_out(context, press.value, by=press.user)

    return Button(operation.act, run)


_IS_PART, _IS_LEFT_OUT = "It is now part of {0.case_id}.", "It is left out."

_UNDO = Operation(
    Act.REPLY,
    lambda it: replies.take_back(it.number, by=it.by, now=it.now),
    "The answer was taken back; the customer has not seen it.",
)
_TRY_AGAIN = Operation(
    Act.REPLY,
    lambda it: replies.try_again(it.number, by=it.by, now=it.now),
    "The answer is sent once more; what comes of it stands under the card.",
)
_TAKE_FORWARD = Operation(
    Act.PLACE, lambda it: pending.take_forward(it.number, by=it.by, now=it.now, limits=it.limits), _IS_PART
)
_LEAVE_FORWARD = Operation(
    Act.PLACE, lambda it: pending.leave_forward_out(it.number, by=it.by, now=it.now), _IS_LEFT_OUT
)
_TAKE_DOUBTFUL = Operation(
    Act.PLACE, lambda it: pending.take_doubtful(it.number, by=it.by, now=it.now, limits=it.limits), _IS_PART
)
_LEAVE_DOUBTFUL = Operation(
    Act.PLACE, lambda it: pending.leave_doubtful_out(it.number, by=it.by, now=it.now), _IS_LEFT_OUT
)
_CONFIRM = Operation(
    Act.CONFIRM,
    lambda it: claims.confirm(it.number, by=it.by, now=it.now, limits=it.limits),
    "The mail counts as one of {0.by} now, in {0.case_id}.",
)
_IGNORE = Operation(
    Act.CONFIRM,
    lambda it: claims.set_aside(it.number, by=it.by, now=it.now),
    "The mail stays in {0.case_id} without effect.",
)

BUTTONS = {
    case_buttons.TAKE: _runs(TAKE),
    case_buttons.REPLY: Button(Act.REPLY, _open_reply),
    case_buttons.NOTE: Button(Act.NOTE, _open_note),
    case_buttons.ESCALATE: _runs(ESCALATE),
    case_buttons.CALM: _runs(CALM),
    case_buttons.CLOSE: Button(CLOSE.act, _open_close),
    case_buttons.REOPEN: _runs(REOPEN),
    case_buttons.WHOLE: Button(Act.SHOW, _open_whole),
    MESSAGE_WHOLE: Button(Act.SHOW, _open_whole_message),
    PLACE: Button(Act.PLACE, _place),
    UNDO: _runs(_UNDO),
    forwards.TAKE: _runs(_TAKE_FORWARD),
    forwards.LEAVE: _runs(_LEAVE_FORWARD),
    doubtful.MAKE_CASE: _runs(_TAKE_DOUBTFUL),
    doubtful.NO_CASE: _runs(_LEAVE_DOUBTFUL),
    MOVE: Button(Act.PLACE, _move),
    CONFIRM: _runs(_CONFIRM),
    IGNORE: _runs(_IGNORE),
    TRY_AGAIN: _runs(_TRY_AGAIN),
}


async def handle_press(context: SlackContext, press: Press, respond: Callable[..., Awaitable[Any]] | None) -> None:
    """Do what a button stands for, if this person may, and answer them."""
    if press.name in (FILTER, PAGE):
        which, page = read_filter_and_page(press.value)
        context.background.do(home.publish(context, press.user, which=which, page=page), name="home")
        return
    button = BUTTONS.get(press.name)
    if button is None:
        log.warning("unknown button", action=press.name)
        return
    answer = await carry_out(
        context,
        press.user,
        button.act,
        what=f"the button {press.name}",
        run=lambda _: button.run(context, press),
    )
    if answer:
        context.background.do(
            answer_privately(context, press.user, press.origin, answer, respond), name="answer to a button"
        )
