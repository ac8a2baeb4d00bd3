"""What is wrong with the Slack side: `/health` tells the gravest of it, and turns green when all of it is mended."""

from collections.abc import Callable
from enum import IntEnum

import structlog

from bot.status import Part

log = structlog.get_logger("casebook.slack")


class Incident(IntEnum):
    """What can be wrong, the gravest first."""

    BOT_TOKEN = 1
    APP_TOKEN = 2
    SWITCHED_OFF = 3  # Socket Mode, in the settings of the app
    OPENING = 4  # Slack did not answer at the start
    SOCKET = 5
    EVENTS = 6  # the socket lives, and nothing comes over it


class Incidents:
    """Told by several, since a living socket says nothing of a dead token."""

    def __init__(self, part: Part, *, calm: Callable[[], None]) -> None:
        self.part = part
        self._calm = calm  # tells the part that all is well
        self._told: dict[Incident, str] = {}

    def tell(self, incident: Incident, sentence: str) -> None:
        """This is wrong from now on; the sentence says what to do where somebody can do something."""
        if self._told.get(incident) != sentence:
            log.warning("slack is in trouble", incident=incident.name.lower(), reason=sentence)
        self._told[incident] = sentence
        self.show()

    def clear(self, *incidents: Incident) -> None:
        """This is well again."""
        mended = [incident for incident in incidents if self._told.pop(incident, None) is not None]
        for incident in mended:
            log.info("slack is well again", incident=incident.name.lower())
        if mended:
            self.show()

    def show(self) -> None:
        """Tell the part how things stand."""
        if self._told:
            self.part.down(self._told[min(self._told)])
        else:
            self._calm()
