"""Text in one spelling for comparing: without case, accents, odd apostrophes and hyphens, and runs of blanks."""

import re
import unicodedata
from functools import cache

# Not unicodedata.combining(): the marks of Indic and Thai letters must stay, those of Latin, Hebrew, Arabic go.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u064b-\u0655\u0670\u3099\u309a]"
)
_ALIKE = str.maketrans({"\u2019": "'", "\u02bc": "'", "\u2010": "-", "\u2011": "-", "\u0131": "i", "\u200b": None})
_MARKS = re.compile(r"[\W_]{0,40}")
SPACELESS = re.compile("[\u3040-\u9fff]")
_MAIL = ("e-mail", "email")


def folded(text: str) -> str:
    """The text in one spelling; `e-mail` is `email` in it."""
    text = text.casefold()
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFD", text)).translate(_ALIKE)
    return " ".join(text.split()).replace(*_MAIL)


def stems(words: str) -> tuple[str, ...]:
    """Words and beginnings of words, which stand there with commas between them, as `folded` spells them."""
    return tuple(dict.fromkeys(folded(stem) for stem in words.split(",") if stem.strip()))


def unmarked(words: str) -> str:
    """The words without bullets, stars and brackets before them."""
    marks = _MARKS.match(words)
    return words[marks.end() :] if marks else words


@cache
def any_of(words: str) -> re.Pattern[str]:
    """Finds one of the stems in folded text, where a word begins; Chinese and Japanese have no blanks between words."""
    spaced = [re.escape(stem) for stem in stems(words) if not SPACELESS.match(stem)]
    spaceless = [re.escape(stem) for stem in stems(words) if SPACELESS.match(stem)]
    return re.compile("|".join([rf"(?<![^\W_])(?:{'|'.join(spaced)})", *spaceless]))
