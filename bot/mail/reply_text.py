"""What somebody newly wrote in a mail, apart from quotes, forwarded mail, signature and notices; in doubt all."""

import re

from bot.mail.boilerplate.banners import without_banner
from bot.mail.boilerplate.disclaimers import without_notices
from bot.mail.mime.budget import searched
from bot.mail.quoting.attributions import apart, attribution_end
from bot.mail.quoting.markers import (
    forward_end,
    is_list_footer,
    is_mobile_signature,
    is_quoted,
    is_signature_rule,
    is_slogan,
    quote_follows,
    without_marks,
)
from bot.mail.quoting.quoted_headers import MATCHED

_PROMPTS = 3  # lines in a row that begin with `>>>` and are no quote
_PROMPT = re.compile(r"[ \t]{0,3}>>>(?![>|])")
_SIGNATURE_LINES = 20  # more than this below a bare `--` is text, not a signature
_PGP_BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----"
_PGP_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_PGP_END = "-----END PGP SIGNATURE-----"
_WRAPPED_TAIL = 45  # a quoted line that was wrapped leaves at most so much without its mark
_WRAPPED_FROM = 55


def newly_written(text: str) -> str:
    """The text without quotes, forwarded mail, signature, notices and banners; all when nothing would be left.

    Of a text without end the beginning is searched, each line up to 400 characters, a few times.
    """
    text = searched(text)
    lines = [piece for line in without_marks(text).split("\n") for piece in apart(line)]
    # A banner first: below it nothing but a forwarded mail may stand, and then that mail is what was written.
    unbannered = without_banner(_without_armour(lines))
    unquoted = _without_quotes(unbannered)
    if unquoted[:1] != unbannered[:1]:
        unquoted = without_banner(unquoted)
    # Notices before signatures: a long one would make the lines below a `--` too many for a signature.
    return _joined(_without_signature(without_notices(unquoted))) or _joined(unquoted) or text.strip()


def _joined(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip()


def _without_armour(lines: list[str]) -> list[str]:
    """The lines without what OpenPGP puts round a text that is signed (RFC 9580, 7)."""
    begin = next((number for number, line in enumerate(lines) if line.rstrip() == _PGP_BEGIN), None)
    if begin is None:
        return lines
    text = next((number for number in range(begin, len(lines)) if not lines[number].strip()), begin)
    end = next((number for number in range(text, len(lines)) if lines[number].startswith(_PGP_SIGNATURE)), len(lines))
    below = next((number for number in range(end, len(lines)) if lines[number].startswith(_PGP_END)), len(lines))
    signed = [line.removeprefix("- ") for line in lines[text + 1 : end]]
    return [*lines[:begin], *signed, *lines[below + 1 :]]


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    number = 0
    quoting = False  # whether a quote was left out
    while number < len(lines):
        line = lines[number]
        forward = forward_end(lines, number)
        if forward is not None:
            if _has_text(kept):
                break  # everything below is the other mail
            number = forward  # nothing but the forwarded mail: its text is all there is
            continue
        attribution = attribution_end(lines, number)
        if attribution is not None:
            if _has_text(kept) and not quote_follows(lines, attribution):
                break  # unmarked quote below the reply
            number, quoting = attribution, True
        elif not quoting and (prompts := _own_prompts(lines, number)) and (_has_text(kept) or _alone(lines, prompts)):
            kept += lines[number:prompts]
            number = prompts
        elif is_quoted(line[:MATCHED]) or _wrapped(lines, number):
            number, quoting = number + 1, True
        else:
            kept.append(line)
            number += 1
    return kept


def _own_prompts(lines: list[str], start: int) -> int | None:
    """The line after those which begin with `>>>` as Python's prompt does, and with which no quote goes on."""
    end = start
    while end < len(lines) and end - start <= _PROMPTS and _PROMPT.match(lines[end][:MATCHED]):
        end += 1
    if not start < end <= start + _PROMPTS:
        return None
    return None if quote_follows(lines, end) else end


def _alone(lines: list[str], end: int) -> bool:
    """Whether nothing below is a quote, so that the lines at the very beginning are none either."""
    return not any(is_quoted(line[:MATCHED]) for line in lines[end:])


def _has_text(lines: list[str]) -> bool:
    return any(line.strip() for line in lines)


def _wrapped(lines: list[str], number: int) -> bool:
    """Whether the line is the end of a quoted line that a mail program wrapped without marking it again."""
    if number == 0 or number + 1 >= len(lines) or not is_quoted(lines[number + 1][:MATCHED]):
        return False
    before, line = lines[number - 1], lines[number].strip()
    long_quote = is_quoted(before[:MATCHED]) and len(before) >= _WRAPPED_FROM
    return long_quote and len(line) <= _WRAPPED_TAIL and line[:1].islower()


def _without_signature(lines: list[str]) -> list[str]:
    written = False
    for number, line in enumerate(lines):
        if written and len(line) < MATCHED and _signature_at(lines, number):
            return lines[:number]
        written = written or bool(line.strip())
    return lines


def _signature_at(lines: list[str], number: int) -> bool:
    line = lines[number]
    if is_mobile_signature(line) or is_list_footer(lines, number):
        return True
    following = lines[number + 1 : number + 2 + _SIGNATURE_LINES * 3]
    if is_slogan(line):
        return not _has_text(following)
    if not is_signature_rule(line):
        return False
    return line == "-- " or sum(bool(after.strip()) for after in following) <= _SIGNATURE_LINES
