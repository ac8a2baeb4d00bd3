"""People in a text from Slack, by their IDs until their names are known: the words are the same; pure."""

import re

_NAMELESS = re.compile(r"@([UW][A-Z0-9]{5,})\b")
# No name goes over the next @, so that there is one way to read it, however many people are named.
_NAME = r"(?![UW][A-Z0-9]{5,}\b)[^@\n]{1,200}"


def same_words(one: str, other: str) -> bool:
    """Whether two readings of a text differ at most in people whose names only one of them knows."""
    return one == other or _fits(one, other) or _fits(other, one)


def _fits(nameless: str, named: str) -> bool:
    """Whether `named` says the same where names may stand for the IDs of `nameless`."""
    first, *rest = _NAMELESS.split(nameless)
    pairs = zip(rest[::2], rest[1::2], strict=True)
    pattern = re.escape(first) + "".join(f"@(?:{each}|{_NAME}){re.escape(after)}" for each, after in pairs)
    return bool(rest) and re.fullmatch(pattern, named) is not None
