"""Takes in what reading back has found, in the order in which it was written, by the way of every event."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bot.slack.api.errors import CALL_ERRORS
from bot.slack.catchup.channel_scan import Found
from bot.slack.context.context import SlackContext
from bot.slack.context.people import LookupFailedError
from bot.slack.messages import take_in
from casebook.errors import CasebookError
from casebook.outcomes import Outcome, Received

log = structlog.get_logger("casebook.slack")

OFTEN = 500  # after so many it is noted how far we are

Upto = dict[str, str]


class TakingIn:
    """One round over all channels together, since what is said in one bears on what was said in another."""

    def __init__(self, context: SlackContext) -> None:
        self._context = context
        self.count = 0  # messages of people that were not in the book, edits and deletions
        self.stuck: dict[str, str] = {}  # channels where something could not be taken in for now, and its ts
        self._taken: list[str] = []  # the ts of messages that no event has brought

    async def all(self, found: dict[str, Found], *, on_progress: Callable[[Upto], Awaitable[None]]) -> None:
        """Take in everything up to where every channel was read.

        Raises when the database does not answer. `on_progress` is told up to where each channel is known now; a
        channel in which something fails stays where it is, and does not stop the others.
        """
        bound = min((each.bound for each in found.values() if each.bound), default="")
        events = [(ts, event) for each in found.values() for ts, event in each.events if not bound or ts <= bound]
        events.sort(key=lambda each: each[0])
        for number, (ts, event) in enumerate(events, start=1):
            channel = str(event["channel"])
            if channel not in self.stuck and not await self._one(ts, event):
                self.stuck[channel] = ts
            if number % OFTEN == 0:
                log.info("catching up", done=number, of=len(events))
                await on_progress(self._upto(found, ts))
        await on_progress(self._upto(found, bound))

    def _upto(self, found: dict[str, Found], bound: str) -> Upto:
        """How far each channel is known, at most up to `bound` if there is one."""
        upto = {channel: min(each.upto, bound) if bound else each.upto for channel, each in found.items()}
        return {channel: ts for channel, ts in upto.items() if channel not in self.stuck and ts >= found[channel].since}

    async def _one(self, ts: str, event: dict[str, Any]) -> bool:
        """Whether it is in the book, or put aside after so many tries; false where it waits for the next look."""
        try:
            self._note(ts, await take_in(self._context, event))
        except (LookupFailedError, *CALL_ERRORS) as error:
            log.warning("message waits", channel=event["channel"], error=type(error).__name__)
            return False
        except CasebookError as error:
            if not error.permanent:
                raise
            log.warning("message not taken in", error=type(error).__name__)
            return False
        except Exception as error:  # noqa: BLE001 - the third failure puts it into quarantine
            log.warning("message not taken in", error=type(error).__name__)
            return False
        return True

    def _note(self, ts: str, received: Received | None) -> None:
        if received is None or received.known:
            return
        if received.outcome in (Outcome.MESSAGE, Outcome.IGNORED):
            self._taken.append(ts)
        if received.outcome is not Outcome.IGNORED:
            self.count += 1

    def youngest_late(self, before: str) -> str:
        """The youngest that is older than this; empty when there is none."""
        return max((ts for ts in self._taken if ts < before), default="")
