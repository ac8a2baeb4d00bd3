"""How long to wait before something is tried again with Slack."""

import random

LONGEST_WAIT = 60.0  # seconds between two tries


def retry_delay(attempts: int) -> float:
    """Seconds until the next try: one, then twice as long each time, at most a minute, with jitter."""
    exact = min(LONGEST_WAIT, 2.0 ** min(attempts - 1, 10))
    return min(LONGEST_WAIT, exact * random.uniform(0.8, 1.2))  # noqa: S311 - jitter is no secret
