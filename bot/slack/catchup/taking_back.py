"""Passes the events that were found on Slack to the same code as live events, oldest first."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bot.slack.api.errors import CALL_ERRORS
from bot.slack.catchup.reading_back import Found
from bot.slack.context.context import SlackContext
from bot.slack.context.people import LookupFailedError
from bot.slack.messages import take_in
from casebook.errors import CasebookError
from casebook.outcomes import Outcome, Received

log = structlog.get_logger("casebook.slack")

OFTEN = 500  # events between two calls of `on_progress`

Upto = dict[str, str]


class Replay:
    """Replays the events of one round.

    All channels together, since a message in one channel may change what a message in another means.
    """

    def __init__(self, context: SlackContext) -> None:
        self._context = context
        self.count = 0  # messages of people that were not in the database, edits and deletions
        self.stuck: set[str] = set()  # channels where an event could not be stored for now
        self._stored: list[str] = []  # the ts of messages that no live event has delivered

    async def run(self, found: dict[str, Found], *, on_progress: Callable[[Upto], Awaitable[None]]) -> None:
        """Replay everything up to where every channel was read.

        `on_progress` gets the ts up to which each channel is known. A channel in which an event fails keeps its
        position, and does not stop the others. Raises CasebookError if the database does not answer.
        """
        bound = min((each.bound for each in found.values() if each.bound), default="")
        events = [(ts, event) for each in found.values() for ts, event in each.events if not bound or ts <= bound]
        events.sort(key=lambda each: each[0])
        for number, (ts, event) in enumerate(events, start=1):
            channel = str(event["channel"])
            if channel not in self.stuck and not await self._one(ts, event):
                self.stuck.add(channel)
            if number % OFTEN == 0:
                log.info("catching up", done=number, of=len(events))
                await on_progress(self._upto(found, ts))
        await on_progress(self._upto(found, bound))

    def _upto(self, found: dict[str, Found], bound: str) -> Upto:
        """The ts up to which each channel is known, at most `bound` if it is not empty."""
        upto = {channel: min(each.upto, bound) if bound else each.upto for channel, each in found.items()}
        return {channel: ts for channel, ts in upto.items() if channel not in self.stuck and ts >= found[channel].since}

    async def _one(self, ts: str, event: dict[str, Any]) -> bool:
        """Whether it is in the database, or in quarantine after several failures; False if it waits for a retry."""
        try:
            self._count(ts, await take_in(self._context, event))
        except (LookupFailedError, *CALL_ERRORS) as error:
            log.warning("message postponed", channel=event["channel"], error=type(error).__name__)
            return False
        except CasebookError as error:
            if not error.permanent:
                raise
            log.warning("message not stored", error=type(error).__name__)
            return False
        except Exception as error:  # noqa: BLE001 - the third failure puts the message into quarantine
            log.warning("message not stored", error=type(error).__name__)
            return False
        return True

    def _count(self, ts: str, received: Received | None) -> None:
        if received is None or received.known:
            return
        if received.outcome in (Outcome.MESSAGE, Outcome.IGNORED):
            self._stored.append(ts)
        if received.outcome is not Outcome.IGNORED:
            self.count += 1

    def newest_late(self, before: str) -> str:
        """The ts of the newest message before this ts that no live event has delivered; empty if there is none."""
        return max((ts for ts in self._stored if ts < before), default="")
