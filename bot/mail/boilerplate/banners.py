"""The banner that a company puts above mail from outside, such as "CAUTION: external sender", told from own words."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from bot.mail.boilerplate.banner_phrases import CARE, FIRST_CONTACT, FROM_OUTSIDE, MAIL, OUTSIDE, ROOTS, TAKE_CARE
from bot.mail.boilerplate.disclaimer_phrases_more import ALARMS
from bot.mail.mime.normalization import any_of, folded, stems, unmarked

_LINES = 14  # of one banner
_CHARACTERS = 1_500
_BANNERS = 4  # that stand above each other
_TAG = 100  # characters of "[EXTERNAL]" and the like
_TAGS = 6  # in one subject
_HEADING = 40
_REST = 200  # characters behind the sentences of a banner that may belong to it

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
_NAMES_MAIL = re.compile(rf"(?:{MAIL})$")
_A_MAIL = re.compile(rf"(?<![^\W_])(?:{MAIL})|\u90ae|\u90f5|\u30e1\u30fc\u30eb")
_RULED = re.compile(r"[\s>]*+[-_=*~#+|\u2010-\u2015\u2500]{3,}+\s*+$")
_SENTENCE_END = re.compile(r"[.!?]{1,3}[\"')\]*_]{0,4}(?=\s|$)|[\u3002\uff01\uff1f]")
_ASKS = re.compile(r"[?\uff1f\u061f]\W{0,4}$")
_PERSON = frozenset(
    ("i", "my", "me", "we", "us", "ich", "mir", "mich", "wir", "uns", "je", "nous", "yo", "io", "eu", "ik")
)
_GREETED = ("Hi", "Hello", "Dear", "Hallo", "Guten", "Sehr", "Liebe", "Bonjour", "Hola", "Buon", "Ciao", "Olá", "Good")
_MAILS_SAID = ("this email", "this message", "this mail", "the sender", "diese email", "diese nachricht", "diese mail")
_BRACKETS = tuple("[({*_\u3010")
_REPLY_MARK = re.compile(r"\s*\w{1,5}(?:\[\d{1,3}\])?\s?[:\uff1a]\s*")


def without_banner(lines: Sequence[str]) -> list[str]:
    """The lines without the banners above the first own words; looks at a few lines only."""
    kept = list(lines)
    for _ in range(_BANNERS):
        below = _below_banner(kept)
        if below is None:
            break
        kept = below
    return kept


def without_tags(subject: str) -> str:
    """The subject without `[EXTERNAL]`, `EXTERNAL:` and the like, before it, after it and behind `Re:`."""
    before, rest = "", subject
    for _ in range(_TAGS):
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
    """Where a tag that the text begins with ends."""
    bracketed = _BRACKETED.match(text[: 2 * _TAG])
    if bracketed and _is_tag(next(filter(None, bracketed.groups()))):
        return bracketed.end()
    beginning = text[:_TAG]
    if beginning.isascii() and (colon := _BEFORE_COLON.match(beginning.lower())):
        return colon.end()
    return None


def _is_tag(inner: str) -> bool:
    return len(inner) <= _TAG and _IN_BRACKETS.match(folded(inner)) is not None


def _below_banner(lines: Sequence[str]) -> list[str] | None:
    """The lines below the banner that they begin with, or None when they begin with none."""
    first = next((number for number, line in enumerate(lines[:_LINES]) if _shows(line)), None)
    if first is None or not _may_be_one(lines[first : first + _LINES]):
        return None
    tag = _tag_on_line(lines[first], first)
    place = tag or _sentences_end(lines, first)
    if place is None:
        return None
    number, column = place
    rest = lines[number][column:].lstrip(" \t])*_")
    if rest and not (_goes_on(rest) if tag is None else "care" in _says(rest)):
        return [rest, *lines[number + 1 :]]
    below = next((at for at in range(number + 1, len(lines)) if _shows(lines[at])), len(lines))
    return list(lines[below:])


def _goes_on(rest: str) -> bool:
    """Whether what stands on a banner's last line goes on with it: a gateway begins the mail itself on a new one."""
    if len(rest) > _REST:
        return False
    words = folded(rest).split()
    person = not _PERSON.isdisjoint(word.strip(".,;:!") for word in words)
    return not person and _ASKS.search(rest) is None and not rest.startswith(_GREETED)


def _tag_on_line(line: str, number: int) -> tuple[int, int] | None:
    """Line and column after "[EXTERNAL]" and the like at the line's beginning, or alone on it."""
    end = _tag_end(line) if line.lstrip()[:1] in _BRACKETS else None
    if end is None and len(line) <= _TAG and _ALONE.fullmatch(folded(line)):
        end = len(line)
    return None if end is None else (number, end)


def _may_be_one(lines: Sequence[str]) -> bool:
    top = folded("\n".join(line[:_CHARACTERS] for line in lines)[:_CHARACTERS])
    return any(root in top for root in _roots())


def _sentences_end(lines: Sequence[str], first: int) -> tuple[int, int] | None:
    """Line and column after the sentences of a banner, which begin on the line `first`."""
    said: set[str] = set()
    end = None
    for piece, number, column in _pieces(lines, first):
        found = _says(piece)
        if not found:
            break
        said |= found
        end = (number, column)
    enough = "first contact" in said or ("outside" in said and not said.isdisjoint({"care", "surely outside"}))
    return end if enough else None


def _says(piece: str) -> frozenset[str]:
    """What of a banner the sentence says; nothing where a person speaks."""
    if len(piece) > _CHARACTERS:
        return frozenset()
    words = unmarked(folded(piece))
    headed = _HEADED.match(words) is not None
    if not words or _ASKS.search(words) or (any_of(ALARMS).search(words) and not headed):
        return frozenset()
    if not _PERSON.isdisjoint(word.strip(".,;:!") for word in words.split()):
        return frozenset()
    found = set()
    outside = [stem for stem in _stems(FROM_OUTSIDE) if stem in words]
    if outside:
        found.add("outside")
        named = any(not _NAMES_MAIL.search(stem) for stem in outside) and _A_MAIL.search(words)
        if named and (headed or words.startswith(_MAILS_SAID)):
            found.add("surely outside")
    if any(stem in words for stem in _stems(CARE)):
        found.add("care")
    if any(stem in words for stem in _stems(FIRST_CONTACT)):
        found.add("first contact")
    if headed and len(words) <= _HEADING:
        found.add("heading")
    return frozenset(found)


def _pieces(lines: Sequence[str], first: int) -> Iterator[tuple[str, int, int]]:
    """The sentences from the line `first` on, each with the line and the column where it ends."""
    piece, characters = "", 0
    for number in range(first, min(first + _LINES, len(lines))):
        line = lines[number]
        characters += len(line)
        if characters > _CHARACTERS:
            return
        if not _shows(line):
            continue
        begin = 0
        for end in _SENTENCE_END.finditer(line):
            yield f"{piece} {line[begin : end.end()]}", number, end.end()
            piece, begin = "", end.end()
        piece = f"{piece} {line[begin:]}".strip()
        following = lines[number + 1].lstrip()[:1] if number + 1 < len(lines) else ""
        if piece and not following.islower():  # lines that were HTML end without a full stop
            yield piece, number, len(line)
            piece = ""


def _shows(line: str) -> bool:
    return bool(line.strip()) and _RULED.match(line[:_TAG]) is None


@cache
def _stems(words: str) -> tuple[str, ...]:
    return stems(words)


@cache
def _roots() -> tuple[str, ...]:
    return (*stems(ROOTS), *stems(FIRST_CONTACT))
