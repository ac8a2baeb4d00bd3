"""The words in a message's blocks, with the markup that Slack gives to the same words in `text`; pure."""

import re
from collections.abc import Iterator
from typing import Any

from bot.slack.payloads.json_values import Json, mapping, mappings, string
from bot.slack.screens.text import escape, unescape

DEEPEST = 20  # blocks and elements in each other; Slack's own go six deep
_INDENT = 8
_LAST_NUMBER = 9999
_NAME = re.compile(r"[A-Z0-9]+")
_EMOJI = re.compile(r"[\w+'-]+(?:::[\w-]+)?")
# Where words stand in a block that is not known here, or is a picture or a video.
_WORDS = ("title", "text", "caption", "description", "alt_text")
_CONTROLS = ("actions", "input", "button", "workflow_button", "overflow", "divider")


def words_of(blocks: Any) -> list[str]:
    """What each block says, in their order; those that say nothing are left out. Any value at all may be given."""
    return [words for block in mappings(blocks) if (words := _any(block, 0)).strip()]


def _any(value: Any, depth: int) -> str:
    """What a block, an element or a list of these says."""
    if depth > DEEPEST:
        return ""
    if isinstance(value, list):
        return _lines(_any(part, depth + 1) for part in value)
    part = mapping(value)
    match part.get("type"):
        case "rich_text":
            return _lines(_rich(element, depth + 1) for element in mappings(part.get("elements")))
        case "table" | "data_table":
            return _lines([_raw(part.get("caption")), *_rows(part.get("rows"), depth + 1)])
        case "mrkdwn":
            return string(part.get("text"))
        case "raw_number":
            return _raw(part.get("text")) or _number(part.get("value"))
        case kind if kind in _CONTROLS or "action_id" in part:
            return ""  # what can be pressed says nothing
    return _lines(_found(part, depth))


def _found(part: Json, depth: int) -> Iterator[str]:
    for key, value in part.items():
        if isinstance(value, str):
            if key in _WORDS:
                yield _raw(value)
        else:
            yield _any(value, depth + 1)


def _lines(parts: Any) -> str:
    return "\n".join(part for part in parts if part.strip())


def _rows(rows: Any, depth: int) -> Iterator[str]:
    """The rows of a table, each a line."""
    for row in rows if isinstance(rows, list) else []:
        cells = row if isinstance(row, list) else mapping(row).get("cells")
        said = [" ".join(_any(cell, depth + 1).split()) for cell in mappings(cells)]
        yield " | ".join(said).rstrip() if any(said) else ""


def _rich(element: Json, depth: int) -> str:
    """One part of a rich text: a section, a list, a quote or code."""
    match element.get("type"):
        case "rich_text_section":
            return _inline(element, depth)
        case "rich_text_list":
            return _list(element, depth)
        case "rich_text_quote":
            return "\n".join(f"&gt; {line}" for line in _inline(element, depth).split("\n"))
        case "rich_text_preformatted":
            return f"```{_inline(element, depth)}```"
    return _any(element, depth + 1)


def _list(element: Json, depth: int) -> str:
    indent = "    " * min(_whole(element.get("indent")), _INDENT)
    first = min(_whole(element.get("offset")), _LAST_NUMBER) + 1
    is_ordered = element.get("style") == "ordered"
    items = (_rich(item, depth + 1) for item in mappings(element.get("elements")))
    return "\n".join(
        f"{indent}{f'{number}.' if is_ordered else '•'} {item}" for number, item in enumerate(items, start=first)
    )


def _inline(element: Json, depth: int) -> str:
    return "".join(_piece(piece, depth + 1) for piece in mappings(element.get("elements")))


def _piece(piece: Json, depth: int) -> str:
    """One run of a line: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block."""
    match piece.get("type"):
        case "text":
            return _raw(piece.get("text"))
        case "link":
            return _link(string(piece.get("url")), _raw(piece.get("text")))
        case "user":
            return _named("@", piece.get("user_id"))
        case "channel":
            return _named("#", piece.get("channel_id"))
        case "usergroup":
            return _named("!subteam^", piece.get("usergroup_id"))
        case "broadcast":
            return f"<!{word}>" if (word := string(piece.get("range"))).isalpha() else ""
        case "emoji":
            return f":{name}:" if _EMOJI.fullmatch(name := string(piece.get("name"))) else ""
        case "date":
            return _raw(piece.get("fallback")) or _number(piece.get("timestamp"))
        case "color":
            return _raw(piece.get("value"))
    return _any(piece, depth + 1)


def _named(sigil: str, name: Any) -> str:
    return f"<{sigil}{name}>" if _NAME.fullmatch(string(name)) else ""


def _link(url: str, label: str) -> str:
    target = escape(unescape(url)).replace("|", "%7C")
    if not target:
        return label
    return f"<{target}|{label}>" if label else f"<{target}>"


def _raw(value: Any) -> str:
    """Text that stands unescaped in a block, as it would in `text`; should Slack have escaped it, it is the same."""
    return escape(unescape(string(value)))


def _number(value: Any) -> str:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _whole(value: Any) -> int:
    return max(value, 0) if isinstance(value, int) else 0


# ------------------------------------------------------------------ whether the blocks say more than the text

_MARKUP = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_EMOJI_IN_TEXT = re.compile(r":[a-z0-9_+'-]+(?:::skin-tone-\d)?:")
_NUMBERED = re.compile(r"^[^\S\n]*(?:\d{1,4}|[a-z]|[ivxlcdm]+)[.)][^\S\n]", re.MULTILINE)
_SCHEME = re.compile(r"\b(?:https?://|mailto:)")
_SAID = re.compile(r"[^\W_]+")


def beyond(text: str, parts: list[str]) -> str:
    """The text, and what the parts say that it does not: an ordinary message says the same in both."""
    if not text.strip():
        return "\n".join(parts)
    said, in_parts = _bare(text), _bare("\n".join(parts))
    if said == in_parts:
        return text
    if said != " " and in_parts.startswith(said):  # the text is but their beginning
        return "\n".join(parts)
    return "\n".join([text, *not_in(text, parts)])


def not_in(text: str, parts: list[str]) -> list[str]:
    """Those of the parts whose words do not stand in the text; without a text all that are not empty."""
    said = _bare(text)
    return [part for part in parts if part.strip() and (not text.strip() or _bare(part) not in said)]


def _bare(text: str) -> str:
    """The words alone, with a blank before and after each: without markup, emoji, numbering and forms of links."""

    def shown(match: re.Match[str]) -> str:
        sigil, target, label = match.groups()
        by_id = sigil in ("@", "#") or target.startswith("subteam^")  # its name may stand beside it, or not
        return f" {target if by_id else label or target} "

    plain = _NUMBERED.sub(" ", unescape(_MARKUP.sub(shown, text)).replace(">", " "))
    words = _SAID.findall(_SCHEME.sub(" ", _EMOJI_IN_TEXT.sub(" ", plain)).casefold())
    return f" {' '.join(words)} " if words else " "
