"""Posts that an app or Slack itself made: whose they are, and which of them count as a customer's (design 3.11).

A tool that posts with a person's own token leaves its `bot_id` beside that person: such a post is theirs.
"""

from bot.slack.context.context import SlackContext
from bot.slack.context.membership import SLACKBOT
from bot.slack.context.people import Person
from bot.slack.context.permissions import Role
from bot.slack.payloads.app_posts import App
from bot.slack.payloads.events import MessageEvent
from bot.slack.screens import text
from casebook.records import left_out_apps


async def author_of(context: SlackContext, reading: MessageEvent) -> Person | None:
    """Whose a message is; None for the post of an app or of Slack that does not count. May raise LookupFailedError.

    A post that names an app is the person's whose token made it; of an app in CUSTOMER_APPS the one customer's whom it
    mentions, if they are in this channel; else the app's own, in this channel alone: the same app may post for other
    customers elsewhere, and what stands here is nothing for them. An app has never an admin's power, whomever it
    mentions.
    """
    app = reading.app
    if app is None or not app.is_slackbot:
        person = await context.people.who(reading.user) if reading.user else None
        if person is not None and person.role is not Role.BOT:
            return person
    if app is None or (app.is_slackbot and reading.mail_by is None):
        return None
    if not app.is_among(context.customer_apps):
        await _tell_left_out(context, app, reading)
        return None
    mentioned = text.mentioned(reading.own)
    if len(mentioned) == 1 and not app.is_slackbot:
        named = await context.people.who(mentioned[0])
        if named.role is Role.CUSTOMER and await context.members.has(reading.channel, named.user_id):
            return named
    return _app_itself(app, reading)


def _app_itself(app: App, reading: MessageEvent) -> Person:
    name, address = reading.mail_by or ("", "")
    if app.is_slackbot and address:
        shown = f"{name} ({address})" if name else address
        return Person(f"{SLACKBOT}/{reading.channel}/{address}", shown, Role.CUSTOMER)
    return Person(f"{app.app_id}/{reading.channel}", app.name or app.app_id, Role.CUSTOMER)


async def _tell_left_out(context: SlackContext, app: App, reading: MessageEvent) -> None:
    """Say once for each app, in the log channel, that its posts are left out, and how they would count."""
    if reading.channel in context.channels.staff or reading.is_direct:
        return
    named = f"{app.name} ({app.app_id})" if app.name else app.app_id
    sentence = (
        f"The posts of {named} in {reading.channel} are left out, since an app made them."
        f" To take them in as a customer's messages, add {app.app_id} to CUSTOMER_APPS and restart."
    )
    await context.desk.do(left_out_apps.tell_once, app.app_id, sentence, now=context.clock.now())
