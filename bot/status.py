"""The state of each part, since when, and its last error, for `/health` and the metrics (design 3.12)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.clock import Clock

STUCK_AFTER = timedelta(seconds=120)  # a notice may wait this long before the outbox counts as stuck


class State(StrEnum):
    """The state of a part."""

    STARTING = "starting"
    UP = "up"
    DOWN = "down"
    OFF = "off"  # a door that is not set up
    STANDBY = "standby"  # another process holds the lock and does this work
    CONFIGURED = "configured"  # Slack with only a signing secret: there is no connection


class Health(StrEnum):
    """The overall state."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


class Part:
    """The status of one part of the bot, set by the code that runs it."""

    def __init__(self, name: str, clock: Clock, *, up_word: str, down_word: str) -> None:
        self.name = name
        self.state = State.STARTING
        self.since = clock.now()
        self.last_error: str | None = None
        self.last_heard: datetime | None = None
        self.is_catching_up = False
        self._heard_at = 0.0  # by the monotonic clock: setting the clock must not count as silence
        self._allowed: timedelta | None = None  # silence
        self._clock = clock
        self._words = {State.UP: up_word, State.DOWN: down_word}

    def expect(self, within: timedelta) -> None:
        """Expect `heard` at least this often; without it a part that is up counts as down."""
        self._allowed = within

    def believed(self) -> State:
        """Its state; a part that is up and silent for too long counts as down."""
        deaf = self.deaf()
        if self.state is State.UP and self._allowed is not None and deaf is not None and deaf > self._allowed:
            return State.DOWN
        return self.state

    def deaf(self) -> timedelta | None:
        """Time since the last `heard`; None where none is expected."""
        if self.last_heard is None or self.state not in {State.UP, State.DOWN}:
            return None
        return timedelta(seconds=max(0.0, self._clock.monotonic() - self._heard_at))

    def word(self) -> str:
        """The state as `/health` names it."""
        state = self.believed()
        return self._words.get(state, state.value)

    def is_broken(self) -> bool:
        """Whether it should work and does not."""
        return self.believed() in {State.STARTING, State.DOWN}

    def starting(self) -> None:
        """It should work, and has not shown yet that it does."""
        self._become(State.STARTING)

    def up(self) -> None:
        """It works; counts as `heard`."""
        self._become(State.UP)
        self.heard()

    def down(self, error: str) -> None:
        """It does not work; `error` is a sentence without message text, addresses or tokens."""
        self.last_error = error
        self._become(State.DOWN)

    def off(self) -> None:
        """It is not set up."""
        self._become(State.OFF)

    def standby(self) -> None:
        """Another process does its work."""
        self._become(State.STANDBY)

    def configured(self) -> None:
        """It is set up, and has no connection that could be up or down."""
        self._become(State.CONFIGURED)

    def heard(self) -> None:
        """The other side sent something."""
        self.last_heard = self._clock.now()
        self._heard_at = self._clock.monotonic()

    def catching_up(self, flag: bool) -> None:
        """Set whether it processes what arrived while it was down."""
        self.is_catching_up = flag

    def _become(self, state: State) -> None:
        if state is not self.state:
            self.state = state
            self.since = self._clock.now()
        if state is not State.UP:
            self.is_catching_up = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxStatus:
    """Facts about the notices that wait to be delivered."""

    oldest_unsent: datetime | None = None  # creation time of the oldest notice that is due and was not refused
    oldest_unexplained: datetime | None = None  # the same, without notices delayed by a rate limit or a refusal
    refused: int = 0  # notices that Slack or the mail server refuses for now
    last_error: str | None = None  # why, and in which lane
    limited: bool = False  # whether Slack asked us to wait in a channel


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReport:
    """What `/health` shows of one part under `details`."""

    broken: bool
    since: datetime
    last_error: str | None
    deaf_seconds: float | None  # since the last `heard`; None where none is expected


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxReport:
    """What `/health` shows of the outbox under `details`."""

    oldest_unsent_seconds: float | None
    refused: int
    last_error: str | None
    limited: bool
    stuck: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The state of all parts at one time."""

    status: Health
    services: dict[str, str]
    parts: dict[str, PartReport]
    outbox: OutboxReport


class Status:
    """The status of all parts; set by them, and read by the web server."""

    def __init__(self, clock: Clock) -> None:
        self.database = Part("database", clock, up_word="connected", down_word="disconnected")
        self.email_listener = Part("email_listener", clock, up_word="running", down_word="stopped")
        self.scheduler = Part("scheduler", clock, up_word="running", down_word="stopped")
        self.slack = Part("slack", clock, up_word="connected", down_word="disconnected")
        # Not among the services: an unavailable mail server shows in the age and refusals of the outbox.
        self.email_sender = Part("email_sender", clock, up_word="sending", down_word="waiting")
        self.email_sender.configured()
        self.outbox = OutboxStatus()

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that are services, in the order of display."""
        return (self.database, self.email_listener, self.scheduler, self.slack)

    def report(self, now: datetime) -> Report:
        """The state of all parts at `now`."""
        outbox = self._outbox(now)
        return Report(
            status=self._health(outbox),
            services={part.name: part.word() for part in self.parts},
            parts={part.name: _part(part) for part in (*self.parts, self.email_sender)},
            outbox=outbox,
        )

    def _outbox(self, now: datetime) -> OutboxReport:
        facts = self.outbox
        age = max(now - facts.oldest_unsent, timedelta()) if facts.oldest_unsent else None
        unexplained = now - facts.oldest_unexplained if facts.oldest_unexplained else timedelta()
        return OutboxReport(
            oldest_unsent_seconds=None if age is None else age.total_seconds(),
            refused=facts.refused,
            last_error=facts.last_error,
            limited=facts.limited,
            stuck=unexplained > STUCK_AFTER,
        )

    def _health(self, outbox: OutboxReport) -> Health:
        if outbox.stuck or any(part.is_broken() for part in self.parts):
            return Health.UNHEALTHY
        if outbox.refused or any(part.is_catching_up for part in self.parts):
            return Health.DEGRADED
        return Health.HEALTHY


def _part(part: Part) -> PartReport:
    deaf = part.deaf()
    return PartReport(
        broken=part.is_broken(),
        since=part.since,
        last_error=part.last_error,
        deaf_seconds=None if deaf is None else deaf.total_seconds(),
    )
