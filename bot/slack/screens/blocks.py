"""The parts of which screens consist; foreign text goes into plain-text objects, which never ping or link."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from bot.slack.screens.text import clip, printable

SECTION_CHARACTERS = 3000  # https://docs.slack.dev/reference/block-kit/blocks/section-block
HEADER_CHARACTERS = 150
CONTEXT_ELEMENTS = 10


Part = str | MarkdownTextObject


@dataclass(frozen=True, slots=True)
class Post:
    """One post or answer: `text` is escaped mrkdwn for notifications; `blocks` is what the channel shows."""

    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    username: str = ""  # the displayed author; empty: the bot
    icon_url: str = ""


@dataclass(frozen=True, slots=True)
class NothingToPost:
    """There is nothing to post, for this reason."""

    reason: str


def make_post(text: str, blocks: Sequence[Block] = ()) -> Post:
    """Build a post of these blocks; raises SlackObjectFormationError if a block exceeds one of Slack's limits."""
    return Post(text, [block.to_dict() for block in blocks])


def _plain(text: str, characters: int) -> PlainTextObject:
    clipped = clip(printable(text).strip(), characters)
    return PlainTextObject(text=clipped or "(empty)", emoji=False)


def header(text: str) -> HeaderBlock:
    """A line in large letters."""
    return HeaderBlock(text=_plain(text, HEADER_CHARACTERS))


def paragraph(text: str, *, characters: int = SECTION_CHARACTERS, button: ButtonElement | None = None) -> SectionBlock:
    """Foreign text as it was written, clipped to so many characters."""
    return SectionBlock(text=_plain(text, min(characters, SECTION_CHARACTERS)), accessory=button)


def small(*parts: Part, characters: int = 300) -> ContextBlock:
    """A line in small letters: strings appear as plain text, clipped; parts made with `markup` as mrkdwn."""
    elements = [
        part if isinstance(part, MarkdownTextObject) else _plain(part, characters) for part in parts[:CONTEXT_ELEMENTS]
    ]
    return ContextBlock(elements=elements)


def markup(text: str) -> MarkdownTextObject:
    """Our own mrkdwn, such as dates and links; foreign text in it must be escaped."""
    return MarkdownTextObject(text=text)


def moment(at: datetime) -> str:
    """A time as mrkdwn, which Slack shows in each reader's time zone.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}}, {{time}}|{at:%Y-%m-%d %H:%M} UTC>"


def buttons(*elements: ButtonElement) -> ActionsBlock:
    """A row of buttons."""
    return ActionsBlock(elements=list(elements))


def button(label: str, action_id: str, value: str, *, style: str | None = None) -> ButtonElement:
    """A button; Slack sends `value` back when it is pressed."""
    return ButtonElement(text=PlainTextObject(text=clip(label, 75)), action_id=action_id, value=value, style=style)


def divider() -> DividerBlock:
    """A thin line."""
    return DividerBlock()
