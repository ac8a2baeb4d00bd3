"""Converts Slack's markup into plain text, and escapes plain text for Slack; pure."""

import re
from collections.abc import Mapping

_MARKUP = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")
# Control characters that Slack refuses or shows as boxes, except line ends and tabs; and bidirectional control
# characters, which would also reverse our own text after them (right-to-left text does not need them).
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_SPECIAL = {"here": "@here", "channel": "@channel", "everyone": "@everyone"}


def mentioned(text: str) -> tuple[str, ...]:
    """The IDs of the users that an incoming text mentions, each once."""
    return tuple(dict.fromkeys(_MENTION.findall(text)))


def plain(text: str, names: Mapping[str, str]) -> str:
    """An incoming text as people read it: names for mentions, links with their URL, characters for entities.

    https://docs.slack.dev/messaging/formatting-message-text
    """

    def shown(match: re.Match[str]) -> str:
        sigil, target, label = match.group(1), match.group(2), match.group(3)
        match sigil:
            case "@":
                return "@" + (label or names.get(target) or target)
            case "#":
                return "#" + (label or target)
            case "!":
                return label or _SPECIAL.get(target) or "@" + target.partition("^")[0]
        if not label or label in (target, target.partition("://")[2], target.removeprefix("mailto:")):
            return label if label and target.startswith("mailto:") else target
        return f"{label} ({target})"

    return unescape(_MARKUP.sub(shown, text))


def unescape(text: str) -> str:
    """The text with Slack's three entities as characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def escape(text: str) -> str:
    """The text escaped for mrkdwn, so that it cannot mention anybody or contain links with labels."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def printable(text: str) -> str:
    """The text without control characters that Slack refuses or that change the text direction."""
    return text.translate(_CONTROL)


def clip(text: str, characters: int) -> str:
    """The text, cut to at most so many characters, with an ellipsis if it was cut."""
    if len(text) <= characters:
        return text
    return text[: characters - 1].rstrip() + "…"


def without_quotes(text: str) -> str:
    """The text without the lines that Slack shows as a quote."""
    own = [line for line in text.split("\n") if not line.lstrip().startswith(">")]
    return "\n".join(own).strip()
