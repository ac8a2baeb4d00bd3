"""The rules for escalating and closing cases, as pure functions of texts and times (design 3.4, 3.5)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

KEYWORDS = ("urgent", "immediately", "emergency", "critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The rule settings of the operator (design section 5)."""

    silence: timedelta = timedelta(hours=48)
    follow_ups: int = 3
    keywords: tuple[str, ...] = KEYWORDS
    quiet: bool = True  # whether silence after our own answer escalates too
    tell_customer: bool = False  # whether customers are told that their case was closed
    acknowledge: bool = False  # whether customers are told that their message arrived
    can_mail: bool = False  # whether email can be sent


class ReasonKind(StrEnum):
    """The rule that escalates a case."""

    SILENCE = "silence"
    FOLLOW_UPS = "follow-ups"
    KEYWORDS = "keywords"
    BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for an escalation, with its evidence as text for people."""

    kind: ReasonKind
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What the rules need to know about a case; only what came after the end of its last episode counts."""

    silent_since: datetime  # latest of: last message, end of the last episode, reopening
    waiting_since: datetime | None = None  # when the first unanswered customer message was written
    unanswered: int = 0  # customer messages in a row since our last answer
    unanswered_since: datetime | None = None  # when the first of these was written
    new_text: str = ""  # the text the customer newly wrote, with the subject of a case's first email


_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_FORMATTING = dict.fromkeys(map(ord, "*_~`"))
_QUOTED_LINE = re.compile(r"^[^\S\n]*(?:>|&gt;).*$", re.MULTILINE)
_CLOSURE = re.compile(
    r"(?<!\w)I['\u2019\u2018\u02bc\uff07]m\s+closing\s+this\s+case(?:\s*\.|[^\S\n]*$)",
    re.IGNORECASE | re.MULTILINE,
)


@lru_cache(maxsize=64)
def _keyword_pattern(keywords: tuple[str, ...]) -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in sorted(keywords, key=len, reverse=True))
    return re.compile(rf"(?<![^\W_])(?:{words})", re.IGNORECASE)  # Slack writes italics with underscores


def detect_urgent_keywords(text: str, keywords: Iterable[str] = KEYWORDS) -> tuple[str, ...]:
    """The keywords that `text` contains, in lower case, each once, in order of appearance.

    A keyword counts where it starts at a word boundary: "urgently" does, "insurgent" does not. Lines quoted with
    `>` do not count (design 3.4).
    """
    wanted = tuple(word for word in keywords if word)
    if not wanted:
        return ()
    own = _QUOTED_LINE.sub("", text.translate(_INVISIBLE))
    return tuple(dict.fromkeys(found.lower() for found in _keyword_pattern(wanted).findall(own)))


def detect_closure_phrase(text: str) -> bool:
    """Whether `text` contains "I'm closing this case." outside of quoted lines (design 3.5).

    Upper and lower case, any apostrophe, any white space and Slack's formatting are accepted; at the end of a line the
    full stop may be missing. The caller checks who wrote the text.
    """
    own = _QUOTED_LINE.sub("", text.translate(_INVISIBLE)).translate(_FORMATTING)
    return _CLOSURE.search(own) is not None


def check_time_escalation(
    silent_since: datetime, now: datetime, *, limits: Limits | None = None, waiting: bool = True
) -> Reason | None:
    """The reason when nobody has written for longer than the limit.

    `waiting` is true when the customer wrote last. Times are timezone-aware.
    """
    limits = limits or Limits()
    silence = now - silent_since
    if silence <= limits.silence or not (waiting or limits.quiet):
        return None
    evidence = "waiting for our answer for {}" if waiting else "quiet for {} since our answer"
    return Reason(ReasonKind.SILENCE, evidence.format(duration(silence)))


def check_followup_escalation(
    unanswered: int, *, limits: Limits | None = None, since: datetime | None = None
) -> Reason | None:
    """The reason when the customer sent more messages in a row than the limit, without an answer."""
    limits = limits or Limits()
    if unanswered <= limits.follow_ups:
        return None
    when = f" since {since:%Y-%m-%d %H:%M} UTC" if since else ""
    return Reason(ReasonKind.FOLLOW_UPS, f"{ordinal(unanswered)} message{when} without an answer")


def check_keyword_escalation(text: str, *, limits: Limits | None = None) -> Reason | None:
    """The reason when the customer's new text contains an urgent keyword."""
    found = detect_urgent_keywords(text, (limits or Limits()).keywords)
    if not found:
        return None
    return Reason(ReasonKind.KEYWORDS, "says " + ", ".join(f'"{word}"' for word in found))


def should_escalate_case(facts: CaseFacts, *, now: datetime, limits: Limits | None = None) -> tuple[Reason, ...]:
    """Every reason to escalate the case now; empty when there is none."""
    reasons = (
        check_keyword_escalation(facts.new_text, limits=limits),
        check_followup_escalation(facts.unanswered, limits=limits, since=facts.unanswered_since),
        check_time_escalation(facts.silent_since, now, limits=limits, waiting=facts.waiting_since is not None),
    )
    return tuple(reason for reason in reasons if reason)


def duration(length: timedelta) -> str:
    """A duration for people: in whole hours, in minutes below one hour, in seconds below one minute."""
    seconds = max(0, int(length.total_seconds()))
    if seconds >= 3600:
        return f"{seconds // 3600} h"
    if seconds >= 60:
        return f"{seconds // 60} min"
    return f"{seconds} s"


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def ordinal(number: int) -> str:
    """The ordinal as a word up to "tenth", then in digits: `11th`."""
    if 1 <= number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"
