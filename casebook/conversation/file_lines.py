"""What a message says of its files, as the book learns it: their names, and what is said in clips.

Inside the caller's transaction, with the row of the case locked.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from casebook.conversation import attachment_lines
from casebook.conversation.attachment_lines import Words
from casebook.incoming import Incoming, IncomingFile
from casebook.models import Attachment, Message
from casebook.views import FileState


def words_of(said: Message | Incoming) -> Words:
    """What a message says."""
    return Words(said.body, said.new_text, said.own_text)


def name(message: Message, names: Mapping[int, str]) -> None:
    """Let a message that could only say that a file has no name say the name that Slack told, by the file's ID."""
    nameless = [row for row in _rows(message) if row.name == ""]
    if message.deleted_at is not None or not any(names.get(row.id) for row in nameless):
        return
    own = [names.get(row.id, "") for row in nameless if row.transcript != ""]
    passed_on = [names.get(row.id, "") for row in nameless if row.transcript == ""]
    say(message, attachment_lines.named(words_of(message), own, passed_on))


def say(message: Message, words: Words) -> bool:
    """The message says more of its files from now on, which is no edit; returns whether it does."""
    if words == words_of(message):
        return False
    message.body, message.new_text, message.own_text = words.body, words.new_text, words.own_text
    message.save(only=[Message.body, Message.new_text, Message.own_text])
    return True


def hear(message: Message, transcripts: Mapping[int, str | None]) -> None:
    """Keep what is said in clips, by the IDs of their files; an empty one will never be written down."""
    for file_id, said in transcripts.items():
        if said is not None:
            unknown = (Attachment.message == message) & (Attachment.id == file_id) & Attachment.transcript.is_null()
            Attachment.update(transcript=said).where(unknown & (Attachment.state != FileState.DELETED)).execute()


def with_transcripts(message: Message) -> Words:
    """What a message says with all that is known to be said in the clips of its writer."""
    return attachment_lines.heard(words_of(message), [row.transcript for row in _rows(message) if row.transcript])


def as_known(message: Message, incoming: Incoming) -> Incoming:
    """A change of a message as the book knows it: with the names and transcripts that the event does not have."""
    rows: dict[str, Any] = {row.remote_id: row for row in _rows(message)}
    files = [file for file in incoming.attachments if file.remote_id in rows]
    nameless = [file for file in files if not file.name.strip()]
    own = [_name(rows, file) for file in nameless if file.transcript != ""]
    passed_on = [_name(rows, file) for file in nameless if file.transcript == ""]
    said = [rows[file.remote_id].transcript for file in files if file.transcript is None]
    words = attachment_lines.heard(
        attachment_lines.named(words_of(incoming), own, passed_on), [each for each in said if each]
    )
    return replace(incoming, body=words.body, new_text=words.new_text or "", own_text=words.own_text)


def _name(rows: Mapping[str, Any], file: IncomingFile) -> str:
    return str(rows[file.remote_id].name)


def learn(message: Message, incoming: Incoming) -> None:
    """Keep what a change of a message tells of its clips; it says so itself already."""
    told = {file.remote_id: file.transcript for file in incoming.attachments}
    hear(message, {row.id: told.get(row.remote_id) for row in _rows(message)})


def _rows(message: Message) -> list[Any]:
    return list(Attachment.select().where(Attachment.message == message).order_by(Attachment.position))
