"""Which parts of an HTML mail nobody sees, such as the line that a newsletter hides for the list of mails."""

import re
from collections.abc import Mapping

_LOOKED_AT = 1_000  # characters of a style
_END = r"(?:!important)?(?:;|$)"
_NONE = r"0(?:\.0{0,9})?(?:px|pt|em|rem|ex|%)?"
# Matched in styles without blanks: several places that may be blank would be tried in every combination.
_HIDDEN = re.compile(
    r"(?<![\w-])(?:display:none|visibility:(?:hidden|collapse)|mso-hide:all"
    rf"|opacity:0?(?:\.0{{0,9}})?{_END}|max-height:{_NONE}{_END})"
)
_SIZE = re.compile(rf"(?<![\w-])font-size:({_NONE}{_END}|1px{_END})?")
_FONT = re.compile(r"(?<![\w-])font:")
_HIDES = ("display", "visibility", "opacity", "max-height", "mso-hide")

Attributes = Mapping[str, str | None]


def is_hidden(attributes: Attributes) -> bool:
    """Whether the element and all in it are hidden."""
    if "hidden" in attributes and (attributes["hidden"] or "").lower() != "until-found":
        return True
    style = attributes.get("style")
    if not style:
        return False
    style = _solid(style)
    return any(word in style for word in _HIDES) and _HIDDEN.search(style) is not None


def is_tiny(attributes: Attributes) -> bool | None:
    """Whether text in the element is too small to be seen; None where it is as around it.

    A class may set any size: what cannot be known counts as seen.
    """
    style = _solid(attributes.get("style") or "")
    if "font" in style:
        sizes = _SIZE.findall(style)
        if sizes:
            return bool(sizes[-1])
        if _FONT.search(style):
            return False
    return False if attributes.get("class") or attributes.get("size") else None


def _solid(style: str) -> str:
    return "".join(style[:_LOOKED_AT].lower().split())
