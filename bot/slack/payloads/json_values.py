"""Values of what Slack sent, of which nothing is promised: what is not of the kind that is asked for is left out."""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def mapping(value: Any) -> Json:
    """An object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: Any) -> list[Json]:
    """The objects of a list."""
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list) else []


def string(value: Any) -> str:
    """A text, else an empty one."""
    return value if isinstance(value, str) else ""
