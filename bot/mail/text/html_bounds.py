"""How much of an HTML mail the parser is given: not more than it can take, whatever its tags are made to do.

For each tag the parser walks through the elements that are open, so that many of them cost the square of their number,
and it opens fonts and links again in each paragraph that they were left open in. Here the same tags are counted as the
HTML standard reads them (https://html.spec.whatwg.org/multipage/parsing.html): at least as many elements count as open
as the parser has, since it may close some by itself and none stays open that counts as closed.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from bot.mail.mime.budget import Budget, budget

_PICTURE = re.compile(r"data:[\w/+.-]{1,40};base64,[A-Za-z0-9+/=\s%]*+", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""[^\t\n\f\r />][^\t\n\f\r />=]*+
    (?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\t\n\f\r >"'][^\t\n\f\r >]*+)?+)?+""",
    re.VERBOSE,
)
_TOKEN = re.compile(
    rf"""<(?:
    !--(?:-?>|.*?(?:--!?>|\Z))                                          # a comment
    |[!?][^>]*+>?+|/(?![a-z])[^>]*+>?+                                  # what counts as one
    |(?P<end>/)?(?P<name>[a-z][^\t\n\f\r />]*+)(?P<attributes>(?:[\t\n\f\r /]++|{_ATTRIBUTE.pattern})*+)(?:>|\Z)
    )""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
# In these the parser goes by rules of their own; as elements without a meaning they go by those for all others.
_OF_THEIR_OWN = re.compile(r"(</?)(?=(?:svg|math|select)[\t\n\f\r />])", re.IGNORECASE)
_NEVER_OPEN = frozenset(
    {"area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "image", "img", "input", "keygen"}
) | frozenset({"link", "meta", "param", "source", "track", "wbr", "html", "head", "body"})
_RAW = frozenset({"iframe", "noembed", "noframes", "plaintext", "script", "style", "textarea", "title", "xmp"})
_REOPENED = frozenset({"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"})
_ALIKE = 3  # of fonts that say the same the parser opens so many again
_MANY = 200  # characters of attributes


def bounded(html: str) -> str:
    """The HTML as far as the parser can take it, and as the budget allows for all HTML of the mail."""
    left = budget()
    if len(html) > left.html:
        html = _PICTURE.sub("", html)  # pictures that stand in it are no text
    html = _OF_THEIR_OWN.sub(r"\1x-", html[: left.take("html", len(html))])
    return html[: _end(html, left)]


def _end(html: str, left: Budget) -> int:
    """Where the parser must stop, so that it does not cost more than is left."""
    open_ = _Open()
    position = tags = copies = 0
    while (tag := _TOKEN.search(html, position)) is not None:
        position = tag.end()
        name, attributes = tag["name"], tag["attributes"]
        if name is None:
            continue
        name = name.lower() if name.isascii() else name
        number = _number(attributes) if attributes and (name in _REOPENED or len(attributes) > _MANY) else 0
        if tag["end"]:
            open_.end(name)
        elif name not in _NEVER_OPEN:
            open_.begin(name, attributes, number)
            position = open_.pass_over(html, name, position) if name in _RAW else position
        tags += len(open_.stack) + number * number // 2
        copies += open_.copies
        if tags > left.tags or copies > left.copies:
            break
    left.take("tags", tags)
    left.take("copies", copies)
    return tag.start() if tag else len(html)


@dataclass(slots=True)
class _Open:
    """The elements that are open after the tags so far, and how many the parser may open again at the next one."""

    stack: list[tuple[str, str, int]] = field(default_factory=list)  # name; of a font also attributes, their number
    alike: Counter[tuple[str, str]] = field(default_factory=Counter)
    copies: int = 0
    certain: bool = True  # that what is closed here is closed for the parser

    def begin(self, name: str, attributes: str, number: int) -> None:
        self.stack.append((name, attributes, number))
        if name in _REOPENED:
            self.alike[name, attributes] += 1
            self.copies += 1 + number if self.alike[name, attributes] <= _ALIKE else 0

    def end(self, name: str) -> None:
        if not self.certain or not self.stack or self.stack[-1][0] != name:
            return  # the parser may close others by it, or none
        _, attributes, number = self.stack.pop()
        if name in _REOPENED:
            self.alike[name, attributes] -= 1
            self.copies -= 1 + number if self.alike[name, attributes] < _ALIKE else 0

    def pass_over(self, html: str, name: str, position: int) -> int:
        """Where what is no HTML ends; a script that holds another one may end elsewhere for the parser."""
        end = re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE).search(html, position)
        stop = end.start() if end else len(html)
        self.certain = self.certain and not (name == "script" and "<!--" in html[position:stop])
        return stop


def _number(attributes: str) -> int:
    return sum(1 for _ in _ATTRIBUTE.finditer(attributes))
