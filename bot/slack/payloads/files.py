"""The files of a message: what is to be fetched, how they are named, and the words that Slack gives with them; pure."""

from collections.abc import Sequence
from typing import Any

from bot.slack.payloads.json_values import Json, mapping, mappings, string
from bot.slack.screens.text import escape, unescape
from casebook.conversation.attachment_lines import file_line, transcript_line
from casebook.incoming import IncomingFile

MOST_CHARACTERS = 40_000  # of one file's words; a message of Slack's has no more
_GIVEN_UP = ("none", "failed")  # there is no transcript, and none will come
_WRITTEN = ("snippet", "space", "post", "canvas", "quip")


def incoming_file(file: Json, *, is_own: bool = True) -> IncomingFile:
    """A file of a message, to be fetched by its ID; of another organisation's nothing else is known."""
    return IncomingFile(
        name=name_of(file),
        content_type=string(file.get("mimetype")),
        size=size_of(file),
        remote_id=_id(file),
        transcript=known_transcript(file) if is_own else "",
    )


def incoming_files(own: Sequence[Json], passed_on: Sequence[Json]) -> tuple[IncomingFile, ...]:
    """Those that have an ID, each once: the writer's own, and those of what they forward."""
    found: dict[str, IncomingFile] = {}
    for file in own:
        found.setdefault(_id(file), incoming_file(file))
    for file in passed_on:
        found.setdefault(_id(file), incoming_file(file, is_own=False))
    found.pop("", None)
    return tuple(found.values())


def _id(file: Json) -> str:
    return string(file.get("id"))


def size_of(file: Json) -> int:
    """Its size in bytes; zero where Slack does not say."""
    size = file.get("size")
    return size if isinstance(size, int) and size > 0 else 0


def name_of(file: Json) -> str:
    """Its name, else its title; empty where Slack does not say."""
    return string(file.get("name")) or string(file.get("title"))


def lines(files: list[Json]) -> str:
    """A line for each file, for a message that says nothing itself."""
    return "\n".join(file_line(escape(unescape(name_of(file)))) for file in files)


def transcript(file: Json) -> str:
    """What was said in a clip, as far as Slack has written it down; empty until it has."""
    heard = mapping(file.get("transcription"))
    preview = mapping(heard.get("preview"))
    said = " ".join(string(preview.get("content")).split())
    if heard.get("status") != "complete" or not said:
        return ""
    return said[:MOST_CHARACTERS] + ("..." if preview.get("has_more") else "")


def known_transcript(file: Json) -> str | None:
    """The same; None until Slack has written it down, and empty where it says that it will not."""
    is_given_up = mapping(file.get("transcription")).get("status") in _GIVEN_UP
    return transcript(file) or ("" if is_given_up else None)


def words(files: list[Json]) -> list[str]:
    """What the writer put into these files as words: clips and snippets."""
    return [escape(said) for file in files for said in (_transcribed(file), _written(file)) if said.strip()]


def _transcribed(file: Json) -> str:
    said = transcript(file)
    return transcript_line(said) if said else ""


def _written(file: Json) -> str:
    if file.get("mode") not in _WRITTEN:
        return ""
    whole = string(file.get("plain_text"))
    said = whole or string(file.get("preview"))
    is_cut = len(said) > MOST_CHARACTERS or (not whole and bool(file.get("preview_is_truncated")))
    return said[:MOST_CHARACTERS] + ("\n…" if is_cut else "")


def is_mail(file: Json) -> bool:
    """Whether a file is a mail, as somebody shares one, or as Slack posts one that was sent to a channel."""
    return "email" in (file.get("mode"), file.get("filetype"))


def mail(file: Json) -> str:
    """Who wrote a mail about what, and what it says."""
    name, address = mail_author(file)
    by = f"{name} ({address})" if name and address else name or address
    subject = " ".join((string(file.get("subject")) or string(file.get("title")) or name_of(file)).split())
    text = string(file.get("plain_text")) or string(file.get("preview_plain_text")) or string(file.get("preview"))
    head = f"Mail from {by}: {subject}" if by else f"Mail: {subject}"
    return escape(f"{head}\n{text[:MOST_CHARACTERS]}".rstrip())


def mail_author(file: Json) -> tuple[str, str]:
    """The name and the address in a mail's From, each empty where there is none; nobody has proven them."""
    first: Any = next(iter(mappings(file.get("from"))), {})
    name = " ".join(string(first.get("name")).split())[:80]
    return name, "".join(string(first.get("address")).split())[:200].lower()
