"""What every listener needs: the database desk, people, channels, the clock, and a way to wake the courier."""

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
    """The dependencies that every listener receives."""

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
    wake: Callable[[], None]  # tells the courier that there is something to post
    count: Callable[[str, str], None]  # counts an item: its source and its outcome
    background: BackgroundTasks
    store: Store | None = None  # where attachments are kept; None: they are not kept
    customer_apps: frozenset[str] = frozenset()  # IDs and names of apps whose posts count as customers'
    failure_counter: FailureCounter = field(default_factory=FailureCounter)  # items that failed before
