"""Open incidents of the Slack connection: `/health` shows the most severe one until all are cleared."""

from collections.abc import Callable
from enum import IntEnum

import structlog

from bot.status import Part

log = structlog.get_logger("casebook.slack")


class Incident(IntEnum):
    """Kinds of incidents, the most severe first."""

    BOT_TOKEN = 1
    APP_TOKEN = 2
    SWITCHED_OFF = 3  # Socket Mode, in the settings of the app
    OPENING = 4  # Slack did not answer at the start
    SOCKET = 5
    EVENTS = 6  # the socket is open, and no events arrive


class Incidents:
    """Collects incidents from several sources: an open socket does not show that the bot token is valid."""

    def __init__(self, part: Part, *, on_none: Callable[[], None]) -> None:
        self.part = part
        self._on_none = on_none  # sets the part's status when there is no incident
        self._open: dict[Incident, str] = {}

    def report(self, incident: Incident, sentence: str) -> None:
        """Open an incident, or replace its sentence, which says what an operator can do."""
        if self._open.get(incident) != sentence:
            log.warning("slack incident", incident=incident.name.lower(), reason=sentence)
        self._open[incident] = sentence
        self.update()

    def clear(self, *incidents: Incident) -> None:
        """Close incidents."""
        cleared = [incident for incident in incidents if self._open.pop(incident, None) is not None]
        for incident in cleared:
            log.info("slack incident over", incident=incident.name.lower())
        if cleared:
            self.update()

    def update(self) -> None:
        """Set the part's status."""
        if self._open:
            self.part.down(self._open[min(self._open)])
        else:
            self._on_none()
