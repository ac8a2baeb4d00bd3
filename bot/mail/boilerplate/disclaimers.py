"""Remove the confidentiality notices that companies put below mail, in many languages.

A notice begins with a known phrase and mentions several topics of notices; no single word is sufficient.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from bot.mail.boilerplate.disclaimer_phrases_more import (
    CONDITIONALS,
    DELETION,
    IMMEDIACY,
    LANGUAGES,
    MAIL_WORDS,
    SENDERS,
    URGENT_WORDS,
)
from bot.mail.mime.normalization import SPACELESS, folded, stem_pattern, stems, without_leading_marks

_MAX_CANDIDATES = 60  # lines that begin like a notice
_MAX_PARAGRAPHS = 12  # of one notice
_MAX_PARAGRAPH_LINES = 60
_MAX_PARAGRAPH = 3_000  # characters of a paragraph; a longer one is no notice
_MAX_WRAPPED_LINE = 120  # a longer line is a paragraph by itself
_MAX_BEGINNING = 80  # characters of a line that are matched with the beginnings of notices
_MAX_HEADING = 60  # characters of a heading that stands alone
_MAX_REQUEST = 200  # characters of a separate paragraph such as "Please notify the sender immediately"
_MIN_TOPICS = 3
_MIN_TOPICS_WITH_HEADING = 2
_TOPICS = ("confidential", "recipient", "misdirected", "notify", "prohibited", "liability")
_LEGAL = frozenset({"recipient", "prohibited", "liability"})  # what people do not write about their own mail
_DELETE_IF_MISDIRECTED = frozenset({"misdirected", "notify"})
_ONLY_IN_NOTICES = _LEGAL | {"confidential"}
_HEADING_TOPICS = frozenset({"confidential", "liability"})

_SENTENCE_END = re.compile(r"[.!?:;\u3002\uff01\uff1f][\"')\]*_]{0,3}$")
_SENTENCES = re.compile(r"(?<=[.!?])\s|(?<=[\u3002\uff01\uff1f])")
_QUESTION = re.compile(r"[?\uff1f\u061f](?:\s|$)")
_BAR = re.compile(r"[\s>]*+[-_=*~#\u2010-\u2015\u2500]{3,}+\s*+$")


def without_notices(lines: Sequence[str]) -> list[str]:
    """The lines without confidentiality notices; takes linear time."""
    kept: list[str] = []
    number = candidates = 0
    while number < len(lines):
        if candidates < _MAX_CANDIDATES and (languages := _languages_of(lines[number])):
            candidates += 1
            end = _notice_end(lines, number, languages)
            if end is not None:
                while kept and (not kept[-1].strip() or _BAR.match(kept[-1][:_MAX_WRAPPED_LINE])):
                    kept.pop()
                kept.append("")
                number = _below_bar(lines, end)
                continue
        kept.append(lines[number])
        number += 1
    return kept


def _languages_of(line: str) -> tuple[int, ...]:
    """The languages in which the line may begin a notice, as indexes of LANGUAGES."""
    beginning = line[:_MAX_BEGINNING]
    text = without_leading_marks(beginning.lower() if beginning.isascii() else folded(beginning))
    phrases = _beginnings().get(_key(text))
    if not phrases:
        return ()
    text = folded(text)
    found = [languages for phrase, languages in phrases if text.startswith(phrase)]
    return tuple(dict.fromkeys(language for languages in found for language in languages))


def _notice_end(lines: Sequence[str], start: int, languages: tuple[int, ...]) -> int | None:
    """The line after the notice that begins at `start`; None if there is no notice."""
    topics: set[str] = set()
    text = ""
    end = None
    headed = False
    for paragraph, after, separate in _paragraphs(lines, start):
        words = without_leading_marks(folded(paragraph))
        found = _notice_topics(words, languages)
        if found is None:
            break
        if end is None:
            headed = headed or words.startswith(_stems_of("headings", languages))
            if headed and len(words) <= _MAX_HEADING and found <= _HEADING_TOPICS:
                languages = _below_heading(lines[after : after + _MAX_PARAGRAPHS]) or languages
                continue  # the notice is below the heading
            if not found:
                return None
        elif not _continues(found, words, languages, separate=separate):
            break
        topics |= found
        text = f"{text} {words}"
        end = after
    enough = _MIN_TOPICS_WITH_HEADING if headed else _MIN_TOPICS
    return end if (len(topics) >= enough and topics & _LEGAL) or _is_to_be_deleted(topics, text) else None


def _is_to_be_deleted(topics: set[str], words: str) -> bool:
    """Whether the text says to delete the mail if it is misdirected; without an "if" a person wrote it."""
    if not topics >= _DELETE_IF_MISDIRECTED:
        return False
    if not stem_pattern(DELETION).search(words) or not stem_pattern(MAIL_WORDS).search(words):
        return False
    whole = {word.strip('.,;:!"/') for word in words.split()}
    conditionals = stems(CONDITIONALS)
    return any(word in whole or ((" " in word or SPACELESS.match(word)) and word in words) for word in conditionals)


def _below_heading(lines: Sequence[str]) -> tuple[int, ...]:
    """The languages of the text below a heading: "Disclaimer" stands above notices in any language."""
    return _languages_of(next((line for line in lines if _has_text(line)), ""))


def _below_bar(lines: Sequence[str], number: int) -> int:
    """The line after the empty lines below a notice, and after a bar that closes it."""
    while number < len(lines) and not lines[number].strip():
        number += 1
    return number + 1 if number < len(lines) and _BAR.match(lines[number][:_MAX_WRAPPED_LINE]) else number


def _continues(found: frozenset[str], words: str, languages: tuple[int, ...], *, separate: bool) -> bool:
    """Whether a paragraph with these topics continues the notice above; `separate`: it follows an empty line."""
    if not found:
        return False
    if not separate:
        return len(found) > 1 or not found.isdisjoint(_ONLY_IN_NOTICES)
    if len(found) > 1 and not found.isdisjoint(_LEGAL):
        return True
    # A person's text below a notice is specific: "This message is about order 12, please inform us."
    if any(letter.isdigit() for letter in words):
        return False
    is_request = "notify" in found and len(words) <= _MAX_REQUEST and stem_pattern(SENDERS).search(words) is not None
    return is_request or words.startswith(_starts(languages))


def _notice_topics(words: str, languages: tuple[int, ...]) -> frozenset[str] | None:
    """The topics of notices that the paragraph mentions; None if a person wrote it."""
    if len(words) > _MAX_PARAGRAPH or _QUESTION.search(words) or stem_pattern(URGENT_WORDS).search(words):
        return None
    found = _topics_in(words, languages)
    if not found:
        return found
    if not _first_person(languages).isdisjoint(word.strip('.,;:!"') for word in words.replace("'", " ' ").split()):
        return None
    if stem_pattern(IMMEDIACY).search(words) and any(
        stem_pattern(IMMEDIACY).search(sentence) and not _topics_in(sentence, (*languages, *_languages_of(sentence)))
        for sentence in _SENTENCES.split(words)
    ):
        return None  # a sentence such as "Stop the machine immediately."
    return found


def _topics_in(words: str, languages: tuple[int, ...]) -> frozenset[str]:
    return frozenset(kind for kind in _TOPICS if any(stem in words for stem in _stems_of(kind, languages)))


def _paragraphs(lines: Sequence[str], start: int) -> Iterator[tuple[str, int, bool]]:
    """Each paragraph from `start` on: its text, the line after it, and whether an empty line precedes it."""
    number = start
    for _ in range(_MAX_PARAGRAPHS):
        first = number
        while number < len(lines) and not _has_text(lines[number]):
            number += 1
        begin = number
        while number < len(lines) and number - begin < _MAX_PARAGRAPH_LINES and _has_text(lines[number]):
            number += 1
            if number < len(lines) and _ends_paragraph(lines[number - 1], lines[number]):
                break
        if begin == number:
            return
        text = " ".join(line[: _MAX_PARAGRAPH + 1] for line in lines[begin:number])[: 2 * _MAX_PARAGRAPH]
        yield text, number, begin > first


def _has_text(line: str) -> bool:
    return bool(line.strip()) and _BAR.match(line[:_MAX_WRAPPED_LINE]) is None


def _ends_paragraph(line: str, following: str) -> bool:
    """Whether a paragraph ends with the line although no empty line follows, as in text from HTML."""
    if len(line) > _MAX_WRAPPED_LINE:
        return True
    return _SENTENCE_END.search(line.rstrip()[-6:]) is not None and not following.lstrip()[:1].islower()


def _key(text: str) -> str:
    """The first letters of the text, the key of `_beginnings`."""
    return text[:1] if SPACELESS.match(text) else text[:2]


@cache
def _beginnings() -> dict[str, list[tuple[str, tuple[int, ...]]]]:
    """The beginnings of notices by their first letters, each with its languages."""
    found: dict[str, dict[str, list[int]]] = {}
    for number, language in enumerate(LANGUAGES):
        for phrase in (*stems(language.headings), *stems(language.starts)):
            for key in {_key(phrase), "e-"} if phrase.startswith("email") else {_key(phrase)}:
                found.setdefault(key, {}).setdefault(phrase, []).append(number)
    return {key: [(phrase, tuple(numbers)) for phrase, numbers in of.items()] for key, of in found.items()}


@cache
def _stems_of(kind: str, languages: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(stem for number in languages for stem in stems(getattr(LANGUAGES[number], kind)))


@cache
def _starts(languages: tuple[int, ...]) -> tuple[str, ...]:
    return (*_stems_of("starts", languages), *_stems_of("headings", languages))


@cache
def _first_person(languages: tuple[int, ...]) -> frozenset[str]:
    return frozenset(_stems_of("first_person", languages))
