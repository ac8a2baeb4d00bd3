"""Extract the new text of a mail: without quotes, forwarded mail, signature, banners and notices; in doubt keep all."""

import re

from bot.mail.boilerplate.banners import without_banner
from bot.mail.boilerplate.disclaimers import without_notices
from bot.mail.mime.budget import searchable_text
from bot.mail.quoting.attributions import attribution_end, split_shared_line
from bot.mail.quoting.markers import (
    forward_end,
    is_list_footer,
    is_mobile_signature,
    is_quoted,
    is_signature_rule,
    is_slogan,
    quote_follows,
    without_invisible_marks,
)
from bot.mail.quoting.quoted_headers import MAX_LINE

_PROMPTS = 3  # consecutive lines that begin with `>>>` and may be a Python session
_PROMPT = re.compile(r"[ \t]{0,3}>>>(?![>|])")
_SIGNATURE_LINES = 20  # more than this below a bare `--` is text, not a signature
_PGP_BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----"
_PGP_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_PGP_END = "-----END PGP SIGNATURE-----"
_WRAPPED_TAIL = 45  # characters of a wrapped rest that has no quote mark, at most
_WRAPPED_FROM = 55  # characters of a quoted line that may have been wrapped, at least


def newly_written(text: str) -> str:
    """The text without quotes, forwarded mail, signature, notices and banners; all of it if nothing would remain.

    Only the beginning of a very long text is searched, and 400 characters of each line.
    """
    text = searchable_text(text)
    lines = [piece for line in without_invisible_marks(text).split("\n") for piece in split_shared_line(line)]
    # Banners first: if only a forwarded mail is below one, that mail is the new text.
    unbannered = without_banner(_without_armour(lines))
    unquoted = _without_quotes(unbannered)
    if unquoted[:1] != unbannered[:1]:
        unquoted = without_banner(unquoted)
    # Notices before signatures: a long notice would exceed the length of a signature below `--`.
    return _joined(_without_signature(without_notices(unquoted))) or _joined(unquoted) or text.strip()


def _joined(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip()


def _without_armour(lines: list[str]) -> list[str]:
    """The lines without the OpenPGP armor around a signed text (RFC 9580, 7)."""
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
    quote_removed = False
    while number < len(lines):
        line = lines[number]
        forward = forward_end(lines, number)
        if forward is not None:
            if _has_text(kept):
                break  # everything below is the forwarded mail
            number = forward  # there is no text above: the forwarded mail is the text
            continue
        attribution = attribution_end(lines, number)
        if attribution is not None:
            if _has_text(kept) and not quote_follows(lines, attribution):
                break  # a quote without marks, below the reply
            number, quote_removed = attribution, True
        elif not quote_removed and (prompts := _prompts_end(lines, number, kept)):
            kept += lines[number:prompts]
            number = prompts
        elif is_quoted(line[:MAX_LINE]) or _is_wrapped_quote(lines, number):
            number, quote_removed = number + 1, True
        else:
            kept.append(line)
            number += 1
    return kept


def _prompts_end(lines: list[str], start: int, above: list[str]) -> int | None:
    """The line after up to three lines with Python's prompt `>>>`; None if they may be quoted.

    They may be if there are more, if a quote follows, or if no text is above and any line below is quoted.
    """
    end = start
    while end < len(lines) and end - start <= _PROMPTS and _PROMPT.match(lines[end][:MAX_LINE]):
        end += 1
    if not start < end <= start + _PROMPTS or quote_follows(lines, end):
        return None
    return end if _has_text(above) or not any(is_quoted(line[:MAX_LINE]) for line in lines[end:]) else None


def _has_text(lines: list[str]) -> bool:
    return any(line.strip() for line in lines)


def _is_wrapped_quote(lines: list[str], number: int) -> bool:
    """Whether the line is the rest of a quoted line that a mail program wrapped without repeating the mark."""
    if number == 0 or number + 1 >= len(lines) or not is_quoted(lines[number + 1][:MAX_LINE]):
        return False
    before, line = lines[number - 1], lines[number].strip()
    long_quote = is_quoted(before[:MAX_LINE]) and len(before) >= _WRAPPED_FROM
    return long_quote and len(line) <= _WRAPPED_TAIL and line[:1].islower()


def _without_signature(lines: list[str]) -> list[str]:
    written = False
    for number, line in enumerate(lines):
        if written and len(line) < MAX_LINE and _signature_at(lines, number):
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
