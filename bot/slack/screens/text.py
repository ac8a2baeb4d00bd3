"""Slack's text: its markup made plain when it comes in, made harmless when it goes out; pure."""

import re
from collections.abc import Mapping

_MARKUP = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")
# Control characters that Slack refuses or shows as boxes; line ends and tabs stay.
# So do marks that turn the direction of all that follows, of our own words too; right-to-left text needs none.
_CONTROL = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_SPECIAL = {"here": "@here", "channel": "@channel", "everyone": "@everyone"}


def mentioned(text: str) -> tuple[str, ...]:
    """The IDs of the users that an incoming text mentions, each once."""
    return tuple(dict.fromkeys(_MENTION.findall(text)))


def plain(text: str, names: Mapping[str, str]) -> str:
    """An incoming text as people read it: mentions as names, links with their target, entities as characters.

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
    """The three entities that Slack escapes, as characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def escape(text: str) -> str:
    """Text that Slack's mrkdwn neither links nor pings."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def printable(text: str) -> str:
    """Text without the control characters that Slack does not show."""
    return text.translate(_CONTROL)


def clip(text: str, characters: int) -> str:
    """Text of at most so many characters, with an ellipsis where something was cut off."""
    if len(text) <= characters:
        return text
    return text[: characters - 1].rstrip() + "…"


def without_quotes(text: str) -> str:
    """What somebody newly wrote: without the lines that Slack shows as quoted."""
    own = [line for line in text.split("\n") if not line.lstrip().startswith(">")]
    return "\n".join(own).strip()
