"""Buttons: each asks for permission again, does one operation or opens a form, and tells the person privately."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog

from bot.slack import home
from bot.slack.context.authorization import carry_out
from bot.slack.context.context import SlackContext
from bot.slack.context.permissions import Act
from bot.slack.forms import FormNotOpenedError, can_tell, open_form, tell
from bot.slack.payloads.submissions import Origin
from bot.slack.screens import case_buttons, modals
from bot.slack.screens.cards import MESSAGE_WHOLE, MOVE, TRY_AGAIN, UNDO
from bot.slack.screens.case_buttons import PLACE
from bot.slack.screens.claims import CONFIRM, IGNORE
from bot.slack.screens.doubtful import MAKE_CASE, NO_CASE
from bot.slack.screens.forwards import LEAVE, TAKE
from bot.slack.screens.home import FILTER, FIRST_PAGE, PAGE, read_filter_and_page
from casebook import cases, queries
from casebook.conversation import moving
from casebook.errors import NoSuchCaseError
from casebook.intake import pending
from casebook.outbound import claims, replies

log = structlog.get_logger("casebook.slack")


@dataclass(frozen=True, slots=True)
class Press:
    """One button, pressed by somebody."""

    user: str
    action_id: str
    value: str
    origin: Origin
    trigger_id: str

    @property
    def name(self) -> str:
        """What the button is, without what makes its ID unique."""
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
    """Which filter and page of the Home tab somebody saw; empty outside of it."""
    return str(view.get("private_metadata") or FIRST_PAGE) if view.get("type") == "home" else ""


async def _take(context: SlackContext, press: Press) -> str:
    change = await context.desk.do(
        cases.assign_case, press.value, to=press.user, by=press.user, now=context.clock.now()
    )
    return f"{change.case_id} is yours."


async def _reopen(context: SlackContext, press: Press) -> str:
    change = await context.desk.do(cases.reopen_case, press.value, by=press.user, now=context.clock.now())
    return f"{change.case_id} is open again."


async def _escalate(context: SlackContext, press: Press) -> str:
    change = await context.desk.do(cases.escalate_case, press.value, by=press.user, now=context.clock.now())
    return f"{change.case_id} is escalated."


async def _calm(context: SlackContext, press: Press) -> str:
    change = await context.desk.do(cases.calm_case, press.value, by=press.user, now=context.clock.now())
    return f"{change.case_id} is calm again."


async def _place(context: SlackContext, press: Press) -> str:
    ledger_id, _, case_id = press.value.partition(":")
    placed = await context.desk.do(
        cases.place_waiting,
        int(ledger_id),
        case_id,
        by=press.user,
        now=context.clock.now(),
        limits=context.limits,
    )
    return f"It is now part of {case_id}." if placed else "That message has been placed already."


async def _undo(context: SlackContext, press: Press) -> str:
    await context.desk.do(replies.take_back, int(press.value), by=press.user, now=context.clock.now())
    return "The answer was taken back; the customer has not seen it."


async def _try_again(context: SlackContext, press: Press) -> str:
    await context.desk.do(replies.try_again, int(press.value), by=press.user, now=context.clock.now())
    context.wake()
    return "The answer is sent once more; what comes of it stands under the card."


async def _confirm(context: SlackContext, press: Press) -> str:
    change = await context.desk.do(
        claims.confirm, int(press.value), by=press.user, now=context.clock.now(), limits=context.limits
    )
    return f"The mail counts as one of {change.by} now, in {change.case_id}."


async def _ignore(context: SlackContext, press: Press) -> str:
    change = await context.desk.do(claims.set_aside, int(press.value), by=press.user, now=context.clock.now())
    return f"The mail stays in {change.case_id} without effect."


async def _take_forward(context: SlackContext, press: Press) -> str:
    taken = await context.desk.do(
        pending.take_forward, int(press.value), by=press.user, now=context.clock.now(), limits=context.limits
    )
    return f"It is now part of {taken.case_id}."


async def _leave_forward_out(context: SlackContext, press: Press) -> str:
    await context.desk.do(pending.leave_forward_out, int(press.value), by=press.user, now=context.clock.now())
    return "It is left out."


async def _take_doubtful(context: SlackContext, press: Press) -> str:
    taken = await context.desk.do(
        pending.take_doubtful, int(press.value), by=press.user, now=context.clock.now(), limits=context.limits
    )
    return f"It is now part of {taken.case_id}."


async def _leave_doubtful_out(context: SlackContext, press: Press) -> str:
    await context.desk.do(pending.leave_doubtful_out, int(press.value), by=press.user, now=context.clock.now())
    return "It is left out."


async def _move(context: SlackContext, press: Press) -> str:
    case_id, _, into = press.value.partition(":")
    await context.desk.do(moving.move, case_id, into, by=press.user, now=context.clock.now(), limits=context.limits)
    return f"What was written in {case_id} is now part of {into}."


async def _open_close(context: SlackContext, press: Press) -> str:
    view = modals.close(press.value, press.origin.as_text(), can_tell=await can_tell(context, press.value))
    try:
        await open_form(context, press.trigger_id, view)
    except FormNotOpenedError:
        # What was asked for does not need the form: only the reason and the word to the customer do.
        change = await context.desk.do(
            cases.close_case, press.value, by=press.user, now=context.clock.now(), limits=context.limits
        )
        return f"{change.case_id} is closed."
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
    """What a button does, and what one must be allowed to do for it; the answer is empty when a form was opened."""

    act: Act
    run: Callable[[SlackContext, Press], Awaitable[str]]


BUTTONS = {
    case_buttons.TAKE: Button(Act.TAKE, _take),
    case_buttons.REPLY: Button(Act.REPLY, _open_reply),
    case_buttons.NOTE: Button(Act.NOTE, _open_note),
    case_buttons.ESCALATE: Button(Act.ESCALATE, _escalate),
    case_buttons.CALM: Button(Act.CALM, _calm),
    case_buttons.CLOSE: Button(Act.CLOSE, _open_close),
    case_buttons.REOPEN: Button(Act.REOPEN, _reopen),
    case_buttons.WHOLE: Button(Act.SHOW, _open_whole),
    MESSAGE_WHOLE: Button(Act.SHOW, _open_whole_message),
    PLACE: Button(Act.PLACE, _place),
    UNDO: Button(Act.REPLY, _undo),
    TAKE: Button(Act.PLACE, _take_forward),
    LEAVE: Button(Act.PLACE, _leave_forward_out),
    MAKE_CASE: Button(Act.PLACE, _take_doubtful),
    NO_CASE: Button(Act.PLACE, _leave_doubtful_out),
    MOVE: Button(Act.PLACE, _move),
    CONFIRM: Button(Act.CONFIRM, _confirm),
    IGNORE: Button(Act.CONFIRM, _ignore),
    TRY_AGAIN: Button(Act.REPLY, _try_again),
}


async def pressed(context: SlackContext, press: Press, respond: Callable[..., Awaitable[Any]] | None) -> None:
    """Do what a button says, if this person may, and tell them."""
    if press.name in (FILTER, PAGE):
        which, page = read_filter_and_page(press.value)
        context.background.do(home.publish(context, press.user, which=which, page=page), name="home")
        return
    button = BUTTONS.get(press.name)
    if button is None:
        log.warning("unknown button", action=press.name)
        return
    said = await carry_out(
        context,
        press.user,
        button.act,
        what=f"the button {press.name}",
        run=lambda _: button.run(context, press),
    )
    if said:
        context.background.do(tell(context, press.user, press.origin, said, respond), name="answer to a button")
