"""The Bolt app and its listeners: each reads a payload, does one operation, wakes the courier and answers."""

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

    Slack is acknowledged when the listener has returned, so nothing is acknowledged before it is stored. When the
    listener raises, there is no acknowledgement, and Slack sends the envelope again.
    """
    with _without_token_warnings():
        app = AsyncApp(
            # Without the token: Bolt warns of a token beside `authorize`, and uses this client as a template only.
            client=context.client.without_token(),
            authorize=_authorize(context),
            process_before_response=True,
            ignoring_self_events_enabled=False,  # our own posts in customers' channels get ledger rows
            request_verification_enabled=False,  # we open the socket, with the app token
            ssl_check_enabled=False,
            url_verification_enabled=False,
        )
    _listen_to_events(app, context)
    _listen_to_people(app, context)
    _acknowledge_everything_else(app)
    return app


@contextmanager
def _without_token_warnings() -> Iterator[None]:
    """Hide two warnings: Bolt reads SLACK_BOT_TOKEN itself and warns that it ignores it, which is intended."""
    logger = get_bolt_logger(AsyncApp)
    hidden = {warning_client_prioritized_and_token_skipped(), warning_token_skipped()}

    def is_other(record: logging.LogRecord) -> bool:
        return record.getMessage() not in hidden

    logger.addFilter(is_other)
    try:
        yield
    finally:
        logger.removeFilter(is_other)


def _authorize(context: SlackContext) -> Callable[..., Awaitable[AuthorizeResult]]:
    """Give Bolt the identity that auth.test returned at start-up, so that it does not ask again."""

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
        await people_changes.handle(context, event)

    for name in people_changes.EVENTS:
        app.event(name)(on_person_changed)

    @app.event("member_joined_channel")
    async def on_member_joined(event: dict[str, Any]) -> None:
        channel = str(event.get("channel") or "")
        context.members.forget(channel)
        if event.get("user") == context.our_user and channel not in context.channels.staff:
            text = await _invitation_text(context.client, context.channels, channel)
            await context.desk.do(notices.log, text, now=context.clock.now())
            context.wake()


async def _invitation_text(client: AsyncWebClient, channels: Channels, channel: str) -> str:
    """The line for the log channel after somebody has invited the bot to a channel."""
    try:
        name = "#" + str((await client.conversations_info(channel=channel))["channel"].get("name") or channel)
    except CALL_ERRORS:
        name = f"the channel {channel}"  # the line matters more than the name
    if channels.is_watched(channel, direct=False):
        return f"I am now in {name}: what customers write there becomes cases. To stop it, remove me from the channel."
    return f"I am now in {name}, which is not in CUSTOMER_SLACK_CHANNELS: what is written there is left alone."


def _respond(context: SlackContext, body: dict[str, Any]) -> Callable[..., Awaitable[None]] | None:
    """A function that answers the person privately through `response_url`; None without one, as on the Home tab.

    Bolt's own `respond` opens a session for each answer, and posts again after a broken connection.
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
        answer = await forms.handle_submission(context, read_submission(body))
        await ack(**answer)

    async def on_shortcut(ack: AsyncAck, body: dict[str, Any]) -> None:
        await shortcuts.handle_shortcut(context, shortcuts.read_chosen(body), _respond(context, body))
        await ack()

    for form in forms.FORMS:
        app.view(form)(on_form)

    for callback_id in shortcuts.SHORTCUTS:
        app.shortcut(callback_id)(on_shortcut)

    @app.action(_ANYTHING)
    async def on_action(ack: AsyncAck, body: dict[str, Any]) -> None:
        await actions.handle_press(context, actions.read_press(body), _respond(context, body))
        await ack()


def _acknowledge_everything_else(app: AsyncApp) -> None:
    """Acknowledge what no other listener takes: otherwise Slack sends it three more times."""

    @app.event(_ANYTHING)
    async def on_any_event(event: dict[str, Any]) -> None:
        log.debug("event ignored", type=event.get("type"))

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
