"""Checks each channel of the settings, and lists the channels in which the bot listens to customers."""

from functools import partial

from slack_sdk.web.async_client import AsyncWebClient

from bot.reports.findings import Finding, Findings, failed, failed_by, ok, skipped, warning
from bot.settings import Settings
from bot.slack.api.errors import CALL_ERRORS, read_failure
from bot.slack.api.pages import read_pages
from bot.slack.checks.access import Access
from bot.slack.context.channels import channel_names, staff_and_customer_error, usable_channel
from bot.slack.startup import staff_channels
from casebook.errors import CasebookError

_MOST_NAMED = 20  # channels listed by name
_CUSTOMERS = "CUSTOMER_SLACK_CHANNELS"


async def check_channels(access: Access, settings: Settings) -> Findings:
    """The staff channels and the customers' channels of the settings, and the channels that the bot is in."""
    if isinstance(await access.identity(), Finding):
        yield skipped("channels", "not tried, since the bot token does not work")
        return
    # Wrong and missing variables are reported by the check of the settings.
    staff = [(variable, name, True) for variable, name in staff_channels(settings).items() if name]
    customers = [(_CUSTOMERS, name, False) for name in settings.customer_slack_channels]
    try:
        names = await channel_names(access.client, (name for _, name, _ in (*staff, *customers)))
    except CasebookError as error:
        yield failed_by("channels", error)
        return
    ours: set[str] = set()
    named: set[str] = set()
    for variable, name, is_staff in (*staff, *customers):
        try:
            channel = await usable_channel(access.client, variable, name, names, is_staff=is_staff)
        except CasebookError as error:
            yield failed_by(variable, error)
            continue
        channel_id, shown = str(channel["id"]), f"#{channel.get('name')}"
        (ours if is_staff else named).add(channel_id)
        if not is_staff and channel_id in ours:
            yield failed_by(_CUSTOMERS, staff_and_customer_error(shown))
        else:
            shared = ", shared with another organisation" if channel.get("is_ext_shared") else ""
            yield ok(variable, f"the bot is in {shown} ({channel_id}){shared}")
    yield await _listening(access.client, ours, named)


async def _listening(client: AsyncWebClient, ours: set[str], named: set[str]) -> Finding:
    """The channels of the bot in which messages become cases, and those that it ignores."""
    what = "customers' channels"
    try:
        inside = await _inside(client)
    except CALL_ERRORS as error:
        return failed(what, f"Slack does not say which channels the bot is in: {read_failure(error).error}")
    others = {channel_id: name for channel_id, name in inside.items() if channel_id not in ours}
    heard = {channel_id: name for channel_id, name in others.items() if not named or channel_id in named}
    left = [name for channel_id, name in others.items() if channel_id not in heard]
    ignored = f"; left alone, since they are not in {_CUSTOMERS}: {_names(left)}" if left else ""
    if not heard:
        return warning(
            what,
            f"the bot is in none, so only direct messages become cases{ignored}",
            "Write /invite @casebook in each channel where customers write.",
        )
    return ok(what, f"what is written in {_names(list(heard.values()))} becomes cases{ignored}")


async def _inside(client: AsyncWebClient) -> dict[str, str]:
    """The channels that the bot is in, by ID."""
    found: dict[str, str] = {}
    call = partial(client.users_conversations, types="public_channel,private_channel", exclude_archived=True, limit=200)
    async for page in read_pages(lambda cursor: call(cursor=cursor)):
        found |= {str(channel["id"]): f"#{channel.get('name')}" for channel in page["channels"]}
    return found


def _names(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(sorted(names)[:_MOST_NAMED]) + more
