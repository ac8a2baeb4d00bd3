"""Message shortcuts (open a case, add to a case, close this case): slash commands do not work in threads."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from bot.slack.context.app_authors import author_of
from bot.slack.context.authorization import carry_out
from bot.slack.context.context import SlackContext
from bot.slack.context.mentioned import add_names_later
from bot.slack.context.permissions import Act
from bot.slack.forms import answer_privately, open_close_form, open_form
from bot.slack.messages import read_incoming
from bot.slack.payloads.events import MalformedEventError, MessageEvent, read_event
from bot.slack.payloads.submissions import Origin
from bot.slack.screens import modals
from casebook import queries
from casebook.errors import CasebookError, NoSuchCaseError
from casebook.incoming import Incoming, Standing
from casebook.intake import pending

OPEN, ADD, CLOSE = "open_case", "add_to_case", "close_this_case"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A shortcut, and the message on which somebody chose it."""

    user: str
    callback_id: str
    channel: str
    message: dict[str, Any]
    trigger_id: str

    @property
    def origin(self) -> Origin:
        """Where the person is answered."""
        return Origin(channel=self.channel)


def read_chosen(body: dict[str, Any]) -> Chosen:
    """Read a `message_action`: https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload."""
    return Chosen(
        user=str(body["user"]["id"]),
        callback_id=str(body.get("callback_id") or ""),
        channel=str(body["channel"]["id"]),
        message=dict(body["message"]),
        trigger_id=str(body.get("trigger_id") or ""),
    )


class NotACustomersError(CasebookError):
    """Only a customer's message can open a case; add this one to a case instead."""


class NotReadableError(CasebookError):
    """There is nothing in this message that could be kept with a case."""


async def _incoming(context: SlackContext, chosen: Chosen) -> tuple[MessageEvent, Incoming]:
    event = {**chosen.message, "channel": chosen.channel}
    try:
        reading = read_event(event, our_user=context.our_user, our_bot=context.our_bot)
    except MalformedEventError as error:
        raise NotReadableError from error
    if reading.is_our_own or reading.reason:
        raise NotReadableError
    author = await author_of(context, reading)
    if author is None:
        raise NotReadableError
    return reading, await read_incoming(context, reading, author)


async def _open(context: SlackContext, chosen: Chosen) -> str:
    reading, incoming = await _incoming(context, chosen)
    if incoming.standing not in (Standing.CUSTOMER, Standing.REMARK):
        raise NotACustomersError
    by_hand = replace(incoming, standing=Standing.CUSTOMER, conversation=())
    received = await context.desk.do(pending.take_by_hand, by_hand, now=context.clock.now(), limits=context.limits)
    if received.case_id is None:
        raise NotReadableError
    add_names_later(context, reading, by_hand)
    return f"It is part of {received.case_id} {'already' if received.known else 'now'}."


async def _add(context: SlackContext, chosen: Chosen) -> str:
    _, incoming = await _incoming(context, chosen)
    held = await context.desk.do(pending.hold, incoming, now=context.clock.now())
    if held.case_id is not None:
        return f"It is part of {held.case_id} already."
    view = modals.add(held.ledger_id, chosen.origin.as_text())
    await open_form(context, chosen.trigger_id, view)
    return ""


async def _close(context: SlackContext, chosen: Chosen) -> str:
    ts = str(chosen.message.get("thread_ts") or chosen.message.get("ts") or "")
    case_id = await context.desk.do(queries.case_of_post, context.home_team, chosen.channel, ts)
    if case_id is None:
        raise NoSuchCaseError("This message belongs to no case.")
    await open_close_form(context, chosen.trigger_id, case_id, chosen.origin)
    return ""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """What a shortcut does, its name, and the permission that it needs."""

    act: Act
    name: str
    description: str  # Slack shows it in its search for shortcuts
    run: Callable[[SlackContext, Chosen], Awaitable[str]]


SHORTCUTS = {
    OPEN: Shortcut(Act.OPEN, "Open a case", "Take in a message that was left out", _open),
    ADD: Shortcut(Act.ADD, "Add to a case", "Put a message into a case of your choice", _add),
    CLOSE: Shortcut(Act.CLOSE, "Close this case", "Close the case that this message belongs to", _close),
}


async def handle_shortcut(context: SlackContext, choice: Chosen, respond: Callable[..., Awaitable[Any]] | None) -> None:
    """Do what a shortcut stands for, if this person may, and answer them."""
    shortcut = SHORTCUTS[choice.callback_id]
    answer = await carry_out(
        context,
        choice.user,
        shortcut.act,
        what=f"the shortcut {shortcut.name}",
        run=lambda _: shortcut.run(context, choice),
    )
    if answer:
        context.background.do(
            answer_privately(context, choice.user, choice.origin, answer, respond), name="answer to a shortcut"
        )
