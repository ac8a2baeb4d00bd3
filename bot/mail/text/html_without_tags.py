"""HTML with its tags left out, where parsing it costs too much: nothing of its structure, and most of its words."""

import re
from html import unescape

from bot.mail.mime.budget import budget

_UNSEEN = re.compile(r"<(script|style|head|title)[\s>].*?(?:</\1\s*+>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"</?(?:p|br|div|tr|li|h[1-6]|blockquote)\b[^<>]*+>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z!?][^<>]*+>?", re.IGNORECASE)


def without_tags(html: str) -> str:
    """The words of an HTML mail, as far as the budget allows; linear in their length."""
    seen = _UNSEEN.sub(" ", html[: budget().take("html", len(html))])
    lines = unescape(_TAG.sub("", _BREAK.sub("\n", " ".join(seen.split())))).split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())
