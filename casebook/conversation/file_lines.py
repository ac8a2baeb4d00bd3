"""Adding file names and transcripts to stored messages as they become known.

All functions run inside the caller's transaction, with the row of the case locked.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from casebook.conversation import attachment_lines
from casebook.conversation.attachment_lines import MessageText
from casebook.incoming import Incoming, IncomingFile
from casebook.models import Attachment, Message
from casebook.views import FileState


def text_of(source: Message | Incoming) -> MessageText:
    """The text of a message."""
    return MessageText(source.body, source.new_text, source.own_text)


def fill_in_names(message: Message, names: Mapping[int, str]) -> None:
    """Put file names into a message that was stored when Slack had not told them; `names` by file ID."""
    nameless = [row for row in _rows(message) if row.name == ""]
    if message.deleted_at is not None or not any(names.get(row.id) for row in nameless):
        return
    own = [names.get(row.id, "") for row in nameless if row.transcript != ""]
    passed_on = [names.get(row.id, "") for row in nameless if row.transcript == ""]
    set_text(message, attachment_lines.with_file_names(text_of(message), own, passed_on))


def set_text(message: Message, text: MessageText) -> bool:
    """Change the text of a message without treating it as an edit; returns whether it changed."""
    if text == text_of(message):
        return False
    message.body, message.new_text, message.own_text = text.body, text.new_text, text.own_text
    message.save(only=[Message.body, Message.new_text, Message.own_text])
    return True


def store_transcripts(message: Message, transcripts: Mapping[int, str | None]) -> None:
    """Store transcripts by file ID; None means unknown, an empty one that there will be none."""
    for file_id, transcript in transcripts.items():
        if transcript is not None:
            unknown = (Attachment.message == message) & (Attachment.id == file_id) & Attachment.transcript.is_null()
            Attachment.update(transcript=transcript).where(unknown & (Attachment.state != FileState.DELETED)).execute()


def with_transcripts(message: Message) -> MessageText:
    """The text of a message with all known transcripts of its writer's clips."""
    return attachment_lines.with_transcripts(
        text_of(message), [row.transcript for row in _rows(message) if row.transcript]
    )


def with_stored_details(message: Message, incoming: Incoming) -> Incoming:
    """An edit of a message, completed with stored file names and transcripts that the event lacks."""
    rows: dict[str, Any] = {row.remote_id: row for row in _rows(message)}
    files = [file for file in incoming.attachments if file.remote_id in rows]
    nameless = [file for file in files if not file.name.strip()]
    own = [_name(rows, file) for file in nameless if file.transcript != ""]
    passed_on = [_name(rows, file) for file in nameless if file.transcript == ""]
    transcripts = [rows[file.remote_id].transcript for file in files if file.transcript is None]
    text = attachment_lines.with_transcripts(
        attachment_lines.with_file_names(text_of(incoming), own, passed_on), [each for each in transcripts if each]
    )
    return replace(incoming, body=text.body, new_text=text.new_text or "", own_text=text.own_text)


def _name(rows: Mapping[str, Any], file: IncomingFile) -> str:
    return str(rows[file.remote_id].name)


def store_reported_transcripts(message: Message, incoming: Incoming) -> None:
    """Store the transcripts that come with an edit event, whose text contains them already."""
    reported = {file.remote_id: file.transcript for file in incoming.attachments}
    store_transcripts(message, {row.id: reported.get(row.remote_id) for row in _rows(message)})


def _rows(message: Message) -> list[Any]:
    return list(Attachment.select().where(Attachment.message == message).order_by(Attachment.position))
