"""Reads values from JSON that may have any shape: a value of the wrong type counts as missing."""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def mapping(value: Any) -> Json:
    """The value if it is an object, otherwise an empty one."""
    return value if isinstance(value, Mapping) else {}


def mappings(value: Any) -> list[Json]:
    """The objects in a list; empty if the value is no list."""
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list) else []


def string(value: Any) -> str:
    """The value if it is a string, otherwise an empty one."""
    return value if isinstance(value, str) else ""
