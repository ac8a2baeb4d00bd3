"""Normalize text for comparison: case, accents, apostrophes, hyphens and white space."""

import re
import unicodedata
from functools import cache

# Not unicodedata.combining(): the marks of Indic and Thai letters must stay, those of Latin, Hebrew, Arabic go.
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u0610-\u061a\u064b-\u0655\u0670\u3099\u309a]"
)
_REPLACED = str.maketrans({"\u2019": "'", "\u02bc": "'", "\u2010": "-", "\u2011": "-", "\u0131": "i", "\u200b": None})
_MARKS = re.compile(r"[\W_]{0,40}")
SPACELESS = re.compile("[\u3040-\u9fff]")
_EMAIL_SPELLING = ("e-mail", "email")


def folded(text: str) -> str:
    """The text in lower case, without accents, with single spaces, and with `email` for `e-mail`."""
    text = text.casefold()
    if not text.isascii():
        text = _ACCENTS.sub("", unicodedata.normalize("NFD", text)).translate(_REPLACED)
    return " ".join(text.split()).replace(*_EMAIL_SPELLING)


def stems(words: str) -> tuple[str, ...]:
    """The comma-separated words and stems, each as `folded` returns it."""
    return tuple(dict.fromkeys(folded(stem) for stem in words.split(",") if stem.strip()))


def without_leading_marks(words: str) -> str:
    """The text without bullets, stars and brackets at its beginning."""
    marks = _MARKS.match(words)
    return words[marks.end() :] if marks else words


@cache
def stem_pattern(words: str) -> re.Pattern[str]:
    """A pattern that finds one of the comma-separated stems in folded text at the beginning of a word.

    Chinese and Japanese stems are found anywhere: these languages have no spaces between words.
    """
    spaced = [re.escape(stem) for stem in stems(words) if not SPACELESS.match(stem)]
    spaceless = [re.escape(stem) for stem in stems(words) if SPACELESS.match(stem)]
    return re.compile("|".join([rf"(?<![^\W_])(?:{'|'.join(spaced)})", *spaceless]))
