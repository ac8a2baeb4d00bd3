"""Small parts of Slack screens; text from outside stands in plain-text objects, where nothing pings or links."""

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
    """One post or answer: `text` is Slack's mrkdwn for notifications, already harmless; `blocks` is the screen."""

    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    username: str = ""  # under whose name; empty: our own
    icon_url: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """There is nothing left to say, and why."""

    reason: str


def said(text: str, blocks: Sequence[Block] = ()) -> Post:
    """A post of these blocks; raises SlackObjectFormationError where a block breaks one of Slack's limits."""
    return Post(text, [block.to_dict() for block in blocks])


def _plain(text: str, characters: int) -> PlainTextObject:
    shown = clip(printable(text).strip(), characters)
    return PlainTextObject(text=shown or "(empty)", emoji=False)


def header(text: str) -> HeaderBlock:
    """A line in large letters."""
    return HeaderBlock(text=_plain(text, HEADER_CHARACTERS))


def paragraph(text: str, *, characters: int = SECTION_CHARACTERS, button: ButtonElement | None = None) -> SectionBlock:
    """Text of anybody's, as it was written, clipped to so many characters."""
    return SectionBlock(text=_plain(text, min(characters, SECTION_CHARACTERS)), accessory=button)


def small(*parts: Part, characters: int = 300) -> ContextBlock:
    """A line in small letters: strings are shown as they are, clipped; `markup` is Slack's mrkdwn."""
    elements = [
        part if isinstance(part, MarkdownTextObject) else _plain(part, characters) for part in parts[:CONTEXT_ELEMENTS]
    ]
    return ContextBlock(elements=elements)


def markup(text: str) -> MarkdownTextObject:
    """Our own mrkdwn: dates and links that we made; never text from outside that was not escaped."""
    return MarkdownTextObject(text=text)


def moment(at: datetime) -> str:
    """A time as mrkdwn that each reader sees in their own zone.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}}, {{time}}|{at:%Y-%m-%d %H:%M} UTC>"


def buttons(*elements: ButtonElement) -> ActionsBlock:
    """A row of buttons."""
    return ActionsBlock(elements=list(elements))


def button(label: str, action_id: str, value: str, *, style: str | None = None) -> ButtonElement:
    """A button; `value` comes back when it is pressed."""
    return ButtonElement(text=PlainTextObject(text=clip(label, 75)), action_id=action_id, value=value, style=style)


def divider() -> DividerBlock:
    """A thin line."""
    return DividerBlock()
