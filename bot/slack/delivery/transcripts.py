"""Fetches the transcripts of a message's clips: Slack writes them later, and sends no event."""

from slack_sdk.errors import SlackApiError

from bot.slack.api.errors import FailureKind, read_failure
from bot.slack.context.context import SlackContext
from bot.slack.delivery.downloads import UNAVAILABLE
from bot.slack.delivery.file_notices import HeldClaim
from bot.slack.delivery.posting import target_id
from bot.slack.payloads.files import known_transcript
from casebook.conversation import attachments, transcripts
from casebook.views import FileView


async def fetch_transcripts(context: SlackContext, held: HeldClaim) -> None:
    """Fetch the missing transcripts, and store them; raises one of CALL_ERRORS if it must be tried again."""
    files = await context.desk.do(attachments.of, target_id(held.claimed.items[0]))
    found = {}
    for file in files:
        if file.may_be_heard:
            await held.extend()
            found[file.file_id] = await _transcript(context, file)
    now = context.clock.now()
    await context.desk.do(transcripts.reported, held.claimed, found, now=now, limits=context.limits)


async def _transcript(context: SlackContext, file: FileView) -> str | None:
    try:
        return known_transcript((await context.client.files_info(file=file.remote_id))["file"])
    except SlackApiError as error:
        failure = read_failure(error)
        if failure.kind is not FailureKind.REFUSED:
            raise
        return "" if failure.error in UNAVAILABLE else None  # a refusal is no error, because a transcript is optional
