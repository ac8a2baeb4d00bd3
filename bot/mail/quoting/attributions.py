"""The line above a quote, such as "On Monday, somebody wrote:", in some thirty languages."""

import re
from collections.abc import Sequence

from bot.mail.mime.budget import budget
from bot.mail.quoting.markers import is_quoted, quote_follows
from bot.mail.quoting.phrases import OPENERS, WROTE
from bot.mail.quoting.quoted_headers import MATCHED

_JOINED = 5  # lines over which mail programs wrap it

_COLONS = (":", "\N{FULLWIDTH COLON}")
# In lower case, and searched in lower case: so that a position is left at once where none of the words begins.
_VERB = re.compile(rf"(?<!\w)(?:{WROTE})(?!\w)")
# Without word borders: Chinese has no spaces, and some programs run "wrote" into the address.
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
_WHEN = re.compile(
    # One digit first: a pattern that begins with a choice is tried at each character of the line.
    r"\d(?:\d?[:.h]\d\d|(?<!\w\d)\d{3}\b|\d?[./-]\d{1,2}[./-]\d{2,4}|\d{3}\u5e74)"
)
_FULL_DATE = re.compile(r"(?<!\w)(?:19|20)\d\d(?!\w)|\d[./-]\d{1,2}[./-]\d\d|\d{4}\u5e74")
_DAY = re.compile(rf"\s*+(?:{OPENERS})\s.*\d", re.IGNORECASE)  # the surest beginning
_SENTENCE_END = (".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f")
# Yahoo's programs begin the quote on the same line: "On ..., Some One<address> wrote:   Hello".
_WITH_QUOTE = re.compile(
    rf"(.{{5,300}}?(?:\S<[^<>@\s]+@[^<>@\s]+>\s{{0,3}}(?:(?:{WROTE})\s{{0,3}})?[:\uff1a]\s"
    rf"|\s<[^<>@\s]+@[^<>@\s]+>\s{{0,3}}(?:(?:{WROTE})\s{{0,3}})?[:\uff1a]\s\s))\s*(\S.*)$",
    re.IGNORECASE,
)
_MAY_QUOTE = re.compile(r">[^<>]{0,40}[:\uff1a]\s")
_GROUPWISE = re.compile(r">>>\s.{3,200}(?:\d|@).{0,80}>>>\s*$")
_GMAIL_DATE = re.compile(r"\d{4}-\d\d-\d\d \d{1,2}:\d\d GMT[+-]\d\d:\d\d \S")
_DATE_NAME = re.compile(r"\d{4}[/-]\d{1,2}[/-]\d{1,2} \S.{0,80}<[^<>@\s]+@[^<>@\s]+>$")
_SHARED = re.compile(r"(\S.{0,200}?)\s*((?:-{2,8}\s*|\s)On (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*, .{5,150}\bwrote:)\s*$")


def apart(line: str) -> tuple[str, ...]:
    """The line, or two where a mail program put the end of the reply or the beginning of the quote on it too."""
    if len(line) <= MATCHED and line.endswith(":"):
        shared = _SHARED.match(line)
        return (shared[1], shared[2].strip()) if shared else (line,)
    if "@" in line[:MATCHED] and (quoting := _quoting(line[:MATCHED])):
        return (line[:quoting].strip(), line[quoting:].strip())
    return (line,)


def _quoting(text: str) -> int | None:
    """Where the quote begins that stands on the attribution's own line, or None."""
    # Looked at closely only where an address and a colon may stand together: of 5,000 lines that is a second otherwise.
    if not _MAY_QUOTE.search(text) or not _OPENER.match(text) or not budget().take("attributions"):
        return None
    found = _WITH_QUOTE.match(text)
    if found and _VERB.search(found[1].lower()) and _WHEN.search(found[1]):
        return found.start(2)
    return None


def attribution_end(lines: Sequence[str], start: int) -> int | None:
    """The line after "On ... somebody wrote:" when that begins at `start`, else None."""
    end = _end(lines, start)
    if end is None or any(_begins_anew(lines, start, inner, end) for inner in range(start + 1, end)):
        return None
    return end


def _begins_anew(lines: Sequence[str], start: int, inner: int, end: int) -> bool:
    """Whether the attribution begins at `inner`, and what stands above it is a reply: "The order 12 is late."."""
    if _end(lines, inner) != end:
        return False
    above = " ".join(line[:MATCHED].strip() for line in lines[start:inner]).strip()
    below = " ".join(line[:MATCHED].strip() for line in lines[inner:end])
    apart_from_it, is_sentence = not lines[inner - 1].strip(), above.endswith(_SENTENCE_END)
    if is_sentence and apart_from_it:
        return True
    if not _FULL_DATE.search(below):
        return False
    return apart_from_it or is_sentence or (_DAY.match(below) is not None and not _FULL_DATE.search(above))


def _end(lines: Sequence[str], start: int) -> int | None:
    first = lines[start][:MATCHED]
    if _GROUPWISE.match(first):
        return start + 1
    if not first.strip() or is_quoted(first):
        return None
    if _GMAIL_DATE.match(first) or (_DATE_NAME.match(first) and quote_follows(lines, start + 1)):
        return start + 1
    if not _OPENER.match(first):
        named = _closes(first) and _ADDRESS.search(first) and quote_follows(lines, start + 1)
        return start + 1 if named else None
    joined = ""
    for end in range(start, min(start + _JOINED, len(lines))):
        line = lines[end][:MATCHED]
        if is_quoted(line) and not line.lstrip("> ").startswith("wrote"):
            return None
        joined = f"{joined} {line.strip()}"[:MATCHED]
        if _closes(joined) and (("@" in joined and _ADDRESS.search(joined)) or _WHEN.search(joined)):
            sure = _VERB.search(joined.lower()) or _ANGLED.search(joined) or quote_follows(lines, end + 1)
            return end + 1 if sure else None
        if end > start and "<" in joined and _quoting(joined):
            return end + 1
        if len(joined) >= MATCHED:
            break  # nothing more of it is looked at
    return None


def _closes(text: str) -> bool:
    """Whether it ends as a line above a quote: "wrote:", "schreef <name>:", or an address, a date and a colon."""
    text = text.rstrip(" -*_").lower()
    if text.endswith(_COLONS):
        if not budget().take("attributions"):
            return False
        return bool(_VERB.search(text) or _VERB_END.search(text[-40:])) or bool(
            "@" in text and _ADDRESS.search(text) and _WHEN.search(text)
        )
    return _VERB_END.search(text[-40:]) is not None and _WHEN.search(text) is not None
