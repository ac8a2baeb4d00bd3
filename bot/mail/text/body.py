"""Separate the text of a mail from its attachments."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.mail.mime.charset import decode, storable
from bot.mail.mime.flowed import unflow
from bot.mail.mime.headers import readable, split_headers
from bot.mail.mime.parts import Part
from bot.mail.text.alternatives import prefers_html, same_words
from bot.mail.text.html import html_to_text

STORED = 5_000_000  # characters of text that are kept
_PLAIN_AND_HTML = {"text/plain", "text/html"}
_TEXT_TYPES = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown", "text"})


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file attached to a mail; `size` in bytes and `sha256` in hex are of the decoded content."""

    filename: str
    content_type: str
    size: int
    sha256: str = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(slots=True)
class Body:
    """The text and the attachments of a mail."""

    text: str = ""
    marked: str = ""  # the text with `>` before all lines in HTML containers that mail programs use for quotes
    attachments: list[Attachment] = field(default_factory=list)
    cut: bool = False

    def add(self, other: "Body") -> None:
        """Append the text and attachments of another part, up to the limit of stored text."""
        remaining = STORED - len(self.text)
        if other.text.strip():
            self.cut = self.cut or len(other.text) > remaining
            if remaining > 0:
                self.text = f"{self.text}\n{other.text[:remaining]}" if self.text else other.text[:remaining]
                self.marked = f"{self.marked}\n{other.marked[:remaining]}" if self.marked else other.marked[:remaining]
        self.attachments += other.attachments
        self.cut = self.cut or other.cut

    def append_sentences(self, sentences: Sequence[str]) -> None:
        """Append sentences of our own, each as a paragraph, such as the description of an invitation."""
        for sentence in sentences:
            self.text = f"{self.text.rstrip()}\n\n{sentence}".lstrip("\n")
            self.marked = f"{self.marked.rstrip()}\n\n{sentence}".lstrip("\n")


def read_body(part: Part) -> Body:
    """The text and attachments of a part and of all parts inside (`read_parts` limits their depth)."""
    if part.children:
        return _alternative(part) if part.content_type == "multipart/alternative" else _mixed(part)
    if part.content_type in _TEXT_TYPES and not part.is_attached and not _is_named_file(part):
        body = _text(part)
        if part.filename:  # an inline file is shown as text and kept as an attachment
            body.attachments.append(_attachment(part))
        return body
    return Body(attachments=[_attachment(part)])


def _mixed(part: Part) -> Body:
    """All parts in order; of adjacent plain and HTML parts with the same words the first is used."""
    body = Body()
    before: tuple[str, Body] | None = None
    for child in part.children:
        found = read_body(child)
        if before and {before[0], child.content_type} == _PLAIN_AND_HTML and same_words(before[1].text, found.text):
            found = Body(attachments=found.attachments, cut=found.cut)
        elif found.text.strip():
            before = (child.content_type, found)
        body.add(found)
    return body


def _alternative(part: Part) -> Body:
    """One version of the text, plain if it says the same as the HTML, with the attachments of all versions."""
    versions = [(child.content_type, read_body(child)) for child in part.children]
    with_text = [version for version in versions if version[1].text.strip()]
    plain = [version for version in with_text if version[0] == "text/plain"]
    formatted = [version for version in with_text if version[0] == "text/html" or version[0].startswith("multipart/")]
    if plain and formatted and prefers_html(plain[0][1].text, formatted[0][1].marked):
        plain = formatted
    chosen = (plain or with_text or versions)[0][1]
    body = Body(chosen.text, chosen.marked, cut=chosen.cut)
    for _, version in versions:
        body.attachments += version.attachments
    return body


def _text(part: Part) -> Body:
    content = part.content()
    cut = len(content) > STORED
    text = decode(content[:STORED], part.charset or None)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if part.content_type == "text/html":
        page = html_to_text(text)
        return Body(storable(page.text), storable(page.new_text), cut=cut or page.cut)
    if part.parameter("format").lower() == "flowed":
        text = unflow(text, delsp=part.parameter("delsp").lower() == "yes")
    return Body(text, text, cut=cut)


def _is_named_file(part: Part) -> bool:
    """Whether the part has a file name and is not to be shown inline."""
    shown = part.headers.first("content-disposition").lower().lstrip().startswith("inline")
    return bool(part.filename) and not shown


def _attachment(part: Part) -> Attachment:
    content = part.content()
    return Attachment(
        filename=part.filename or _nested_name(part),
        content_type=part.content_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
    )


def _nested_name(part: Part) -> str:
    """The file name of an attached mail, made from its subject; else an empty string."""
    if part.content_type != "message/rfc822":
        return ""
    subject = readable(split_headers(part.body)[0].first("subject"))
    return f"{subject.replace('/', '-')[:100]}.eml" if subject else ""
