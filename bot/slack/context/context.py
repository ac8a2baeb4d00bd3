"""What every listener works with: the book, the people, the channels, the clock, and a way to wake the courier."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from bot.clock import Clock
from bot.desk import Desk
from bot.files.store import Store
from bot.slack.api.client import SlackClient
from bot.slack.context.background import BackgroundTasks
from bot.slack.context.channels import Channels
from bot.slack.context.failure_counter import FailureCounter
from bot.slack.context.members import Members
from bot.slack.context.people import People
from casebook.rules import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackContext:
    """Handed to every listener."""

    client: SlackClient
    desk: Desk
    people: People
    members: Members
    channels: Channels
    clock: Clock
    limits: Limits
    undo: timedelta  # how long an answer can be taken back
    home_team: str
    our_user: str
    our_bot: str
    workspace_url: str
    wake: Callable[[], None]  # there is something to say
    count: Callable[[str, str], None]  # an item came through this door, with this outcome
    background: BackgroundTasks
    store: Store | None = None  # where attachments are kept; None: they are not
    customer_apps: frozenset[str] = frozenset()  # IDs and names of apps whose posts count as customers'
    failure_counter: FailureCounter = field(default_factory=FailureCounter)  # which items have failed before
