"""Buttons: each asks for permission again, does one operation, and tells the person privately what came of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog

from bot.slack import home
from bot.slack.gate import admit
from bot.slack.office import Office
from bot.slack.permissions import Act
from bot.slack.screens import command_answers
from bot.slack.screens.cards import CLOSE, ESCALATE, REOPEN
from casebook import cases
from casebook.errors import CasebookError

log = structlog.get_logger("casebook.slack")


@dataclass(frozen=True, slots=True)
class Press:
    """One button, pressed by somebody."""

    user: str
    action_id: str
    value: str
    channel: str  # empty on the Home tab
    thread_ts: str
    in_home: bool


def read_press(body: dict[str, Any]) -> Press:
    """Read a `block_actions` payload: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload."""
    action = body["actions"][0]
    container = body.get("container") or {}
    return Press(
        user=str(body["user"]["id"]),
        action_id=str(action.get("action_id", "")),
        value=str(action.get("value") or ""),
        channel=str((body.get("channel") or {}).get("id") or container.get("channel_id") or ""),
        thread_ts=str(container.get("thread_ts") or ""),
        in_home=(body.get("view") or {}).get("type") == "home",
    )


async def _close(office: Office, press: Press) -> str:
    change = await office.desk.do(
        cases.close_case, press.value, by=press.user, now=office.clock.now(), limits=office.limits
    )
    return f"{change.case_id} is closed."


async def _reopen(office: Office, press: Press) -> str:
    change = await office.desk.do(cases.reopen_case, press.value, by=press.user, now=office.clock.now())
    return f"{change.case_id} is open again."


async def _escalate(office: Office, press: Press) -> str:
    change = await office.desk.do(cases.escalate_case, press.value, by=press.user, now=office.clock.now())
    return f"{change.case_id} is escalated."


async def _place(office: Office, press: Press) -> str:
    ledger_id, _, case_id = press.value.partition(":")
    placed = await office.desk.do(
        cases.place_waiting,
        int(ledger_id),
        case_id,
        by=press.user,
        now=office.clock.now(),
        limits=office.limits,
    )
    return f"It is now part of {case_id}." if placed else "That message has been placed already."


@dataclass(frozen=True, slots=True)
class Button:
    """What a button does, and what one must be allowed to do for it."""

    act: Act
    run: Callable[[Office, Press], Awaitable[str]]


BUTTONS = {
    CLOSE: Button(Act.CLOSE, _close),
    REOPEN: Button(Act.REOPEN, _reopen),
    ESCALATE: Button(Act.ESCALATE, _escalate),
    "place_message": Button(Act.PLACE, _place),
}


async def pressed(office: Office, press: Press, respond: Callable[..., Awaitable[Any]]) -> None:
    """Do what a button says, if this person may, and tell them."""
    name = press.action_id.partition(":")[0]
    if name in (home.FILTER, home.PAGE):
        which, page = home.read_step(press.value)
        office.afterwards.do(home.publish(office, press.user, which=which, page=page), name="home")
        return
    button = BUTTONS.get(name)
    if button is None:
        log.warning("unknown button", action=name)
        return
    admission = await admit(office, press.user, button.act, what=f"the button {name}")
    if admission.act is None:
        said = admission.refusal
    else:
        try:
            said = await button.run(office, press)
        except CasebookError as error:
            if not error.permanent:
                raise
            said = str(error)
        office.wake()
    office.afterwards.do(_tell(office, press, said, respond), name="answer to a button")


async def _tell(office: Office, press: Press, said: str, respond: Callable[..., Awaitable[Any]]) -> None:
    """Tell the person alone what came of it."""
    if press.in_home:
        await home.publish(office, press.user, said=said)
        return
    answer = command_answers.sentence(said)
    await respond(text=answer.text, blocks=answer.blocks, response_type="ephemeral", replace_original=False)
