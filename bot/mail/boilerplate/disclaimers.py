"""The confidentiality notices that companies put below their people's mails, in many languages, told from own words.

No word alone makes a paragraph a notice: it begins as one, and says several of the things that notices say.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from bot.mail.boilerplate.disclaimer_phrases_more import ALARMS, AT_ONCE, DELETING, LANGUAGES, MAILS, SENDERS, SUPPOSING
from bot.mail.mime.normalization import SPACELESS, any_of, folded, stems, unmarked

_TRIED = 60  # lines that begin as a notice does and are looked at
_PIECES = 12  # paragraphs of one notice
_LINES = 60  # of one paragraph
_LOOKED_AT = 3_000  # characters of a paragraph; a longer one is no notice
_UNWRAPPED = 120  # a longer line is a paragraph by itself
_MARKS_AND_BEGINNING = 80  # characters in which a paragraph begins as a notice
_HEADING = 60  # characters of a heading that stands alone
_SHORT = 200  # characters of "Please notify the sender immediately" as a paragraph
_ENOUGH = 3  # kinds of things that a notice says
_ENOUGH_BELOW_A_HEADING = 2
_KINDS = ("secret", "meant", "astray", "tell", "forbid", "liable")
_LEGAL = frozenset({"meant", "forbid", "liable"})  # what people do not say of their own mails
_ASTRAY = frozenset({"astray", "tell"})
_OF_NOTICES_ALONE = _LEGAL | {"secret"}
_OF_HEADINGS = frozenset({"secret", "liable"})

_SENTENCE_END = re.compile(r"[.!?:;\u3002\uff01\uff1f][\"')\]*_]{0,3}$")
_SENTENCES = re.compile(r"(?<=[.!?])\s|(?<=[\u3002\uff01\uff1f])")
_ASKS = re.compile(r"[?\uff1f\u061f](?:\s|$)")
_BAR = re.compile(r"[\s>]*+[-_=*~#\u2010-\u2015\u2500]{3,}+\s*+$")


def without_notices(lines: Sequence[str]) -> list[str]:
    """The lines without the confidentiality notices among them; linear in their length."""
    kept: list[str] = []
    number = tried = 0
    while number < len(lines):
        if tried < _TRIED and (languages := _beginning(lines[number])):
            tried += 1
            end = _notice_end(lines, number, languages)
            if end is not None:
                while kept and (not kept[-1].strip() or _BAR.match(kept[-1][:_UNWRAPPED])):
                    kept.pop()
                kept.append("")
                number = _below_bar(lines, end)
                continue
        kept.append(lines[number])
        number += 1
    return kept


def _beginning(line: str) -> tuple[int, ...]:
    """The languages of which a notice may begin with the line, as their places in LANGUAGES."""
    beginning = line[:_MARKS_AND_BEGINNING]
    text = unmarked(beginning.lower() if beginning.isascii() else folded(beginning))
    phrases = _beginnings().get(_key(text))
    if not phrases:
        return ()
    text = folded(text)
    found = [languages for phrase, languages in phrases if text.startswith(phrase)]
    return tuple(dict.fromkeys(language for languages in found for language in languages))


def _notice_end(lines: Sequence[str], start: int, languages: tuple[int, ...]) -> int | None:
    """The line after the notice that begins at `start`, or None when it is none."""
    said: set[str] = set()
    text = ""
    end = None
    headed = False
    for piece, after, apart in _paragraphs(lines, start):
        words = unmarked(folded(piece))
        found = _says(words, languages)
        if found is None:
            break
        if end is None:
            headed = headed or words.startswith(_stems("headings", languages))
            if headed and len(words) <= _HEADING and found <= _OF_HEADINGS:
                languages = _below_heading(lines[after : after + _PIECES]) or languages
                continue  # the notice stands below it
            if not found:
                return None
        elif not _goes_on(found, words, languages, apart=apart):
            break
        said |= found
        text = f"{text} {words}"
        end = after
    enough = _ENOUGH_BELOW_A_HEADING if headed else _ENOUGH
    return end if (len(said) >= enough and said & _LEGAL) or _is_to_be_deleted(said, text) else None


def _is_to_be_deleted(said: set[str], words: str) -> bool:
    """Whether it says: if this mail came astray, tell somebody and delete it; who knows that it did says no "if"."""
    if not said >= _ASTRAY or not any_of(DELETING).search(words) or not any_of(MAILS).search(words):
        return False
    suppositions = stems(SUPPOSING)
    whole = {word.strip('.,;:!"/') for word in words.split()}
    return any(word in whole or ((" " in word or SPACELESS.match(word)) and word in words) for word in suppositions)


def _below_heading(lines: Sequence[str]) -> tuple[int, ...]:
    """The languages of what stands below a heading: "Disclaimer" stands above notices of any language."""
    return _beginning(next((line for line in lines if _shows(line)), ""))


def _below_bar(lines: Sequence[str], number: int) -> int:
    """The line after the empty ones below a notice, and after a bar that closes it."""
    while number < len(lines) and not lines[number].strip():
        number += 1
    return number + 1 if number < len(lines) and _BAR.match(lines[number][:_UNWRAPPED]) else number


def _goes_on(found: frozenset[str], words: str, languages: tuple[int, ...], *, apart: bool) -> bool:
    """Whether a paragraph that says this goes on with the notice above it; `apart`: after an empty line."""
    if not found:
        return False
    if not apart:
        return len(found) > 1 or not found.isdisjoint(_OF_NOTICES_ALONE)
    if len(found) > 1 and not found.isdisjoint(_LEGAL):
        return True
    # Whoever writes below a notice is specific: "This message is about order 12, please inform us."
    if any(letter.isdigit() for letter in words):
        return False
    tells = "tell" in found and len(words) <= _SHORT and any_of(SENDERS).search(words) is not None
    return tells or words.startswith(_starts(languages))


def _says(words: str, languages: tuple[int, ...]) -> frozenset[str] | None:
    """The kinds of things that notices say in the paragraph; None when a person speaks in it."""
    if len(words) > _LOOKED_AT or _ASKS.search(words) or any_of(ALARMS).search(words):
        return None
    found = _kinds(words, languages)
    if not found:
        return found
    if not _own(languages).isdisjoint(word.strip('.,;:!"') for word in words.replace("'", " ' ").split()):
        return None
    if any_of(AT_ONCE).search(words) and any(
        any_of(AT_ONCE).search(sentence) and not _kinds(sentence, (*languages, *_beginning(sentence)))
        for sentence in _SENTENCES.split(words)
    ):
        return None  # "Stop the machine immediately."
    return found


def _kinds(words: str, languages: tuple[int, ...]) -> frozenset[str]:
    return frozenset(kind for kind in _KINDS if any(stem in words for stem in _stems(kind, languages)))


def _paragraphs(lines: Sequence[str], start: int) -> Iterator[tuple[str, int, bool]]:
    """Each paragraph from `start` on: its text, the line after it, and whether an empty line stands before it."""
    number = start
    for _ in range(_PIECES):
        first = number
        while number < len(lines) and not _shows(lines[number]):
            number += 1
        begin = number
        while number < len(lines) and number - begin < _LINES and _shows(lines[number]):
            number += 1
            if number < len(lines) and _ends(lines[number - 1], lines[number]):
                break
        if begin == number:
            return
        text = " ".join(line[: _LOOKED_AT + 1] for line in lines[begin:number])[: 2 * _LOOKED_AT]
        yield text, number, begin > first


def _shows(line: str) -> bool:
    return bool(line.strip()) and _BAR.match(line[:_UNWRAPPED]) is None


def _ends(line: str, following: str) -> bool:
    """Whether a paragraph ends with the line though no empty one follows, as it does in lines that were HTML."""
    if len(line) > _UNWRAPPED:
        return True
    return _SENTENCE_END.search(line.rstrip()[-6:]) is not None and not following.lstrip()[:1].islower()


def _key(text: str) -> str:
    """The first letters, by which the beginnings of notices are looked up."""
    return text[:1] if SPACELESS.match(text) else text[:2]


@cache
def _beginnings() -> dict[str, list[tuple[str, tuple[int, ...]]]]:
    """By first letters: the beginnings of notices, and the languages that they are of."""
    found: dict[str, dict[str, list[int]]] = {}
    for number, language in enumerate(LANGUAGES):
        for phrase in (*stems(language.headings), *stems(language.starts)):
            for key in {_key(phrase), "e-"} if phrase.startswith("email") else {_key(phrase)}:
                found.setdefault(key, {}).setdefault(phrase, []).append(number)
    return {key: [(phrase, tuple(numbers)) for phrase, numbers in of.items()] for key, of in found.items()}


@cache
def _stems(kind: str, languages: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(stem for number in languages for stem in stems(getattr(LANGUAGES[number], kind)))


@cache
def _starts(languages: tuple[int, ...]) -> tuple[str, ...]:
    return (*_stems("starts", languages), *_stems("headings", languages))


@cache
def _own(languages: tuple[int, ...]) -> frozenset[str]:
    return frozenset(_stems("own", languages))
