"""How long to wait before a call to Slack is tried again."""

from bot.runtime import backoff

LONGEST_WAIT = 60.0  # seconds between two attempts


def retry_delay(attempts: int) -> float:
    """Seconds until the next attempt: one, then twice as long each time, at most a minute, with jitter."""
    return min(LONGEST_WAIT, backoff.retry_delay(attempts, first=1.0, longest=LONGEST_WAIT))
