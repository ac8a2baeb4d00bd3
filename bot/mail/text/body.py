"""What of a mail is text to read and what is an attachment."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.mail.mime.charset import decode, storable
from bot.mail.mime.flowed import unflow
from bot.mail.mime.headers import readable, split_head
from bot.mail.mime.parts import Part
from bot.mail.text.alternatives import html_is_the_mail, same_words
from bot.mail.text.html import html_to_text

STORED = 5_000_000  # characters of text that are kept
_PLAIN_AND_HTML = {"text/plain", "text/html"}
_TEXTS = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown", "text"})


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail; `size` is in bytes, decoded, `sha256` of them, in hex."""

    filename: str
    content_type: str
    size: int
    sha256: str = field(repr=False)
    content: bytes = field(repr=False)


@dataclass(slots=True)
class Body:
    """The text of a mail, the same with every quoting container of HTML marked, and its attachments."""

    text: str = ""
    marked: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    cut: bool = False

    def add(self, other: "Body") -> None:
        """Append what another part holds, up to what is kept."""
        room = STORED - len(self.text)
        if other.text.strip():
            self.cut = self.cut or len(other.text) > room
            if room > 0:
                self.text = f"{self.text}\n{other.text[:room]}" if self.text else other.text[:room]
                self.marked = f"{self.marked}\n{other.marked[:room]}" if self.marked else other.marked[:room]
        self.attachments += other.attachments
        self.cut = self.cut or other.cut

    def say(self, sentences: Sequence[str]) -> None:
        """Append sentences of our own, in an own paragraph, such as what an invitation is for."""
        for sentence in sentences:
            self.text = f"{self.text.rstrip()}\n\n{sentence}".lstrip("\n")
            self.marked = f"{self.marked.rstrip()}\n\n{sentence}".lstrip("\n")


def read_body(part: Part) -> Body:
    """Text and attachments of a part and all below it (their depth is limited by `read_parts`)."""
    if part.children:
        return _alternative(part) if part.content_type == "multipart/alternative" else _mixed(part)
    if part.content_type in _TEXTS and not part.is_attached and not _named_file(part):
        body = _text(part)
        if part.filename:  # the sender wants it shown, and it is a file nevertheless
            body.attachments.append(_attachment(part))
        return body
    return Body(attachments=[_attachment(part)])


def _mixed(part: Part) -> Body:
    """Everything in it, one below the other; a text that some programs write a second time as HTML is taken once."""
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
    """Plain text where it says what the HTML does, else the HTML: the versions of one text are not added up."""
    versions = [(child.content_type, read_body(child)) for child in part.children]
    speaking = [version for version in versions if version[1].text.strip()]
    plain = [version for version in speaking if version[0] == "text/plain"]
    rich = [version for version in speaking if version[0] == "text/html" or version[0].startswith("multipart/")]
    if plain and rich and html_is_the_mail(plain[0][1].text, rich[0][1].marked):
        plain = rich
    chosen = (plain or speaking or versions)[0][1]
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


def _named_file(part: Part) -> bool:
    """A text with a file name is a file, unless it is what the sender wants shown in the mail."""
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
    """A mail within a mail is named after its subject."""
    if part.content_type != "message/rfc822":
        return ""
    subject = readable(split_head(part.body)[0].first("subject"))
    return f"{subject.replace('/', '-')[:100]}.eml" if subject else ""
