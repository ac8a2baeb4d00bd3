"""One notice in hand: worded, looked for where it may stand already, said, and noted in the book."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.errors import SlackObjectFormationError

from bot.slack.api.backoff import retry_delay
from bot.slack.api.errors import CALL_ERRORS, Failure, FailureKind, read_failure
from bot.slack.context.context import SlackContext
from bot.slack.delivery.downloads import fetch
from bot.slack.delivery.file_notices import FileTroubleError, Hand, LostClaimError
from bot.slack.delivery.lookup import Lookup
from bot.slack.delivery.posting import deliver
from bot.slack.delivery.rendering import render
from bot.slack.delivery.transcripts import ask
from bot.slack.delivery.uploads import take_back, upload
from bot.slack.screens.blocks import Gone
from bot.slack.screens.limits import Unsayable
from casebook import notices
from casebook.conversation import attachments
from casebook.errors import DatabaseUnavailableError
from casebook.outbound import replies
from casebook.outcomes import Claimed, NoticeKind

log = structlog.get_logger("casebook.courier")

FRESH_FOR = 10.0  # seconds after its claim in which a notice is surely still in our hands

# Done with files rather than said; each notes in the book what came of it.
_CARRIED = (
    NoticeKind.FETCH,
    NoticeKind.TRANSCRIPT,
    NoticeKind.FILES,
    NoticeKind.ANSWER_FILES,
    NoticeKind.FILES_GONE,
)


class DeliveryAttempt:
    """Says one claimed notice, once; `failure` tells afterwards what went wrong, if anything did."""

    def __init__(self, context: SlackContext, claimed: Claimed, lookup: Lookup) -> None:
        self._context = context
        self._claimed = claimed
        self._lookup = lookup
        self._kind = claimed.items[0].kind
        self._begun = context.clock.monotonic()
        self.puts_more = self._kind in (*_CARRIED, NoticeKind.ANSWER)  # what comes of it is said as well
        # Whether the post may stand there already: only then is it looked for, and it stays so until a look is done.
        self._may_stand = claimed.uncertain
        self.failure: Failure | None = None

    async def say(self) -> None:
        """Say it and note what came of it.

        Raises DatabaseUnavailableError, and nothing else: a mistake of ours is a refusal of this one notice, so that
        it is kept, shown and tried again, and the others of its lane are said.
        """
        try:
            await self._try()
        except DatabaseUnavailableError:
            raise
        except Exception as error:
            self.failure = Failure(FailureKind.REFUSED, f"a mistake in Casebook ({type(error).__name__})")
            log.exception("mistake in saying", lane=self._claimed.lane, notices=self._claimed.ids)
            named = {"error": self.failure.error, "retry_at": self._later(), "uncertain": self._may_stand}
            await self._note(notices.mark_failed, **named)

    async def _try(self) -> None:
        try:
            await self._say()
        except LostClaimError:
            log.warning("claim ran out", lane=self._claimed.lane, notices=self._claimed.ids)
        except (Unsayable, SlackObjectFormationError, FileTroubleError) as error:
            await self._failed(Failure(FailureKind.REFUSED, str(error)))
        except CALL_ERRORS as error:
            await self._failed(read_failure(error))
        else:
            log.info("said", lane=self._claimed.lane, notices=self._claimed.ids, kind=self._kind.value)

    async def _say(self) -> None:
        if self._kind in _CARRIED:
            await self._carry()
            return
        channel, ts = await self._post()
        named = {"channel": channel, "ts": ts, "now": self._context.clock.now()}
        if self._kind is NoticeKind.ANSWER and not ts:
            await self._note(replies.left_out, now=named["now"])
        elif self._kind is NoticeKind.ANSWER:
            await self._note(replies.sent, **named, limits=self._context.limits)
        else:
            await self._note(notices.mark_sent, **named)

    async def _carry(self) -> None:
        hand = Hand(self._context, self._claimed)
        try:
            match self._kind:
                case NoticeKind.FETCH:
                    await fetch(self._context, hand)
                case NoticeKind.TRANSCRIPT:
                    await ask(self._context, hand)
                case NoticeKind.FILES_GONE:
                    await take_back(self._context, hand)
                case _:
                    await upload(self._context, hand, self._lookup)
        finally:
            self._claimed = hand.claimed  # held for longer meanwhile: what went wrong is noted under this claim

    async def _post(self) -> tuple[str, str]:
        """Channel and ts of the post, made now or found; both are empty when there is nothing left to say."""
        said = await render(self._context, self._claimed)
        if self._may_stand and self._claimed.items[0].post is None:
            found = await self._lookup.find_post(self._claimed)
            if found is not None:
                return found
            self._claimed = await self._still_ours()
            self._may_stand = False
        elif self._context.clock.monotonic() - self._begun > FRESH_FOR:
            self._claimed = await self._still_ours()
        if isinstance(said, Gone):
            log.info("nothing left to say", notices=self._claimed.ids, reason=said.reason)
            return "", ""
        before, self._may_stand = self._may_stand, True
        try:
            return await deliver(self._context, self._claimed, said)
        except (Unsayable, *CALL_ERRORS) as error:
            is_open = isinstance(error, CALL_ERRORS) and read_failure(error).kind is FailureKind.BROKEN
            self._may_stand = is_open or before
            raise

    async def _still_ours(self) -> Claimed:
        context, until = self._context, self._context.clock.now() + notices.LEASE
        there = context.client.time_there()
        kept = await context.desk.do(notices.still_ours, self._claimed, until=until, there=there)
        if kept is None:
            raise LostClaimError
        return kept

    async def _note(self, operation: Any, **named: Any) -> None:
        """Note what was done; where the database is away, wait for it: what is noted need not be looked for."""
        attempts = 0
        while True:
            try:
                noted = await self._context.desk.do(operation, self._claimed, **named)
            except DatabaseUnavailableError as error:
                attempts += 1
                log.warning("not noted yet", notices=self._claimed.ids, reason=str(error))
                await asyncio.sleep(retry_delay(attempts))
            else:
                if not noted:
                    log.warning("somebody else has noted it", lane=self._claimed.lane, notices=self._claimed.ids)
                return

    def _later(self) -> datetime:
        return self._context.clock.now() + timedelta(seconds=retry_delay(self._claimed.items[0].attempts))

    async def _failed(self, failure: Failure) -> None:
        self.failure = failure
        log.warning(failure.kind.value, lane=self._claimed.lane, notices=self._claimed.ids, error=failure.error)
        match failure.kind:
            case FailureKind.LIMITED:
                until = self._context.clock.now() + timedelta(seconds=failure.retry_after)
                await self._note(notices.give_back, due_at=until)
            case FailureKind.BROKEN:
                await self._note(notices.mark_uncertain, error=failure.error, retry_at=self._later())
            case FailureKind.AWAY:
                await self._note(notices.put_off, error=failure.error, retry_at=self._later())
            case FailureKind.REFUSED:
                await self._refused(failure.error)

    async def _refused(self, error: str) -> None:
        item, now = self._claimed.items[0], self._context.clock.now()
        named: dict[str, Any] = {"error": error, "retry_at": self._later(), "uncertain": self._may_stand}
        if item.kind is NoticeKind.ANSWER:
            await self._note(replies.failed, **named, now=now)
        elif item.kind is NoticeKind.FILES:
            await self._note(attachments.refused, **named, now=now)
        else:
            is_post_gone = error == "message_not_found" and item.post is not None
            await self._note(notices.mark_failed, **named, is_post_gone=is_post_gone)
