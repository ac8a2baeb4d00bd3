"""The team's and the customers' channels, found by name or ID at start-up (design 3.2)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.api.errors import CALL_ERRORS, FailureKind, read_failure
from bot.slack.api.pages import read_pages
from casebook import notices
from casebook.errors import CasebookError

_TYPES = "public_channel,private_channel"


class ChannelError(CasebookError):
    """A channel that the settings name cannot be used."""

    def __init__(self, problem: str, advice: str = "") -> None:
        super().__init__(f"{problem}; {advice}." if advice else problem)


class SlackUnavailableError(CasebookError):
    """Slack does not answer; the call is tried again later."""

    permanent = False


@dataclass(slots=True)
class Channels:
    """The IDs of the channels that the settings name; kept up to date when Slack changes an ID."""

    support: str
    alerts: str
    log: str
    customers: frozenset[str] = field(default_factory=frozenset)  # empty: every other channel
    configured: tuple[tuple[str, str], ...] = field(default=(), compare=False)  # (variable, ID) of each ID setting
    seen: set[str] = field(default_factory=set, compare=False)  # channels with a message since this process started
    _current: dict[str, str] = field(default_factory=dict, compare=False)  # the current ID by former ID

    @property
    def staff(self) -> frozenset[str]:
        """The team's own channels, where nobody counts as a customer."""
        return frozenset((self.support, self.alerts, self.log))

    def of_lane(self, lane: str) -> str:
        """The channel to which a lane (queue) of notices belongs."""
        return {notices.SUPPORT: self.support, notices.ALERTS: self.alerts, notices.LOG: self.log}.get(
            lane, self.current(lane)
        )

    def current(self, channel: str) -> str:
        """The current ID of a channel."""
        return self._current.get(channel, channel)

    def follow(self, changes: Mapping[str, str]) -> None:
        """Replace changed IDs; `changes` maps former IDs to current ones."""
        self._current = dict(changes)
        self.support, self.alerts, self.log = map(self.current, (self.support, self.alerts, self.log))
        self.customers = frozenset(map(self.current, self.customers))

    def variables_naming(self, channel: str) -> tuple[str, ...]:
        """The settings that name this channel by its current or a former ID."""
        return tuple(dict.fromkeys(variable for variable, given in self.configured if self.current(given) == channel))

    def is_watched(self, channel: str, *, direct: bool) -> bool:
        """Whether messages there may become part of a case."""
        return direct or channel in self.staff or not self.customers or channel in self.customers


async def find_channels(
    client: AsyncWebClient,
    staff: Mapping[str, str],
    customers: tuple[str, ...],
    changes: Mapping[str, str] | None = None,
) -> Channels:
    """Look up the channels of the settings; `staff` maps each variable to an ID or #name.

    `changes` maps former IDs to current ones. Raises ChannelError with one sentence for each channel that cannot be
    used, and SlackUnavailableError if Slack does not answer.
    """
    given = [*staff.items(), *(("CUSTOMER_SLACK_CHANNELS", name) for name in customers)]
    wanted = [(variable, (changes or {}).get(name, name)) for variable, name in given]
    names = await channel_names(client, (name for _, name in wanted))
    problems: list[str] = []
    found: dict[tuple[str, str], str] = {}
    for variable, name in wanted:
        try:
            channel = await usable_channel(client, variable, name, names, is_staff=variable in staff)
            found[variable, name] = str(channel["id"])
        except ChannelError as error:
            problems.append(str(error))
    both = {found.get(item) for item in wanted[: len(staff)]} & {found.get(item) for item in wanted[len(staff) :]}
    problems += [str(staff_and_customer_error(channel)) for channel in both if channel]
    if problems:
        raise ChannelError("\n".join(problems))
    support, alerts, log = (found[item] for item in wanted[: len(staff)])
    by_id = tuple((variable, name) for variable, name in given if _is_id(name))
    channels = Channels(support, alerts, log, frozenset(found[item] for item in wanted[len(staff) :]), by_id)
    channels.follow(changes or {})
    return channels


def _is_id(name: str) -> bool:
    return name[:1] in ("C", "G", "D") and name.isalnum() and name.isupper()


def staff_and_customer_error(channel: str) -> ChannelError:
    """The error for a staff channel that is also listed as a customers' channel."""
    return ChannelError(f"{channel} is a staff channel and stands in CUSTOMER_SLACK_CHANNELS too", "take it out")


async def channel_names(client: AsyncWebClient, wanted: Iterable[str]) -> dict[str, str]:
    """The ID of every channel that the bot can see, by name; empty, without a call, if only IDs are `wanted`."""
    names: dict[str, str] = {}
    if all(_is_id(name) for name in wanted):
        return names
    call = partial(client.conversations_list, types=_TYPES, exclude_archived=True, limit=200)
    try:
        async for page in read_pages(lambda cursor: call(cursor=cursor)):
            names.update({channel["name"]: channel["id"] for channel in page["channels"]})
    except CALL_ERRORS as error:
        raise _error_for(error, "look up channel names") from error
    return names


async def usable_channel(
    client: AsyncWebClient, variable: str, name: str, names: Mapping[str, str], *, is_staff: bool
) -> Mapping[str, Any]:
    """The `channel` object of the channel that `variable` names; raises ChannelError if it cannot be used."""
    channel_id = name if _is_id(name) else names.get(name.removeprefix("#"))
    if channel_id is None:
        raise ChannelError(
            f"{variable} names {name}, and there is no such channel that the bot can see",
            "write its ID, or invite the bot to it",
        )
    try:
        channel: dict[str, Any] = (await client.conversations_info(channel=channel_id))["channel"]
    except CALL_ERRORS as error:
        failure = read_failure(error)
        if failure.error == "channel_not_found":
            raise ChannelError(
                f"{variable} is {name}, and Slack knows no such channel",
                "write the ID of one that the bot is in (Slack changes it when a channel is shared)",
            ) from error
        raise _error_for(error, f"look at {name}") from error
    shown = "#" + str(channel.get("name") or channel_id)
    if channel.get("is_archived"):
        raise ChannelError(f"{variable}: {shown} is archived", "unarchive it, or choose another")
    if channel.get("is_member") is False:
        raise ChannelError(f"{variable}: the bot is not in {shown}", "write /invite @casebook there")
    if is_staff and (channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")):
        raise ChannelError(
            f"{variable}: {shown} is shared with another organisation, which would read what is meant for the team",
            "choose a channel of your own",
        )
    return channel


def _error_for(error: Exception, what: str) -> CasebookError:
    failure = read_failure(error)
    if failure.kind is FailureKind.REFUSED:
        return ChannelError(f"Slack does not let the bot {what}: {failure.error}.")
    return SlackUnavailableError(f"Slack did not answer when the bot tried to {what}: {failure.error}")
