"""The Bolt app: which listener hears what. Each reads, does one operation, wakes the courier and answers."""

import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.logger import get_bolt_logger
from slack_bolt.logger.messages import warning_client_prioritized_and_token_skipped, warning_token_skipped
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import actions, commands, forms, home, people_changes, shortcuts
from bot.slack.api.errors import CALL_ERRORS
from bot.slack.context import channel_ids
from bot.slack.context.channels import Channels
from bot.slack.context.context import SlackContext
from bot.slack.messages import take_in
from bot.slack.payloads.submissions import read_submission
from bot.slack.screens.text import escape
from casebook import notices

log = structlog.get_logger("casebook.slack")

_ANYTHING = re.compile(".*", re.DOTALL)

COMMAND = "/case"
EVENTS = ("message", "app_home_opened", "member_joined_channel", "channel_id_changed", *people_changes.EVENTS)


def build_app(context: SlackContext) -> AsyncApp:
    """The app with all its listeners.

    An envelope is acknowledged when its listener has returned, so that nothing is acknowledged before it is stored;
    one that raises is not acknowledged, and Slack sends it again.
    """
    with _silent_about_the_token():
        app = AsyncApp(
            # Without the token: Bolt warns of one beside `authorize`, and uses this client as a pattern only.
            client=context.client.without_token(),
            authorize=_authorize(context),
            process_before_response=True,
            ignoring_self_events_enabled=False,  # our own posts have a ledger row in the customers' channels
            request_verification_enabled=False,  # a socket is opened by us, with the app token
            ssl_check_enabled=False,
            url_verification_enabled=False,
        )
    _listen_to_events(app, context)
    _listen_to_people(app, context)
    _listen_to_the_rest(app)
    return app


@contextmanager
def _silent_about_the_token() -> Iterator[None]:
    """Bolt reads SLACK_BOT_TOKEN itself, and warns that it does not use it; nobody can do anything about that."""
    logger = get_bolt_logger(AsyncApp)
    remarks = {warning_client_prioritized_and_token_skipped(), warning_token_skipped()}

    def is_other(record: logging.LogRecord) -> bool:
        return record.getMessage() not in remarks

    logger.addFilter(is_other)
    try:
        yield
    finally:
        logger.removeFilter(is_other)


def _authorize(context: SlackContext) -> Callable[..., Awaitable[AuthorizeResult]]:
    """Who we are was asked once at start-up; Bolt need not ask again."""

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=None,
            team_id=context.home_team,
            bot_user_id=context.our_user,
            bot_id=context.our_bot,
            bot_token=context.client.token,
        )

    return authorize


def _listen_to_events(app: AsyncApp, context: SlackContext) -> None:
    @app.event("message")
    async def on_message(event: dict[str, Any]) -> None:
        await take_in(context, event)

    @app.event("app_home_opened")
    async def on_home_opened(event: dict[str, Any]) -> None:
        if event.get("tab") == "home":
            context.background.do(home.publish(context, str(event["user"])), name="home")

    @app.event("channel_id_changed")
    async def on_id_changed(event: dict[str, Any]) -> None:
        await channel_ids.follow_change(context, str(event["old_channel_id"]), str(event["new_channel_id"]))

    async def on_person_changed(event: dict[str, Any]) -> None:
        await people_changes.heard(context, event)

    for name in people_changes.EVENTS:
        app.event(name)(on_person_changed)

    @app.event("member_joined_channel")
    async def on_member_joined(event: dict[str, Any]) -> None:
        channel = str(event.get("channel") or "")
        context.members.forget(channel)
        if event.get("user") == context.our_user and channel not in context.channels.staff:
            words = await invited(context.client, context.channels, channel)
            await context.desk.do(notices.log, words, now=context.clock.now())
            context.wake()


async def invited(client: AsyncWebClient, channels: Channels, channel: str) -> str:
    """What the log channel says when the bot was invited somewhere."""
    try:
        name = "#" + str((await client.conversations_info(channel=channel))["channel"].get("name") or channel)
    except CALL_ERRORS:
        name = f"the channel {channel}"  # what it is called can be looked up; that the bot is there must be told
    if channels.is_watched(channel, direct=False):
        return f"I am now in {name}: what customers write there becomes cases. To stop it, remove me from the channel."
    return f"I am now in {name}, which is not in CUSTOMER_SLACK_CHANNELS: what is written there is left alone."


def _respond(context: SlackContext, body: dict[str, Any]) -> Callable[..., Awaitable[None]] | None:
    """The way to answer one person where they are; None where Slack gave no address for it, as on the Home tab.

    Bolt's own would open a session for each answer, and say it again when the line broke.
    """
    url = str(body.get("response_url") or "")
    return partial(context.client.respond, url) if url else None


def _listen_to_people(app: AsyncApp, context: SlackContext) -> None:
    @app.command(COMMAND)
    async def on_case(ack: AsyncAck, command: dict[str, Any]) -> None:
        typed = commands.read_command(str(command.get("text") or ""), str(command.get("trigger_id") or ""))
        answer = await commands.answer(context, user_id=str(command["user_id"]), typed=typed)
        await ack(text=answer.text, blocks=answer.blocks, response_type="ephemeral")

    async def on_form(ack: AsyncAck, body: dict[str, Any]) -> None:
        answer = await forms.submitted(context, read_submission(body))
        await ack(**answer)

    async def on_shortcut(ack: AsyncAck, body: dict[str, Any]) -> None:
        await shortcuts.chosen(context, shortcuts.read_chosen(body), _respond(context, body))
        await ack()

    for form in forms.FORMS:
        app.view(form)(on_form)

    for callback_id in shortcuts.SHORTCUTS:
        app.shortcut(callback_id)(on_shortcut)

    @app.action(_ANYTHING)
    async def on_action(ack: AsyncAck, body: dict[str, Any]) -> None:
        await actions.pressed(context, actions.read_press(body), _respond(context, body))
        await ack()


def _listen_to_the_rest(app: AsyncApp) -> None:
    """Without a listener an envelope is not acknowledged, and Slack sends it three more times."""

    @app.event(_ANYTHING)
    async def on_any_event(event: dict[str, Any]) -> None:
        log.debug("event without a part in the book", type=event.get("type"))

    @app.command(_ANYTHING)
    async def on_any_command(ack: AsyncAck, command: dict[str, Any]) -> None:
        text = f"I do not know {command.get('command')}. Try /case help."
        await ack(text=escape(text), response_type="ephemeral")

    @app.shortcut(_ANYTHING)
    async def on_any_shortcut(ack: AsyncAck) -> None:
        await ack()

    @app.view(_ANYTHING)
    async def on_any_view(ack: AsyncAck) -> None:
        await ack()
