"""The files of a message: what to download, their names, and the texts that Slack gives with them; pure."""

from collections.abc import Sequence
from typing import Any

from bot.slack.payloads.json_values import Json, mapping, mappings, string
from bot.slack.screens.text import escape, unescape
from casebook.conversation.attachment_lines import file_line, transcript_line
from casebook.incoming import IncomingFile

MAX_CHARACTERS = 40_000  # of the text of one file; the maximum of a Slack message
_NO_TRANSCRIPT = ("none", "failed")  # statuses after which no transcript will follow
_TEXT_MODES = ("snippet", "space", "post", "canvas", "quip")


def incoming_file(file: Json, *, is_own: bool = True) -> IncomingFile:
    """A file of a message, to be downloaded by its ID; a file of another organisation has nothing but its ID."""
    return IncomingFile(
        name=name_of(file),
        content_type=string(file.get("mimetype")),
        size=size_of(file),
        remote_id=_id(file),
        transcript=known_transcript(file) if is_own else "",
    )


def incoming_files(own: Sequence[Json], forwarded: Sequence[Json]) -> tuple[IncomingFile, ...]:
    """The files that have an ID, each once: the author's own, and those of forwarded messages."""
    found: dict[str, IncomingFile] = {}
    for file in own:
        found.setdefault(_id(file), incoming_file(file))
    for file in forwarded:
        found.setdefault(_id(file), incoming_file(file, is_own=False))
    found.pop("", None)
    return tuple(found.values())


def _id(file: Json) -> str:
    return string(file.get("id"))


def size_of(file: Json) -> int:
    """The size in bytes; zero if Slack gives none."""
    size = file.get("size")
    return size if isinstance(size, int) and size > 0 else 0


def name_of(file: Json) -> str:
    """The name, otherwise the title; empty if Slack gives neither."""
    return string(file.get("name")) or string(file.get("title"))


def file_lines(files: list[Json]) -> str:
    """A line for each file, for a message without text."""
    return "\n".join(file_line(escape(unescape(name_of(file)))) for file in files)


def _transcript(file: Json) -> str:
    """The beginning of the transcript of an audio or video clip; empty while there is none."""
    transcription = mapping(file.get("transcription"))
    preview = mapping(transcription.get("preview"))
    text = " ".join(string(preview.get("content")).split())
    if transcription.get("status") != "complete" or not text:
        return ""
    return text[:MAX_CHARACTERS] + ("..." if preview.get("has_more") else "")


def known_transcript(file: Json) -> str | None:
    """The transcript; None while it may still follow, and empty if it will not."""
    will_not_follow = mapping(file.get("transcription")).get("status") in _NO_TRANSCRIPT
    return _transcript(file) or ("" if will_not_follow else None)


def file_texts(files: list[Json]) -> list[str]:
    """The texts in the author's files: transcripts of clips, and snippets and posts."""
    return [escape(text) for file in files for text in (_transcript_line(file), _snippet(file)) if text.strip()]


def _transcript_line(file: Json) -> str:
    text = _transcript(file)
    return transcript_line(text) if text else ""


def _snippet(file: Json) -> str:
    if file.get("mode") not in _TEXT_MODES:
        return ""
    whole = string(file.get("plain_text"))
    text = whole or string(file.get("preview"))
    is_cut = len(text) > MAX_CHARACTERS or (not whole and bool(file.get("preview_is_truncated")))
    return text[:MAX_CHARACTERS] + ("\n…" if is_cut else "")


def is_mail(file: Json) -> bool:
    """Whether a file is an email that somebody shares, or that was sent to a channel's address."""
    return "email" in (file.get("mode"), file.get("filetype"))


def mail_text(file: Json) -> str:
    """The author, subject and text of an email."""
    name, address = mail_author(file)
    by = f"{name} ({address})" if name and address else name or address
    subject = " ".join((string(file.get("subject")) or string(file.get("title")) or name_of(file)).split())
    text = string(file.get("plain_text")) or string(file.get("preview_plain_text")) or string(file.get("preview"))
    head = f"Mail from {by}: {subject}" if by else f"Mail: {subject}"
    return escape(f"{head}\n{text[:MAX_CHARACTERS]}".rstrip())


def mail_author(file: Json) -> tuple[str, str]:
    """The name and address in an email's From header, unverified; empty if missing."""
    first: Any = next(iter(mappings(file.get("from"))), {})
    name = " ".join(string(first.get("name")).split())[:80]
    return name, "".join(string(first.get("address")).split())[:200].lower()
