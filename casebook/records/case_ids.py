"""Case IDs such as CASE-0007, and the forms in which people type them."""

import re

_TYPED = re.compile(r"(?:case\s*[-#]?\s*|#\s*(?:case-?)?)?(\d{1,9})", re.IGNORECASE)
_NAMED = re.compile(r"(?<![\w-])case(?:-|\s*#(?:case-)?)(\d{1,9})(?!\w)", re.IGNORECASE)


def case_id(number: int) -> str:
    """The ID of the case with this number, with at least four digits."""
    return f"CASE-{number:04d}"


def number_of(name: str) -> int:
    """The number in a case ID: 7 for CASE-0007."""
    return int(name.rpartition("-")[2])


def typed_case(word: str) -> str | None:
    """The ID of a case that was typed as `7`, `#7`, `case-7` or `CASE-0007`; None for anything else."""
    found = _TYPED.fullmatch(word.strip())
    return case_id(int(found[1])) if found else None


def cases_named(text: str) -> tuple[int, ...]:
    """The numbers of the cases that a text mentions as `CASE-0007`, `case-7` or `case #7`, each once.

    A bare `#7` in a sentence may mean anything and does not count.
    """
    return tuple(dict.fromkeys(int(number) for number in _NAMED.findall(text)))
