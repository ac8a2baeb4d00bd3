"""Detect hidden elements of an HTML mail, such as the preview line of a newsletter."""

import re
from collections.abc import Mapping

_MAX_STYLE = 1_000  # characters of a style
_END = r"(?:!important)?(?:;|$)"
_ZERO = r"0(?:\.0{0,9})?(?:px|pt|em|rem|ex|%)?"
# For styles without spaces: optional spaces in several places would make matching slow.
_HIDDEN = re.compile(
    r"(?<![\w-])(?:display:none|visibility:(?:hidden|collapse)|mso-hide:all"
    rf"|opacity:0?(?:\.0{{0,9}})?{_END}|max-height:{_ZERO}{_END})"
)
_SIZE = re.compile(rf"(?<![\w-])font-size:({_ZERO}{_END}|1px{_END})?")
_FONT = re.compile(r"(?<![\w-])font:")
_HIDING_WORDS = ("display", "visibility", "opacity", "max-height", "mso-hide")

Attributes = Mapping[str, str | None]


def is_hidden(attributes: Attributes) -> bool:
    """Whether the element and everything in it is hidden."""
    if "hidden" in attributes and (attributes["hidden"] or "").lower() != "until-found":
        return True
    style = attributes.get("style")
    if not style:
        return False
    style = _without_spaces(style)
    return any(word in style for word in _HIDING_WORDS) and _HIDDEN.search(style) is not None


def is_tiny(attributes: Attributes) -> bool | None:
    """Whether text in the element is too small to be seen; None if the element sets no size.

    A class may set any size: text of unknown size counts as visible.
    """
    style = _without_spaces(attributes.get("style") or "")
    if "font" in style:
        sizes = _SIZE.findall(style)
        if sizes:
            return bool(sizes[-1])
        if _FONT.search(style):
            return False
    return False if attributes.get("class") or attributes.get("size") else None


def _without_spaces(style: str) -> str:
    return "".join(style[:_MAX_STYLE].lower().split())
