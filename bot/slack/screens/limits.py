"""Slack's limits on a post or view, checked before sending: those of slack_sdk's models, and those that they miss.

https://docs.slack.dev/reference/block-kit/blocks
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from casebook.errors import CasebookError

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
VIEW_BYTES = 250_000
POST_TEXT = 40_000
# Of all blocks of a message together; Slack has refused some messages from about 11,300 on (msg_blocks_too_long).
MESSAGE_CHARACTERS = 11_000
_TEXT_BY_BLOCK = {"header": 150, "section": 3000}
_FIELD = 2000
_FIELDS = 10
_ID = 255
_CONTEXT_ELEMENTS = 10
_ACTION_ELEMENTS = 25
_BUTTON_TEXT = 75
_BUTTON_VALUE = 2000
_ELEMENT_TEXT = 3000


class SlackLimitError(CasebookError):
    """The post or view exceeds one of Slack's limits, so Slack would refuse it."""


def broken_limits(text: str, blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    """A sentence for every limit that a post exceeds; empty if Slack will accept it."""
    problems = list(_block_problems(blocks, MESSAGE_BLOCKS))
    if len(text) > POST_TEXT:
        problems.append(f"the text has {len(text)} characters, and {POST_TEXT} are possible")
    characters = sum(_characters(block) for block in blocks)
    if characters > MESSAGE_CHARACTERS:
        problems.append(f"the blocks have {characters} characters together, and {MESSAGE_CHARACTERS} are possible")
    if not text.strip():
        problems.append("the text is empty")
    return problems


def broken_view_limits(view: Mapping[str, Any]) -> list[str]:
    """A sentence for every limit that a Home tab or modal exceeds."""
    problems = list(_block_problems(view["blocks"], VIEW_BLOCKS))
    size = len(json.dumps(view).encode())
    if size > VIEW_BYTES:
        problems.append(f"the view has {size} bytes, and {VIEW_BYTES} are possible")
    return problems


def checked_view(view: dict[str, Any]) -> dict[str, Any]:
    """The view itself; raises SlackLimitError if Slack would refuse it."""
    problems = broken_view_limits(view)
    if problems:
        raise SlackLimitError("; ".join(problems))
    return view


def _block_problems(blocks: Sequence[Mapping[str, Any]], limit: int) -> Iterator[str]:
    if len(blocks) > limit:
        yield f"there are {len(blocks)} blocks, and {limit} are possible"
    for name, count in _repeated(block.get("block_id") for block in blocks):
        yield f"block_id {name} stands {count} times"
    for number, block in enumerate(blocks, start=1):
        for problem in _one_block_problems(block):
            yield f"block {number} ({block.get('type')}): {problem}"


def _characters(part: Any) -> int:
    """The length of the text in a block, its fields and its elements."""
    if isinstance(part, Mapping):
        return sum(
            len(value) if key == "text" and isinstance(value, str) else _characters(value)
            for key, value in part.items()
        )
    if isinstance(part, list):
        return sum(map(_characters, part))
    return 0


def _repeated(names: Iterator[Any]) -> list[tuple[str, int]]:
    return [(name, count) for name, count in Counter(filter(None, names)).items() if count > 1]


def _elements(block: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    accessory = block.get("accessory")
    return [*block.get("elements", ()), *([accessory] if accessory else [])]


def _one_block_problems(block: Mapping[str, Any]) -> Iterator[str]:
    kind = str(block.get("type"))
    if "text" in block:
        yield from _text_problems(block["text"], _TEXT_BY_BLOCK.get(kind, _ELEMENT_TEXT))
    fields = block.get("fields", ())
    if len(fields) > _FIELDS:
        yield f"there are {len(fields)} fields, and {_FIELDS} are possible"
    for field in fields:
        yield from _text_problems(field, _FIELD)
    limit = {"context": _CONTEXT_ELEMENTS, "actions": _ACTION_ELEMENTS}.get(kind)
    elements = block.get("elements", ())
    if limit is not None and not 1 <= len(elements) <= limit:
        yield f"there are {len(elements)} elements, and 1 to {limit} are possible"
    for name, count in _repeated(element.get("action_id") for element in _elements(block)):
        yield f"action_id {name} stands {count} times"
    for element in _elements(block):
        yield from _element_problems(element)


def _element_problems(element: Mapping[str, Any]) -> Iterator[str]:
    if element.get("type") == "button":
        yield from _text_problems(element["text"], _BUTTON_TEXT)
        if len(str(element.get("value") or "")) > _BUTTON_VALUE:
            yield f"a button's value is longer than {_BUTTON_VALUE}"
        if len(str(element.get("action_id") or "")) > _ID:
            yield f"an action_id is longer than {_ID}"
    elif element.get("type") in ("plain_text", "mrkdwn"):
        yield from _text_problems(element, _ELEMENT_TEXT)


def _text_problems(text: Mapping[str, Any], limit: int) -> Iterator[str]:
    length = len(str(text.get("text") or ""))
    if not 1 <= length <= limit:
        yield f"a text has {length} characters, and 1 to {limit} are possible"
