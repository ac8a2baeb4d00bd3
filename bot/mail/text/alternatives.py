"""Which version of a mail is the mail, where its plain and its HTML version say different things."""
# ruff: noqa: RUF001 (letters of other alphabets are the point here)

import re
from collections import Counter

from bot.mail.mime.normalization import folded, stems
from bot.mail.reply_text import newly_written

_COMPARED = 20_000  # characters of each version
_SHORT = 1_500  # characters of what may be a placeholder
_BEGINNING, _FIRST_WORDS = 200, 6  # characters and words that both versions of most mails begin with
_PLACEHOLDER = 120  # words; what stands for a mail is short
_STUB = 25  # words that may differ from the HTML altogether and be no mail of their own
_MORE = 20  # words that the HTML must have besides twice those of the plain version
_MORE_CHARACTERS = 60
_SAME = 0.95  # of the words of both
_SHARED = 0.6  # of the words of the plain version

_WORD = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_LINK = re.compile(r"<?\b(?:https?://|mailto:)[^\s>]{1,2000}>?")
# What a placeholder speaks of: what shows HTML, or what does not.
_VIEWERS = stems(
    "html, browser, mime format, rich text, webversion, web version, online version, navigat, navegador, nettleser,"
    " webbläsare, verkkoselain, prohlíž, prehliadač, przeglądark, браузер, оглядач, tarayıcı, περιήγησης, böngésző,"
    " ブラウザ, 浏览器, 瀏覽器, 브라우저, דפדפן, متصفح, view this email, view this message"
)
_PERSON = frozenset(
    ("my", "i", "mein", "meinem", "ich", "mon", "je", "mi", "mio", "meu", "eu", "mijn", "ik", "min", "jag")
)


def html_is_the_mail(plain: str, html: str) -> bool:
    """Whether the HTML version is to be read: the plain one is a placeholder, or a stub of what the HTML says.

    `html` is its text with what is quoted marked.
    """
    alike = plain[:_BEGINNING].split()[:_FIRST_WORDS] == html[:_BEGINNING].split()[:_FIRST_WORDS]
    speaks_of_viewers = not alike and len(plain) <= _SHORT and _speaks_of_viewers(folded(plain))
    if not speaks_of_viewers and len(html) < 2 * len(plain) + _MORE_CHARACTERS:
        return False
    words, others = _words(plain), _words(html)
    shared = _share(words, others)
    if speaks_of_viewers and _is_placeholder(words, others, shared):
        return True
    if shared < _SHARED and len(words) > _STUB:
        return False
    if len(others) < 2 * len(words) + _MORE:
        return False
    # What only the HTML has may be a quote, a banner or a notice.
    return len(_words(newly_written(html[:_COMPARED]))) >= 2 * len(_words(newly_written(plain))) + _MORE


def same_words(one: str, other: str) -> bool:
    """Whether two texts say the same, apart from formatting and links."""
    if not one.strip() or not 0.4 < (len(one) + 20) / (len(other) + 20) < 2.5:
        return False
    words, others = _words(one), _words(other)
    return words == others or (_share(words, others) >= _SAME and _share(others, words) >= _SAME)


def _speaks_of_viewers(text: str) -> bool:
    return any(stem in text for stem in _VIEWERS)


def _is_placeholder(words: list[str], others: list[str], shared: float) -> bool:
    if not others or len(words) > _PLACEHOLDER or shared >= _SHARED:
        return False
    # "My browser shows nothing" beside an HTML version that is hardly more than a logo is what somebody wrote.
    return len(others) >= len(words) or _PERSON.isdisjoint(words)


def _words(text: str) -> list[str]:
    return _WORD.findall(_LINK.sub(" ", text[:_COMPARED]).casefold())


def _share(words: list[str], of: list[str]) -> float:
    """The share of the words that the other text has too, each as often."""
    common = Counter(words) & Counter(of)
    return sum(common.values()) / len(words) if words else 0.0
