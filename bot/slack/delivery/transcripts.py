"""Asking Slack again for what is said in the clips of a message: it writes that down later, and tells nobody."""

from slack_sdk.errors import SlackApiError

from bot.slack.api.errors import FailureKind, read_failure
from bot.slack.context.context import SlackContext
from bot.slack.delivery.downloads import GONE
from bot.slack.delivery.file_notices import Hand, message_of
from bot.slack.payloads.files import known_transcript
from casebook.conversation import attachments, transcripts
from casebook.views import FileView


async def ask(context: SlackContext, hand: Hand) -> None:
    """Ask for what is not known yet, and note it; raises what a call to Slack raises when it is to be tried again."""
    files = await context.desk.do(attachments.of, message_of(hand.claimed))
    told = {}
    for file in files:
        if file.may_be_heard:
            await hand.hold()
            told[file.file_id] = await _told(context, file)
    now = context.clock.now()
    await context.desk.do(transcripts.told, hand.claimed, told, now=now, limits=context.limits)


async def _told(context: SlackContext, file: FileView) -> str | None:
    try:
        return known_transcript((await context.client.files_info(file=file.remote_id))["file"])
    except SlackApiError as error:
        failure = read_failure(error)
        if failure.kind is not FailureKind.REFUSED:
            raise
        return "" if failure.error in GONE else None  # nobody waits for a transcript: a refusal troubles nobody
