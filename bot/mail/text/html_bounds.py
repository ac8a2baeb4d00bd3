"""Cut HTML before the parser gets it, so that hostile HTML cannot make parsing expensive.

The parser walks through the open elements at each tag, which takes quadratic time if many are open. It also opens
formatting elements again in each paragraph that they were left open in. The same tags are counted here by the HTML
standard (https://html.spec.whatwg.org/multipage/parsing.html). The count of open elements is an upper bound: the parser
may close more elements than this module does, but never fewer.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from bot.mail.mime.budget import Budget, budget

_DATA_URL = re.compile(r"data:[\w/+.-]{1,40};base64,[A-Za-z0-9+/=\s%]*+", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""[^\t\n\f\r />][^\t\n\f\r />=]*+
    (?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\t\n\f\r >"'][^\t\n\f\r >]*+)?+)?+""",
    re.VERBOSE,
)
_TOKEN = re.compile(
    rf"""<(?:
    !--(?:-?>|.*?(?:--!?>|\Z))                                          # a comment
    |[!?][^>]*+>?+|/(?![a-z])[^>]*+>?+                                  # parsed as a comment
    |(?P<end>/)?(?P<name>[a-z][^\t\n\f\r />]*+)(?P<attributes>(?:[\t\n\f\r /]++|{_ATTRIBUTE.pattern})*+)(?:>|\Z)
    )""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
# The parser has special rules inside these. They are renamed to unknown elements, for which the usual rules apply.
_SPECIAL_ELEMENTS = re.compile(r"(</?)(?=(?:svg|math|select)[\t\n\f\r />])", re.IGNORECASE)
_VOID_ELEMENTS = frozenset(
    {"area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "image", "img", "input", "keygen"}
) | frozenset({"link", "meta", "param", "source", "track", "wbr", "html", "head", "body"})
_RAW_TEXT = frozenset({"iframe", "noembed", "noframes", "plaintext", "script", "style", "textarea", "title", "xmp"})
_REOPENED = frozenset({"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"})
_MAX_EQUAL = 3  # formatting elements with the same attributes that the parser opens again
_MANY_CHARACTERS = 200  # characters from which attributes are counted for any element


def limit_html(html: str) -> str:
    """The beginning of the HTML that the parser can handle within the budget for all HTML of the mail."""
    remaining = budget()
    if len(html) > remaining.html:
        html = _DATA_URL.sub("", html)  # embedded pictures are no text
    html = _SPECIAL_ELEMENTS.sub(r"\1x-", html[: remaining.take("html", len(html))])
    return html[: _parse_limit(html, remaining)]


def _parse_limit(html: str, remaining: Budget) -> int:
    """The position at which the parser must stop to stay within the budget."""
    elements = _OpenElements()
    position = tags = copies = 0
    while (tag := _TOKEN.search(html, position)) is not None:
        position = tag.end()
        name, attributes = tag["name"], tag["attributes"]
        if name is None:
            continue
        name = name.lower() if name.isascii() else name
        counted = attributes and (name in _REOPENED or len(attributes) > _MANY_CHARACTERS)
        count = _attribute_count(attributes) if counted else 0
        if tag["end"]:
            elements.end(name)
        elif name not in _VOID_ELEMENTS:
            elements.begin(name, attributes, count)
            position = elements.skip_raw_text(html, name, position) if name in _RAW_TEXT else position
        tags += len(elements.stack) + count * count // 2
        copies += elements.copies
        if tags > remaining.tags or copies > remaining.copies:
            break
    remaining.take("tags", tags)
    remaining.take("copies", copies)
    return tag.start() if tag else len(html)


@dataclass(slots=True)
class _OpenElements:
    """The open elements after the tags so far, and how many the parser may open again at the next one."""

    stack: list[tuple[str, str, int]] = field(default_factory=list)  # name, attributes, number of attributes
    equal: Counter[tuple[str, str]] = field(default_factory=Counter)
    copies: int = 0
    certain: bool = True  # whether the parser certainly closes what is closed here

    def begin(self, name: str, attributes: str, count: int) -> None:
        self.stack.append((name, attributes, count))
        if name in _REOPENED:
            self.equal[name, attributes] += 1
            self.copies += 1 + count if self.equal[name, attributes] <= _MAX_EQUAL else 0

    def end(self, name: str) -> None:
        if not self.certain or not self.stack or self.stack[-1][0] != name:
            return  # the parser may close other elements at this tag, or none
        _, attributes, count = self.stack.pop()
        if name in _REOPENED:
            self.equal[name, attributes] -= 1
            self.copies -= 1 + count if self.equal[name, attributes] < _MAX_EQUAL else 0

    def skip_raw_text(self, html: str, name: str, position: int) -> int:
        """The end of the element's raw text; for a script with a comment inside, the parser may find another end."""
        end = re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE).search(html, position)
        stop = end.start() if end else len(html)
        self.certain = self.certain and not (name == "script" and "<!--" in html[position:stop])
        return stop


def _attribute_count(attributes: str) -> int:
    return sum(1 for _ in _ATTRIBUTE.finditer(attributes))
