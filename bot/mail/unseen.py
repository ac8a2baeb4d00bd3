"""Which parts of an HTML mail nobody sees, such as the line that a newsletter hides for the list of mails."""

import re
from collections.abc import Mapping

_LOOKED_AT = 1_000  # characters of a style
_NOTHING = r"\s*:\s*(?:0(?:\.0*)?|1px)(?:px|pt|em|rem|ex|%)?\s*(?:!important)?\s*(?:;|$)"
_HIDDEN = re.compile(
    r"(?<![\w-])(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all"
    r"|opacity\s*:\s*0?(?:\.0*)?\s*(?:!important)?\s*(?:;|$)"
    r"|max-height\s*:\s*0(?:\.0*)?(?:px|pt|em|rem|%)?\s*(?:!important)?\s*(?:;|$))"
)
_SIZE = re.compile(rf"(?<![\w-])font-size(?:({_NOTHING})|\s*:)")
_HIDES = ("display", "visibility", "opacity", "max-height", "mso-hide")

Attributes = Mapping[str, str | None]


def is_hidden(attributes: Attributes) -> bool:
    """Whether the element and all in it are hidden."""
    if "hidden" in attributes and (attributes["hidden"] or "").lower() != "until-found":
        return True
    style = attributes.get("style")
    if not style:
        return False
    style = style[:_LOOKED_AT].lower()
    return any(word in style for word in _HIDES) and _HIDDEN.search(style) is not None


def is_tiny(attributes: Attributes) -> bool | None:
    """Whether text in the element is too small to be seen; None where it is as around it.

    A class may set any size: what cannot be known counts as seen.
    """
    style = (attributes.get("style") or "")[:_LOOKED_AT].lower()
    if "font" in style:
        sizes = _SIZE.findall(style)
        if sizes:
            return bool(sizes[-1])
        if re.search(r"(?<![\w-])font\s*:", style):
            return False
    return False if attributes.get("class") or attributes.get("size") else None
