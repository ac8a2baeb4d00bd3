"""The authors of posts that an app or Slackbot made, and which of these posts count as a customer's (design 3.11).

A tool that posts with a person's own token leaves its `bot_id` beside that `user`: such a post is that person's.
"""

from bot.slack.context.context import SlackContext
from bot.slack.context.people import Person
from bot.slack.context.permissions import Role
from bot.slack.payloads.app_posts import SLACKBOT, App
from bot.slack.payloads.events import MessageEvent
from bot.slack.screens import text
from casebook.records import left_out_apps


async def author_of(context: SlackContext, event: MessageEvent) -> Person | None:
    """The author of a message; None for the post of an app or of Slackbot that is ignored.

    A post that names an app belongs to the person whose token made it. If nobody's token did, and the app is listed in
    CUSTOMER_APPS, it belongs to the only customer whom it mentions, if they are in this channel; otherwise to the app,
    as a separate customer for each channel, because the same app may post for other customers elsewhere. An app never
    has an admin's permissions, whoever it mentions. Raises LookupFailedError.
    """
    app = event.app
    if app is None or not app.is_slackbot:
        person = await context.people.look_up(event.user) if event.user else None
        if person is not None and person.role is not Role.BOT:
            return person
    if app is None or (app.is_slackbot and event.mail_by is None):
        return None
    if not app.is_listed(context.customer_apps):
        await _report_ignored(context, app, event)
        return None
    mentioned = text.mentioned(event.own)
    if len(mentioned) == 1 and not app.is_slackbot:
        named = await context.people.look_up(mentioned[0])
        if named.role is Role.CUSTOMER and await context.members.has(event.channel, named.user_id):
            return named
    return _app_itself(app, event)


def _app_itself(app: App, event: MessageEvent) -> Person:
    name, address = event.mail_by or ("", "")
    if app.is_slackbot and address:
        shown = f"{name} ({address})" if name else address
        return Person(f"{SLACKBOT}/{event.channel}/{address}", shown, Role.CUSTOMER)
    return Person(f"{app.app_id}/{event.channel}", app.name or app.app_id, Role.CUSTOMER)


async def _report_ignored(context: SlackContext, app: App, event: MessageEvent) -> None:
    """Write to the log channel, once for each app, that its posts are ignored, and how to take them in."""
    if event.channel in context.channels.staff or event.is_direct:
        return
    named = f"{app.name} ({app.app_id})" if app.name else app.app_id
    sentence = (
        f"The posts of {named} in {event.channel} are left out, since an app made them."
        f" To take them in as a customer's messages, add {app.app_id} to CUSTOMER_APPS and restart."
    )
    await context.desk.do(left_out_apps.report_once, app.app_id, sentence, now=context.clock.now())
