"""The text of a message: its author's own, in text, blocks, attachments and files, and what they forward."""

import re
from dataclasses import dataclass

from bot.slack.payloads.files import file_lines, file_texts, is_mail, mail_author, mail_text
from bot.slack.payloads.json_values import Json, mapping, mappings, string
from bot.slack.payloads.rich_text import block_texts, merged, missing_from
from bot.slack.screens.text import escape, unescape

MAX_DEPTH = 5  # of forwards that contain forwards
MAX_CHARACTERS = 200_000  # of everything that is read in addition to `text`
_MAX_NAME = 80
_HALF_ENTITY = re.compile(r"&[a-z]{0,3}$")
_NO_PREVIEW = "[no preview available]"
_PREVIEW_FIELDS = ("from_url", "original_url", "service_name", "app_unfurl_url", "is_app_unfurl")


@dataclass(frozen=True, slots=True)
class MessageText:
    """The text of a message, with Slack's markup, and its files."""

    own: str = ""  # written by its author; a line for each file if there is no text
    forwarded: str = ""  # forwarded messages and emails, each after a line that names its author
    files: tuple[Json, ...] = ()
    forwarded_files: tuple[Json, ...] = ()  # the files of forwarded messages
    mail_by: tuple[str, str] | None = None  # name and address in the From header of an email among its files

    @property
    def whole(self) -> str:
        """The whole text: the author's own first."""
        return "\n\n".join(part for part in (self.own, self.forwarded) if part.strip())


def message_text(message: Json) -> MessageText:
    """The text of a message; any JSON object can be read."""
    return _read(message, 0)


def _read(message: Json, depth: int) -> MessageText:
    files, attached = mappings(message.get("files")), mappings(message.get("attachments"))
    text = merged(string(message.get("text")), _limited(block_texts(message.get("blocks"))))
    forwards, attachments = [], []
    for each in attached:
        if depth < MAX_DEPTH and _is_share(each, is_bare=not text.strip()):
            forwards.append(_forward(each, depth + 1))
        else:
            attachments += missing_from(text, _attachment(each))
    mails = [file for file in files if is_mail(file)]
    own = [text, *_limited([*attachments, *file_texts(files)])]
    if not (text.strip() or attachments):
        own.insert(0, file_lines([file for file in files if not is_mail(file)]))
    forwarded = "\n\n".join(_limited([*map(mail_text, mails), *(each.forwarded for each in forwards)]))
    if not forwarded.strip() and not any(part.strip() for part in own):
        own = [_fallback(each) for each in attached]
    return MessageText(
        own="\n".join(part for part in own if part.strip()),
        forwarded=forwarded,
        files=tuple(files),
        forwarded_files=tuple(file for each in forwards for file in (*each.files, *each.forwarded_files)),
        mail_by=mail_author(mails[0]) if mails else None,
    )


def _limited(parts: list[str]) -> list[str]:
    """The first parts, up to MAX_CHARACTERS together; the last one may be cut."""
    kept, left = [], MAX_CHARACTERS
    for part in parts:
        if left > 0:
            kept.append(part if len(part) <= left else _HALF_ENTITY.sub("", part[:left]) + "…")
        left -= len(part)
    return kept


def _is_share(attachment: Json, *, is_bare: bool) -> bool:
    """Whether it is a forwarded message, and not the preview of a pasted link to one, which has text beside it."""
    if attachment.get("is_share"):
        return True
    return is_bare and bool(attachment.get("is_msg_unfurl")) and not _is_preview(attachment)


def _is_preview(attachment: Json) -> bool:
    """Whether Slack or an app added it as the preview of a link: the author did not write it."""
    return any(attachment.get(name) for name in _PREVIEW_FIELDS) and not attachment.get("is_msg_unfurl")


def _forward(share: Json, depth: int) -> MessageText:
    """A forwarded message: its author, its text and its files."""
    inner = [mapping(each.get("message")) for each in mappings(share.get("message_blocks"))]
    blocks = [block for message in inner for block in mappings(message.get("blocks"))]
    message = {
        "text": string(share.get("text")) or "\n".join(string(message.get("text")) for message in inner),
        "blocks": blocks or share.get("blocks"),
        "files": [file for part in (share, *inner) for file in mappings(part.get("files"))],
        "attachments": [each for part in (share, *inner) for each in mappings(part.get("attachments"))],
    }
    content = _read(message, depth)
    text = content.whole if content.whole.strip() else _fallback(share)
    return MessageText(
        forwarded=f"{_heading(share)}\n{text}".rstrip(), files=content.files, forwarded_files=content.forwarded_files
    )


def _heading(share: Json) -> str:
    name = " ".join((string(share.get("author_name")) or string(share.get("author_subname"))).split())
    author = escape(unescape(name))[:_MAX_NAME] if name else ""
    return f"Forwarded from {author}:" if author else "Forwarded:"


def _attachment(attachment: Json) -> list[str]:
    """The texts of an attachment: its blocks, such as a table, or the fields of a legacy attachment.

    https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
    """
    if _is_preview(attachment) or attachment.get("is_msg_unfurl"):
        return []
    return block_texts(attachment.get("blocks")) or _legacy_fields(attachment) or [_fallback(attachment)]


def _legacy_fields(attachment: Json) -> list[str]:
    title, link = string(attachment.get("title")), string(attachment.get("title_link"))
    if title and link:
        title = f"{title} ({escape(unescape(link))})"
    parts = [string(attachment.get("pretext")), title, string(attachment.get("text"))]
    for field in mappings(attachment.get("fields")):
        name, value = string(field.get("title")), string(field.get("value"))
        parts.append(f"{name}: {value}" if name and value else name or value)
    return [part for part in parts if part.strip()]


def _fallback(attachment: Json) -> str:
    text = string(attachment.get("fallback")) or string(attachment.get("text"))
    return "" if text.strip() == _NO_PREVIEW else text


def without_redundant_blocks(message: Json) -> Json:
    """The message without its blocks if they repeat its text, so that many can be held in memory."""
    text, blocks = string(message.get("text")), block_texts(message.get("blocks"))
    if not text.strip() or merged(text, blocks) != text:
        return message
    return {name: value for name, value in message.items() if name != "blocks"}
