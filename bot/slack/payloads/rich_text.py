"""The text in a message's blocks, in the mrkdwn that Slack uses for `text`; pure."""

import re
from collections.abc import Iterator
from typing import Any

from bot.slack.payloads.json_values import Json, mapping, mappings, string
from bot.slack.screens.text import escape, unescape

MAX_DEPTH = 20  # of nested blocks and elements; Slack nests at most six
_MAX_INDENT = 8
_MAX_LIST_NUMBER = 9999
_ID = re.compile(r"[A-Z0-9]+")
_EMOJI = re.compile(r"[\w+'-]+(?:::[\w-]+)?")
# The fields that hold text in an image, a video or a block of an unknown type.
_TEXT_FIELDS = ("title", "text", "caption", "description", "alt_text")
_CONTROLS = ("actions", "input", "button", "workflow_button", "overflow", "divider")


def block_texts(blocks: Any) -> list[str]:
    """The text of each block that has text, in order; `blocks` may be any value."""
    return [text for block in mappings(blocks) if (text := _text(block, 0)).strip()]


def _text(value: Any, depth: int) -> str:
    """The text of a block, an element or a list of these."""
    if depth > MAX_DEPTH:
        return ""
    if isinstance(value, list):
        return _lines(_text(part, depth + 1) for part in value)
    part = mapping(value)
    match part.get("type"):
        case "rich_text":
            return _lines(_rich_text_element(element, depth + 1) for element in mappings(part.get("elements")))
        case "table" | "data_table":
            return _lines([_raw(part.get("caption")), *_rows(part.get("rows"), depth + 1)])
        case "mrkdwn":
            return string(part.get("text"))
        case "raw_number":
            return _raw(part.get("text")) or _number(part.get("value"))
        case kind if kind in _CONTROLS or "action_id" in part:
            return ""  # the label of a button or input is no text of the message
    return _lines(_unknown(part, depth))


def _unknown(part: Json, depth: int) -> Iterator[str]:
    for key, value in part.items():
        if isinstance(value, str):
            if key in _TEXT_FIELDS:
                yield _raw(value)
        else:
            yield _text(value, depth + 1)


def _lines(parts: Any) -> str:
    return "\n".join(part for part in parts if part.strip())


def _rows(rows: Any, depth: int) -> Iterator[str]:
    """The rows of a table, one line each."""
    for row in rows if isinstance(rows, list) else []:
        cells = row if isinstance(row, list) else mapping(row).get("cells")
        texts = [" ".join(_text(cell, depth + 1).split()) for cell in mappings(cells)]
        yield " | ".join(texts).rstrip() if any(texts) else ""


def _rich_text_element(element: Json, depth: int) -> str:
    """One element of a rich_text block: a section, a list, a quote or code."""
    match element.get("type"):
        case "rich_text_section":
            return _inline(element, depth)
        case "rich_text_list":
            return _list(element, depth)
        case "rich_text_quote":
            return "\n".join(f"&gt; {line}" for line in _inline(element, depth).split("\n"))
        case "rich_text_preformatted":
            return f"```{_inline(element, depth)}```"
    return _text(element, depth + 1)


def _list(element: Json, depth: int) -> str:
    indent = "    " * min(_natural(element.get("indent")), _MAX_INDENT)
    first = min(_natural(element.get("offset")), _MAX_LIST_NUMBER) + 1
    is_ordered = element.get("style") == "ordered"
    items = (_rich_text_element(item, depth + 1) for item in mappings(element.get("elements")))
    return "\n".join(
        f"{indent}{f'{number}.' if is_ordered else '•'} {item}" for number, item in enumerate(items, start=first)
    )


def _inline(element: Json, depth: int) -> str:
    return "".join(_inline_element(piece, depth + 1) for piece in mappings(element.get("elements")))


def _inline_element(piece: Json, depth: int) -> str:
    """One element within a line: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block."""
    match piece.get("type"):
        case "text":
            return _raw(piece.get("text"))
        case "link":
            return _link(string(piece.get("url")), _raw(piece.get("text")))
        case "user":
            return _reference("@", piece.get("user_id"))
        case "channel":
            return _reference("#", piece.get("channel_id"))
        case "usergroup":
            return _reference("!subteam^", piece.get("usergroup_id"))
        case "broadcast":
            return f"<!{group}>" if (group := string(piece.get("range"))).isalpha() else ""
        case "emoji":
            return f":{name}:" if _EMOJI.fullmatch(name := string(piece.get("name"))) else ""
        case "date":
            return _raw(piece.get("fallback")) or _number(piece.get("timestamp"))
        case "color":
            return _raw(piece.get("value"))
    return _text(piece, depth + 1)


def _reference(sigil: str, identifier: Any) -> str:
    return f"<{sigil}{identifier}>" if _ID.fullmatch(string(identifier)) else ""


def _link(url: str, label: str) -> str:
    target = escape(unescape(url)).replace("|", "%7C")
    if not target:
        return label
    return f"<{target}|{label}>" if label else f"<{target}>"


def _raw(value: Any) -> str:
    """Unescaped text of a block, escaped as in `text`; text that is already escaped stays the same."""
    return escape(unescape(string(value)))


def _number(value: Any) -> str:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _natural(value: Any) -> int:
    return max(value, 0) if isinstance(value, int) else 0


# ------------------------------------------------------------------ comparing the text with the blocks

_MARKUP = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_EMOJI_IN_TEXT = re.compile(r":[a-z0-9_+'-]+(?:::skin-tone-\d)?:")
_NUMBERED = re.compile(r"^[^\S\n]*(?:\d{1,4}|[a-z]|[ivxlcdm]+)[.)][^\S\n]", re.MULTILINE)
_SCHEME = re.compile(r"\b(?:https?://|mailto:)")
_WORD = re.compile(r"[^\W_]+")


def merged(text: str, parts: list[str]) -> str:
    """The text, followed by those parts that it does not contain; an ordinary message has the same in both."""
    if not text.strip():
        return "\n".join(parts)
    in_text, in_parts = _bare_words(text), _bare_words("\n".join(parts))
    if in_text == in_parts:
        return text
    if in_text != " " and in_parts.startswith(in_text):  # the text is an abridged form
        return "\n".join(parts)
    return "\n".join([text, *missing_from(text, parts)])


def missing_from(text: str, parts: list[str]) -> list[str]:
    """The non-empty parts whose words are not in the text."""
    in_text = _bare_words(text)
    return [part for part in parts if part.strip() and (not text.strip() or _bare_words(part) not in in_text)]


def _bare_words(text: str) -> str:
    """Only the words, with a space around each: without markup, emoji, list numbers and URL schemes."""

    def shown(match: re.Match[str]) -> str:
        sigil, target, label = match.groups()
        by_id = sigil in ("@", "#") or target.startswith("subteam^")  # the label of such a reference is optional
        return f" {target if by_id else label or target} "

    plain = _NUMBERED.sub(" ", unescape(_MARKUP.sub(shown, text)).replace(">", " "))
    words = _WORD.findall(_SCHEME.sub(" ", _EMOJI_IN_TEXT.sub(" ", plain)).casefold())
    return f" {' '.join(words)} " if words else " "
