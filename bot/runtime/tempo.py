"""How fast the outbox is emptied."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """The rates of the courier and the sender; only a bot that runs against a stand-in may be faster."""

    posts: float = 1.0  # per second and channel; Slack's limit: https://docs.slack.dev/apis/web-api/rate-limits
    look: float = 1.0  # seconds between two queries of the outbox when nobody wakes the courier or sender
