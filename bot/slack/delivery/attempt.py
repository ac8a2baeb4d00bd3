"""Delivers one claimed notice: renders it, looks for an earlier post of it, posts it, and stores the outcome."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.errors import SlackObjectFormationError

from bot.slack.api.backoff import retry_delay
from bot.slack.api.errors import CALL_ERRORS, Failure, FailureKind, read_failure
from bot.slack.context.context import SlackContext
from bot.slack.delivery.downloads import download_files
from bot.slack.delivery.file_notices import ClaimExpiredError, FileTransferError, HeldClaim
from bot.slack.delivery.lookup import Lookup
from bot.slack.delivery.posting import deliver
from bot.slack.delivery.rendering import render
from bot.slack.delivery.transcripts import fetch_transcripts
from bot.slack.delivery.uploads import delete_copies, upload_files
from bot.slack.screens.blocks import NothingToPost
from bot.slack.screens.limits import SlackLimitError
from casebook import notices
from casebook.conversation import attachments
from casebook.errors import DatabaseUnavailableError
from casebook.outbound import replies
from casebook.outcomes import Claimed, NoticeKind

log = structlog.get_logger("casebook.courier")

FRESH_FOR = 10.0  # seconds after its claim during which a notice certainly still belongs to this process

# These notices transfer files instead of posting a text; each operation stores its own outcome.
_FILE_KINDS = (
    NoticeKind.FETCH,
    NoticeKind.TRANSCRIPT,
    NoticeKind.FILES,
    NoticeKind.ANSWER_FILES,
    NoticeKind.FILES_GONE,
)


class DeliveryAttempt:
    """One attempt to deliver a claimed notice; `failure` holds the reason if it failed."""

    def __init__(self, context: SlackContext, claimed: Claimed, lookup: Lookup) -> None:
        self._context = context
        self._claimed = claimed
        self._lookup = lookup
        self._kind = claimed.items[0].kind
        self._begun = context.clock.monotonic()
        self.creates_notices = self._kind in (*_FILE_KINDS, NoticeKind.ANSWER)  # its outcome is posted as well
        # Whether an earlier attempt may have posted it: if so, it is looked up before it is posted.
        self._may_be_posted = claimed.uncertain
        self.failure: Failure | None = None

    async def run(self) -> None:
        """Deliver the notice and store the outcome.

        Raises DatabaseUnavailableError and nothing else: any other exception is a bug and marks this notice as refused,
        so that it is kept, shown and tried again, and does not block the others of its lane (queue).
        """
        try:
            await self._try()
        except DatabaseUnavailableError:
            raise
        except Exception as error:
            self.failure = Failure(FailureKind.REFUSED, f"a mistake in Casebook ({type(error).__name__})")
            log.exception("delivery failed by a bug", lane=self._claimed.lane, notices=self._claimed.ids)
            outcome = {"error": self.failure.error, "retry_at": self._retry_at(), "uncertain": self._may_be_posted}
            await self._store(notices.mark_failed, **outcome)

    async def _try(self) -> None:
        try:
            await self._deliver()
        except ClaimExpiredError:
            log.warning("claim expired", lane=self._claimed.lane, notices=self._claimed.ids)
        except (SlackLimitError, SlackObjectFormationError, FileTransferError) as error:
            await self._failed(Failure(FailureKind.REFUSED, str(error)))
        except CALL_ERRORS as error:
            await self._failed(read_failure(error))
        else:
            log.info("delivered", lane=self._claimed.lane, notices=self._claimed.ids, kind=self._kind.value)

    async def _deliver(self) -> None:
        if self._kind in _FILE_KINDS:
            await self._transfer_files()
            return
        channel, ts = await self._post()
        outcome = {"channel": channel, "ts": ts, "now": self._context.clock.now()}
        if self._kind is NoticeKind.ANSWER and not ts:
            await self._store(replies.not_sent, now=outcome["now"])
        elif self._kind is NoticeKind.ANSWER:
            await self._store(replies.sent, **outcome, limits=self._context.limits)
        else:
            await self._store(notices.mark_sent, **outcome)

    async def _transfer_files(self) -> None:
        held = HeldClaim(self._context, self._claimed)
        try:
            match self._kind:
                case NoticeKind.FETCH:
                    await download_files(self._context, held)
                case NoticeKind.TRANSCRIPT:
                    await fetch_transcripts(self._context, held)
                case NoticeKind.FILES_GONE:
                    await delete_copies(self._context, held)
                case _:
                    await upload_files(self._context, held, self._lookup)
        finally:
            self._claimed = held.claimed  # its lease was extended: the outcome is stored under this claim

    async def _post(self) -> tuple[str, str]:
        """Channel and ts of the post, new or found; both are empty if there is nothing left to post."""
        rendered = await render(self._context, self._claimed)
        if self._may_be_posted and self._claimed.items[0].post is None:
            found = await self._lookup.find_post(self._claimed)
            if found is not None:
                return found
            self._claimed = await self._renewed_claim()
            self._may_be_posted = False
        elif self._context.clock.monotonic() - self._begun > FRESH_FOR:
            self._claimed = await self._renewed_claim()
        if isinstance(rendered, NothingToPost):
            log.info("nothing to post", notices=self._claimed.ids, reason=rendered.reason)
            return "", ""
        before, self._may_be_posted = self._may_be_posted, True
        try:
            return await deliver(self._context, self._claimed, rendered)
        except (SlackLimitError, *CALL_ERRORS) as error:
            is_uncertain = isinstance(error, CALL_ERRORS) and read_failure(error).kind is FailureKind.UNCERTAIN
            self._may_be_posted = is_uncertain or before
            raise

    async def _renewed_claim(self) -> Claimed:
        context, until = self._context, self._context.clock.now() + notices.LEASE
        there = context.client.slack_time()
        renewed = await context.desk.do(notices.extend_claim, self._claimed, until=until, remote_now=there)
        if renewed is None:
            raise ClaimExpiredError
        return renewed

    async def _store(self, operation: Any, **outcome: Any) -> None:
        """Store the outcome; wait while the database is unavailable, because a stored outcome needs no lookup later."""
        attempts = 0
        while True:
            try:
                is_stored = await self._context.desk.do(operation, self._claimed, **outcome)
            except DatabaseUnavailableError as error:
                attempts += 1
                log.warning("outcome not stored yet", notices=self._claimed.ids, reason=str(error))
                await asyncio.sleep(retry_delay(attempts))
            else:
                if not is_stored:
                    log.warning(
                        "outcome not stored: the claim belongs to another process",
                        lane=self._claimed.lane,
                        notices=self._claimed.ids,
                    )
                return

    def _retry_at(self) -> datetime:
        return self._context.clock.now() + timedelta(seconds=retry_delay(self._claimed.items[0].attempts))

    async def _failed(self, failure: Failure) -> None:
        self.failure = failure
        log.warning(
            "delivery failed",
            kind=failure.kind.value,
            lane=self._claimed.lane,
            notices=self._claimed.ids,
            error=failure.error,
        )
        match failure.kind:
            case FailureKind.RATE_LIMITED:
                until = self._context.clock.now() + timedelta(seconds=failure.retry_after)
                await self._store(notices.give_back, due_at=until)
            case FailureKind.UNCERTAIN:
                await self._store(notices.mark_uncertain, error=failure.error, retry_at=self._retry_at())
            case FailureKind.UNREACHABLE:
                await self._store(notices.put_off, error=failure.error, retry_at=self._retry_at())
            case FailureKind.REFUSED:
                await self._refused(failure.error)

    async def _refused(self, error: str) -> None:
        item, now = self._claimed.items[0], self._context.clock.now()
        outcome: dict[str, Any] = {"error": error, "retry_at": self._retry_at(), "uncertain": self._may_be_posted}
        if item.kind is NoticeKind.ANSWER:
            await self._store(replies.failed, **outcome, now=now)
        elif item.kind is NoticeKind.FILES:
            await self._store(attachments.refused, **outcome, now=now)
        else:
            is_post_gone = error == "message_not_found" and item.post is not None
            await self._store(notices.mark_failed, **outcome, is_post_gone=is_post_gone)
