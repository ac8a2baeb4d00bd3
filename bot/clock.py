"""The only place that reads the clock; all other code receives the time as an argument."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """The time of this process; only tests and the demo move it."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset
        self._set_by = timedelta()

    def now(self) -> datetime:
        """The present moment, timezone-aware UTC."""
        return datetime.now(UTC) + self._offset + self._set_by

    def monotonic(self) -> float:
        """Seconds of a monotonic clock, for measuring durations."""
        return time.monotonic() + self._offset.total_seconds()

    def push(self, by: timedelta) -> None:
        """Advance both clocks by `by`."""
        self._offset += by

    def jump(self, by: timedelta) -> None:
        """Set the wall clock forward by `by`, as an administrator does; the monotonic clock stays."""
        self._set_by += by
