"""The only place that reads the clock; everything else is told what time it is."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """The time of this process; only tests and the demo push it."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset
        self._set_by = timedelta()

    def now(self) -> datetime:
        """The present moment, timezone-aware UTC."""
        return datetime.now(UTC) + self._offset + self._set_by

    def monotonic(self) -> float:
        """Seconds that never run backwards, for measuring how long something took or has been quiet."""
        return time.monotonic() + self._offset.total_seconds()

    def push(self, by: timedelta) -> None:
        """Let `by` pass at once."""
        self._offset += by

    def jump(self, by: timedelta) -> None:
        """Set the clock, as somebody does who corrects it: no time passes."""
        self._set_by += by
