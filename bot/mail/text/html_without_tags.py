"""Strip the tags from HTML that is too expensive to parse: keeps most of the words, but no structure."""

import re
from html import unescape

from bot.mail.mime.budget import budget

_HIDDEN = re.compile(r"<(script|style|head|title)[\s>].*?(?:</\1\s*+>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"</?(?:p|br|div|tr|li|h[1-6]|blockquote)\b[^<>]*+>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z!?][^<>]*+>?", re.IGNORECASE)


def strip_tags(html: str) -> str:
    """The text of HTML without its tags, up to the budget; takes linear time."""
    seen = _HIDDEN.sub(" ", html[: budget().take("html", len(html))])
    lines = unescape(_TAG.sub("", _BREAK.sub("\n", " ".join(seen.split())))).split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())
