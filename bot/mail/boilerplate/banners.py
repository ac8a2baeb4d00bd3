"""Remove the banners that companies put above external mail, such as "CAUTION: external sender"."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from bot.mail.boilerplate.banner_phrases import FIRST_CONTACT, FROM_OUTSIDE, MAIL, OUTSIDE, ROOTS, TAKE_CARE, WARNINGS
from bot.mail.boilerplate.disclaimer_phrases_more import URGENT_WORDS
from bot.mail.mime.normalization import folded, stem_pattern, stems, without_leading_marks

_MAX_LINES = 14  # of one banner
_MAX_CHARACTERS = 1_500
_MAX_BANNERS = 4  # in a row
_MAX_TAG = 100  # characters of a tag such as "[EXTERNAL]"
_MAX_TAGS = 6  # in one subject
_MAX_HEADING = 40  # characters
_MAX_REST = 200  # characters after a banner's sentences, on the same line, that may belong to it

_MARK = r"[\W_]{0,8}"
_MAILS = rf"(?:[\s_-]{{0,3}}(?:{MAIL}|only|nur|warning|caution)){{0,3}}"
_ALONE = re.compile(rf"{_MARK}(?:(?:{TAKE_CARE}){_MARK})?(?:this is an? )?(?:{OUTSIDE}){_MAILS}{_MARK}")
_BRACKETED = re.compile(
    r"\s{0,3}[*_]{0,3}(?:\[([^\[\]\n]{1,90})\]|\(([^()\n]{1,60})\)|\{([^{}\n]{1,60})\}|\u3010([^\u3011\n]{1,60})\u3011)"
    r"[*_]{0,3}[ \t:-]{0,3}"
)
_IN_BRACKETS = re.compile(
    rf"{_MARK}(?:(?:{TAKE_CARE}){_MARK})?(?:{OUTSIDE})(?:{_MARK}$|\s?[^\w\s]|[\s_-]{{0,3}}(?:{MAIL})(?!\w))"
    rf"|{_MARK}(?:{TAKE_CARE})\b.{{0,40}}\b(?:{OUTSIDE})(?!\w)"
)
_BEFORE_COLON = re.compile(
    rf"(?:(?:{TAKE_CARE})[\s!,-]{{1,3}})?(?:{OUTSIDE}){_MAILS}\s?[:|]\s*"
    rf"|[*_!#]{{1,3}}\s?(?:(?:{TAKE_CARE})[\s!:,-]{{1,3}})?(?:{OUTSIDE}){_MAILS}\s?[*_!#]{{1,3}}[\s:-]*"
)
_HEADED = re.compile(rf"(?:{TAKE_CARE}|(?:{OUTSIDE}){_MAILS})(?:\s?[:!\u2013\u2014\uff1a*_-]|$)")
_ENDS_WITH_MAIL_WORD = re.compile(rf"(?:{MAIL})$")
_MAIL_WORD = re.compile(rf"(?<![^\W_])(?:{MAIL})|\u90ae|\u90f5|\u30e1\u30fc\u30eb")
_BAR = re.compile(r"[\s>]*+[-_=*~#+|\u2010-\u2015\u2500]{3,}+\s*+$")
_SENTENCE_END = re.compile(r"[.!?]{1,3}[\"')\]*_]{0,4}(?=\s|$)|[\u3002\uff01\uff1f]")
_QUESTION = re.compile(r"[?\uff1f\u061f]\W{0,4}$")
_PERSON = frozenset(
    ("i", "my", "me", "we", "us", "ich", "mir", "mich", "wir", "uns", "je", "nous", "yo", "io", "eu", "ik")
)
_GREETING = (
    "Hi",
    "Hello",
    "Dear",
    "Hallo",
    "Guten",
    "Sehr",
    "Liebe",
    "Bonjour",
    "Hola",
    "Buon",
    "Ciao",
    "Olá",
    "Good",
)
_MAIL_OPENER = (
    "this email",
    "this message",
    "this mail",
    "the sender",
    "diese email",
    "diese nachricht",
    "diese mail",
)
_BRACKETS = tuple("[({*_\u3010")
_REPLY_MARK = re.compile(r"\s*\w{1,5}(?:\[\d{1,3}\])?\s?[:\uff1a]\s*")


def without_banner(lines: Sequence[str]) -> list[str]:
    """The lines without the banners at their beginning; searches only the first lines."""
    kept = list(lines)
    for _ in range(_MAX_BANNERS):
        below = _below_banner(kept)
        if below is None:
            break
        kept = below
    return kept


def without_external_tags(subject: str) -> str:
    """The subject without tags such as `[EXTERNAL]` or `EXTERNAL:` at its beginning, at its end and after `Re:`."""
    before, rest = "", subject
    for _ in range(_MAX_TAGS):
        if (tag := _tag_end(rest)) is not None:
            rest = rest[tag:]
        elif (mark := _REPLY_MARK.match(rest)) and _tag_end(rest[mark.end() :]) is not None:
            before, rest = before + rest[: mark.end()], rest[mark.end() :]
        else:
            break
    if rest.endswith("]") and (last := rest.rfind("[")) > 0 and _is_tag(rest[last + 1 : -1]):
        rest = rest[:last].rstrip()
    bare = before + rest
    return bare if bare.strip() else subject


def _tag_end(text: str) -> int | None:
    """The end of the tag that the text begins with, or None."""
    bracketed = _BRACKETED.match(text[: 2 * _MAX_TAG])
    if bracketed and _is_tag(next(filter(None, bracketed.groups()))):
        return bracketed.end()
    beginning = text[:_MAX_TAG]
    if beginning.isascii() and (colon := _BEFORE_COLON.match(beginning.lower())):
        return colon.end()
    return None


def _is_tag(inner: str) -> bool:
    return len(inner) <= _MAX_TAG and _IN_BRACKETS.match(folded(inner)) is not None


def _below_banner(lines: Sequence[str]) -> list[str] | None:
    """The lines below the banner at their beginning; None if there is no banner."""
    first = next((number for number, line in enumerate(lines[:_MAX_LINES]) if _has_text(line)), None)
    if first is None or not _may_be_banner(lines[first : first + _MAX_LINES]):
        return None
    tag = _tag_on_line(lines[first], first)
    place = tag or _sentences_end(lines, first)
    if place is None:
        return None
    number, column = place
    rest = lines[number][column:].lstrip(" \t])*_")
    if rest and not (_belongs_to_banner(rest) if tag is None else "warning" in _banner_topics(rest)):
        return [rest, *lines[number + 1 :]]
    below = next((at for at in range(number + 1, len(lines)) if _has_text(lines[at])), len(lines))
    return list(lines[below:])


def _belongs_to_banner(rest: str) -> bool:
    """Whether the rest of a banner's last line belongs to it: gateways usually begin the mail on a new line."""
    if len(rest) > _MAX_REST:
        return False
    words = folded(rest).split()
    person = not _PERSON.isdisjoint(word.strip(".,;:!") for word in words)
    return not person and _QUESTION.search(rest) is None and not rest.startswith(_GREETING)


def _tag_on_line(line: str, number: int) -> tuple[int, int] | None:
    """Line and column after a tag at the beginning of the line, or alone on it; None if there is no tag."""
    end = _tag_end(line) if line.lstrip()[:1] in _BRACKETS else None
    if end is None and len(line) <= _MAX_TAG and _ALONE.fullmatch(folded(line)):
        end = len(line)
    return None if end is None else (number, end)


def _may_be_banner(lines: Sequence[str]) -> bool:
    top = folded("\n".join(line[:_MAX_CHARACTERS] for line in lines)[:_MAX_CHARACTERS])
    return any(root in top for root in _roots())


def _sentences_end(lines: Sequence[str], first: int) -> tuple[int, int] | None:
    """Line and column after the sentences of a banner that begins on line `first`; None if they are no banner."""
    topics: set[str] = set()
    end = None
    for sentence, number, column in _sentences(lines, first):
        found = _banner_topics(sentence)
        if not found:
            break
        topics |= found
        end = (number, column)
    confirmed = not topics.isdisjoint({"warning", "certainly outside"})
    return end if "first contact" in topics or ("outside" in topics and confirmed) else None


def _banner_topics(sentence: str) -> frozenset[str]:
    """The topics of a banner that the sentence mentions; empty if a person wrote it."""
    if len(sentence) > _MAX_CHARACTERS:
        return frozenset()
    words = without_leading_marks(folded(sentence))
    headed = _HEADED.match(words) is not None
    if not words or _QUESTION.search(words) or (stem_pattern(URGENT_WORDS).search(words) and not headed):
        return frozenset()
    if not _PERSON.isdisjoint(word.strip(".,;:!") for word in words.split()):
        return frozenset()
    found = set()
    outside = [stem for stem in _stems(FROM_OUTSIDE) if stem in words]
    if outside:
        found.add("outside")
        named = any(not _ENDS_WITH_MAIL_WORD.search(stem) for stem in outside) and _MAIL_WORD.search(words)
        if named and (headed or words.startswith(_MAIL_OPENER)):
            found.add("certainly outside")
    if any(stem in words for stem in _stems(WARNINGS)):
        found.add("warning")
    if any(stem in words for stem in _stems(FIRST_CONTACT)):
        found.add("first contact")
    if headed and len(words) <= _MAX_HEADING:
        found.add("heading")
    return frozenset(found)


def _sentences(lines: Sequence[str], first: int) -> Iterator[tuple[str, int, int]]:
    """The sentences from line `first` on, each with the line and column where it ends."""
    sentence, characters = "", 0
    for number in range(first, min(first + _MAX_LINES, len(lines))):
        line = lines[number]
        characters += len(line)
        if characters > _MAX_CHARACTERS:
            return
        if not _has_text(line):
            continue
        begin = 0
        for end in _SENTENCE_END.finditer(line):
            yield f"{sentence} {line[begin : end.end()]}", number, end.end()
            sentence, begin = "", end.end()
        sentence = f"{sentence} {line[begin:]}".strip()
        following = lines[number + 1].lstrip()[:1] if number + 1 < len(lines) else ""
        if sentence and not following.islower():  # lines from HTML may end without a full stop
            yield sentence, number, len(line)
            sentence = ""


def _has_text(line: str) -> bool:
    return bool(line.strip()) and _BAR.match(line[:_MAX_TAG]) is None


@cache
def _stems(words: str) -> tuple[str, ...]:
    return stems(words)


@cache
def _roots() -> tuple[str, ...]:
    return (*stems(ROOTS), *stems(FIRST_CONTACT))
