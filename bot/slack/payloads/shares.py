"""What a message says: its writer's own words, in text, blocks, tables and clips, and the words that they forward."""

import re
from dataclasses import dataclass

from bot.slack.payloads import files as file_words
from bot.slack.payloads.json_values import Json, mapping, mappings, string
from bot.slack.payloads.rich_text import beyond, not_in, words_of
from bot.slack.screens.text import escape, unescape

DEEPEST = 5  # forwards in each other
MOST_CHARACTERS = 200_000  # of all that is read beside the text
_MOST_NAME = 80
_HALF_ENTITY = re.compile(r"&[a-z]{0,3}$")
_NOTHING = "[no preview available]"
_PREVIEW = ("from_url", "original_url", "service_name", "app_unfurl_url", "is_app_unfurl")


@dataclass(frozen=True, slots=True)
class MessageText:
    """What a message says, with Slack's markup."""

    own: str = ""  # its writer's own words; where there are none and nothing is forwarded, a line for each file
    forwarded: str = ""  # what others wrote that it passes on, each after a line that names its author
    files: tuple[Json, ...] = ()
    passed_files: tuple[Json, ...] = ()  # those of what it passes on
    mail_by: tuple[str, str] | None = None  # name and address in the From of the mail that it holds

    @property
    def whole(self) -> str:
        """All of it: the writer's own words first."""
        return "\n\n".join(part for part in (self.own, self.forwarded) if part.strip())


def said_in(message: Json) -> MessageText:
    """What a message says; any JSON object is read as one."""
    return _said(message, 0)


def _said(message: Json, depth: int) -> MessageText:
    files, attached = mappings(message.get("files")), mappings(message.get("attachments"))
    text = beyond(string(message.get("text")), _short(words_of(message.get("blocks"))))
    passed, made = [], []
    for each in attached:
        if depth < DEEPEST and _is_share(each, is_bare=not text.strip()):
            passed.append(_passed_on(each, depth + 1))
        else:
            made += not_in(text, _made(each))
    mails = [file for file in files if file_words.is_mail(file)]
    own = [text, *_short([*made, *file_words.words(files)])]
    if not (text.strip() or made):
        own.insert(0, file_words.lines([file for file in files if not file_words.is_mail(file)]))
    forwarded = "\n\n".join(_short([*map(file_words.mail, mails), *(each.forwarded for each in passed)]))
    if not forwarded.strip() and not any(part.strip() for part in own):
        own = [_fallback(each) for each in attached]
    return MessageText(
        own="\n".join(part for part in own if part.strip()),
        forwarded=forwarded,
        files=tuple(files),
        passed_files=tuple(file for each in passed for file in (*each.files, *each.passed_files)),
        mail_by=file_words.mail_author(mails[0]) if mails else None,
    )


def _short(parts: list[str]) -> list[str]:
    """As many of the parts as are kept of a message, the last one perhaps cut off."""
    kept, left = [], MOST_CHARACTERS
    for part in parts:
        if left > 0:
            kept.append(part if len(part) <= left else _HALF_ENTITY.sub("", part[:left]) + "…")
        left -= len(part)
    return kept


def _is_share(attachment: Json, *, is_bare: bool) -> bool:
    """Whether it is a message that was forwarded; a link to one that was pasted has a preview, beside its own words."""
    if attachment.get("is_share"):
        return True
    return is_bare and bool(attachment.get("is_msg_unfurl")) and not _is_preview(attachment)


def _is_preview(attachment: Json) -> bool:
    """Whether Slack or an app added it to a link: nobody wrote it into this message."""
    return any(attachment.get(name) for name in _PREVIEW) and not attachment.get("is_msg_unfurl")


def _passed_on(share: Json, depth: int) -> MessageText:
    """A forwarded message: who wrote it, its words, and its files."""
    inner = [mapping(each.get("message")) for each in mappings(share.get("message_blocks"))]
    blocks = [block for message in inner for block in mappings(message.get("blocks"))]
    within = {
        "text": string(share.get("text")) or "\n".join(string(message.get("text")) for message in inner),
        "blocks": blocks or share.get("blocks"),
        "files": [file for part in (share, *inner) for file in mappings(part.get("files"))],
        "attachments": [each for part in (share, *inner) for each in mappings(part.get("attachments"))],
    }
    said = _said(within, depth)
    words = said.whole if said.whole.strip() else _fallback(share)
    return MessageText(forwarded=f"{_head(share)}\n{words}".rstrip(), files=said.files, passed_files=said.passed_files)


def _head(share: Json) -> str:
    name = " ".join((string(share.get("author_name")) or string(share.get("author_subname"))).split())
    author = escape(unescape(name))[:_MOST_NAME] if name else ""
    return f"Forwarded from {author}:" if author else "Forwarded:"


def _made(attachment: Json) -> list[str]:
    """What a tool or the writer attached: tables and other blocks, or the parts of a classic attachment.

    https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
    """
    if _is_preview(attachment) or attachment.get("is_msg_unfurl"):
        return []
    return words_of(attachment.get("blocks")) or _classic(attachment) or [_fallback(attachment)]


def _classic(attachment: Json) -> list[str]:
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
    return "" if text.strip() == _NOTHING else text


def without_repetition(message: Json) -> Json:
    """The message without its blocks where they say what its text says, so that many can be held at once."""
    text, blocks = string(message.get("text")), words_of(message.get("blocks"))
    if not text.strip() or beyond(text, blocks) != text:
        return message
    return {name: value for name, value in message.items() if name != "blocks"}
