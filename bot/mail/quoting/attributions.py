"""Find the attribution above a quote, such as "On Monday, somebody wrote:", in some thirty languages."""

import re
from collections.abc import Sequence

from bot.mail.mime.budget import budget
from bot.mail.quoting.markers import is_quoted, quote_follows
from bot.mail.quoting.phrases import OPENERS, WROTE
from bot.mail.quoting.quoted_headers import MAX_LINE

_MAX_LINES = 5  # of one attribution, which mail programs wrap

_COLONS = (":", "\N{FULLWIDTH COLON}")
# For lower-case text: faster than ignoring case.
_VERB = re.compile(rf"(?<!\w)(?:{WROTE})(?!\w)")
# Without word boundaries: Chinese has no spaces, and some programs put none before "wrote".
_VERB_END = re.compile(rf"(?:{WROTE})\W{{0,6}}$")
_OPENER = re.compile(
    rf"""\s*+-{{0,8}}+\s*+(?:
    (?:{OPENERS})\s.*\d          # On Monday, 3 May
    |\d{{1,4}}[\s./\u5e74-]      # 2026-05-03, 3. Mai, a Chinese year
    |[\u5728\u65bc]\s*\d         # Chinese "on"
    |[^\s,]{{2,14}},?\s+\d{{1,2}}[.\s]   # Samstag, 3. Mai
    |"?[\w.\s'-]{{1,60}}"?\s*<   # Some One <address>
    |[^\s@]++@\S++\s)""",
    re.IGNORECASE | re.VERBOSE,
)
_ADDRESS = re.compile(r"(?<![^\s<>@])[^\s<>@]++@[^\s<>@]+\w")
_ANGLED = re.compile(r"<[^<>@\s]+@[^<>@\s]+>")
_DATE_OR_TIME = re.compile(
    # Begins with a digit and not with alternatives, so that the regex engine skips other characters quickly.
    r"\d(?:\d?[:.h]\d\d|(?<!\w\d)\d{3}\b|\d?[./-]\d{1,2}[./-]\d{2,4}|\d{3}\u5e74)"
)
_FULL_DATE = re.compile(r"(?<!\w)(?:19|20)\d\d(?!\w)|\d[./-]\d{1,2}[./-]\d\d|\d{4}\u5e74")
_DATE_OPENER = re.compile(rf"\s*+(?:{OPENERS})\s.*\d", re.IGNORECASE)  # the most reliable beginning
_SENTENCE_END = (".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f")
# Yahoo's programs start the quote on the same line: "On ..., Some One<address> wrote:   Hello".
_WITH_QUOTE = re.compile(
    rf"(.{{5,300}}?(?:\S<[^<>@\s]+@[^<>@\s]+>\s{{0,3}}(?:(?:{WROTE})\s{{0,3}})?[:\uff1a]\s"
    rf"|\s<[^<>@\s]+@[^<>@\s]+>\s{{0,3}}(?:(?:{WROTE})\s{{0,3}})?[:\uff1a]\s\s))\s*(\S.*)$",
    re.IGNORECASE,
)
_MAY_HAVE_QUOTE = re.compile(r">[^<>]{0,40}[:\uff1a]\s")
_GROUPWISE = re.compile(r">>>\s.{3,200}(?:\d|@).{0,80}>>>\s*$")
_GMAIL_DATE = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:\d\d \S")
_DATE_AND_SENDER = re.compile(r"\d{4}[/-]\d{1,2}[/-]\d{1,2} \S.{0,80}<[^<>@\s]+@[^<>@\s]+>$")
_REPLIED = re.compile(r"(\S.{0,200}?)\s*((?:-{2,8}\s*|\s)On (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*, .{5,150}\bwrote:)\s*$")


def split_shared_line(line: str) -> tuple[str, ...]:
    """Split a line that holds an attribution and the end of the reply, or the start of the quote; else one line."""
    if len(line) <= MAX_LINE and line.endswith(":"):
        shared = _REPLIED.match(line)
        return (shared[1], shared[2].strip()) if shared else (line,)
    if "@" in line[:MAX_LINE] and (quoting := _inline_quote_start(line[:MAX_LINE])):
        return (line[:quoting].strip(), line[quoting:].strip())
    return (line,)


def _inline_quote_start(text: str) -> int | None:
    """The position of a quote that starts on the attribution's own line, or None."""
    # Cheap tests first: the full pattern takes a second for 5,000 lines.
    if not _MAY_HAVE_QUOTE.search(text) or not _OPENER.match(text) or not budget().take("attributions"):
        return None
    found = _WITH_QUOTE.match(text)
    if found and _VERB.search(found[1].lower()) and _DATE_OR_TIME.search(found[1]):
        return found.start(2)
    return None


def attribution_end(lines: Sequence[str], start: int) -> int | None:
    """The line after an attribution that begins at `start`; None if none begins there."""
    end = _candidate_end(lines, start)
    if end is None or any(_starts_later(lines, start, inner, end) for inner in range(start + 1, end)):
        return None
    return end


def _starts_later(lines: Sequence[str], start: int, inner: int, end: int) -> bool:
    """Whether the attribution begins only at `inner`, and the lines above it are the reply."""
    if _candidate_end(lines, inner) != end:
        return False
    above = " ".join(line[:MAX_LINE].strip() for line in lines[start:inner]).strip()
    below = " ".join(line[:MAX_LINE].strip() for line in lines[inner:end])
    after_empty_line, is_sentence = not lines[inner - 1].strip(), above.endswith(_SENTENCE_END)
    if is_sentence and after_empty_line:
        return True
    if not _FULL_DATE.search(below):
        return False
    return after_empty_line or is_sentence or (_DATE_OPENER.match(below) is not None and not _FULL_DATE.search(above))


def _candidate_end(lines: Sequence[str], start: int) -> int | None:
    first = lines[start][:MAX_LINE]
    if _GROUPWISE.match(first):
        return start + 1
    if not first.strip() or is_quoted(first):
        return None
    if _GMAIL_DATE.match(first) or (_DATE_AND_SENDER.match(first) and quote_follows(lines, start + 1)):
        return start + 1
    if not _OPENER.match(first):
        by_address = _ends_as_attribution(first) and _ADDRESS.search(first) and quote_follows(lines, start + 1)
        return start + 1 if by_address else None
    text = ""
    for end in range(start, min(start + _MAX_LINES, len(lines))):
        line = lines[end][:MAX_LINE]
        if is_quoted(line) and not line.lstrip("> ").startswith("wrote"):
            return None
        text = f"{text} {line.strip()}"[:MAX_LINE]
        if _ends_as_attribution(text) and (("@" in text and _ADDRESS.search(text)) or _DATE_OR_TIME.search(text)):
            certain = _VERB.search(text.lower()) or _ANGLED.search(text) or quote_follows(lines, end + 1)
            return end + 1 if certain else None
        if end > start and "<" in text and _inline_quote_start(text):
            return end + 1
        if len(text) >= MAX_LINE:
            break
    return None


def _ends_as_attribution(text: str) -> bool:
    """Whether the text ends like an attribution: "wrote:", "schreef <name>:", or with address, date and colon."""
    text = text.rstrip(" -*_").lower()
    if text.endswith(_COLONS):
        if not budget().take("attributions"):
            return False
        return bool(_VERB.search(text) or _VERB_END.search(text[-40:])) or bool(
            "@" in text and _ADDRESS.search(text) and _DATE_OR_TIME.search(text)
        )
    return _VERB_END.search(text[-40:]) is not None and _DATE_OR_TIME.search(text) is not None
