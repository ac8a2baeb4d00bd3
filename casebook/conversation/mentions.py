"""Comparing two texts from Slack in which mentioned people appear by ID or by name; pure."""

import re

_USER_ID = re.compile(r"@([UW][A-Z0-9]{5,})\b")
# A name does not extend past the next @, so there is one way to match it, however many people are mentioned.
_NAME = r"(?![UW][A-Z0-9]{5,}\b)[^@\n]{1,200}"


def same_words(one: str, other: str) -> bool:
    """Whether two versions of a text differ at most in mentions that one has as IDs and the other as names."""
    return one == other or _matches(one, other) or _matches(other, one)


def _matches(with_ids: str, with_names: str) -> bool:
    """Whether `with_names` is the same text with names instead of some of the IDs in `with_ids`."""
    first, *rest = _USER_ID.split(with_ids)
    pairs = zip(rest[::2], rest[1::2], strict=True)
    pattern = re.escape(first) + "".join(f"@(?:{each}|{_NAME}){re.escape(after)}" for each, after in pairs)
    return bool(rest) and re.fullmatch(pattern, with_names) is not None
