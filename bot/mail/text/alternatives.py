"""Choose between the plain and the HTML version of a mail when their texts differ."""
# ruff: noqa: RUF001 (letters of other alphabets are the point here)

import re
from collections import Counter

from bot.mail.mime.normalization import folded, stems
from bot.mail.reply_text import newly_written

_MAX_COMPARED = 20_000  # characters of each version
_MAX_PLACEHOLDER = 1_500  # characters
_MAX_PLACEHOLDER_WORDS = 120
_BEGINNING, _FIRST_WORDS = 200, 6  # characters searched for, and number of, the first words that are compared
_MAX_STUB = 25  # words of a plain version that is no mail of its own even if the HTML has none of them
_MIN_EXTRA_WORDS = 20  # words that the HTML must have in addition to twice those of the plain version
_MIN_EXTRA_CHARACTERS = 60
_MIN_SAME = 0.95  # share of the words of each text that the other must have
_MIN_SHARED = 0.6  # share of the plain version's words that the HTML must have

_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_LINK = re.compile(r"<?\b(?:https?://|mailto:)[^\s>]{1,2000}>?")
# Words of a placeholder, which says that the mail needs a browser or a program that shows HTML.
_VIEWERS = stems(
    "html, browser, mime format, rich text, webversion, web version, online version, navigat, navegador, nettleser,"
    " webbläsare, verkkoselain, prohlíž, prehliadač, przeglądark, браузер, оглядач, tarayıcı, περιήγησης, böngésző,"
    " ブラウザ, 浏览器, 瀏覽器, 브라우저, דפדפן, متصفح, view this email, view this message"
)
_PERSON = frozenset(
    ("my", "i", "mein", "meinem", "ich", "mon", "je", "mi", "mio", "meu", "eu", "mijn", "ik", "min", "jag")
)


def prefers_html(plain: str, html: str) -> bool:
    """Whether the HTML version is the mail: the plain one is a placeholder, or much shorter.

    `html` is the text of the HTML, with quotes marked.
    """
    same_beginning = plain[:_BEGINNING].split()[:_FIRST_WORDS] == html[:_BEGINNING].split()[:_FIRST_WORDS]
    mentions_viewer = not same_beginning and len(plain) <= _MAX_PLACEHOLDER and _mentions_viewer(folded(plain))
    if not mentions_viewer and len(html) < 2 * len(plain) + _MIN_EXTRA_CHARACTERS:
        return False
    words, others = _words(plain), _words(html)
    shared = _share(words, others)
    if mentions_viewer and _is_placeholder(words, others, shared):
        return True
    if shared < _MIN_SHARED and len(words) > _MAX_STUB:
        return False
    if len(others) < 2 * len(words) + _MIN_EXTRA_WORDS:
        return False
    # The extra text of the HTML may be only a quote, a banner or a notice.
    return len(_words(newly_written(html[:_MAX_COMPARED]))) >= 2 * len(_words(newly_written(plain))) + _MIN_EXTRA_WORDS


def same_words(one: str, other: str) -> bool:
    """Whether two texts have the same words, apart from formatting and links."""
    if not one.strip() or not 0.4 < (len(one) + 20) / (len(other) + 20) < 2.5:
        return False
    words, others = _words(one), _words(other)
    return words == others or (_share(words, others) >= _MIN_SAME and _share(others, words) >= _MIN_SAME)


def _mentions_viewer(text: str) -> bool:
    return any(stem in text for stem in _VIEWERS)


def _is_placeholder(words: list[str], others: list[str], shared: float) -> bool:
    if not others or len(words) > _MAX_PLACEHOLDER_WORDS or shared >= _MIN_SHARED:
        return False
    # A person's "My browser shows nothing" beside an HTML version with little more than a logo is no placeholder.
    return len(others) >= len(words) or _PERSON.isdisjoint(words)


def _words(text: str) -> list[str]:
    return _WORD.findall(_LINK.sub(" ", text[:_MAX_COMPARED]).casefold())


def _share(words: list[str], of: list[str]) -> float:
    """The share of the words that the other text has too, repeated words counted each time."""
    common = Counter(words) & Counter(of)
    return sum(common.values()) / len(words) if words else 0.0
