"""Parse addresses in header values, also malformed ones, and find the sender of a mail."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import chain, islice
from typing import NamedTuple

from bot.mail.mime.headers import readable

_ADDRESS = re.compile(
    r"""(?:[^\s<>@,;:"()\[\]\\]+|"(?:[^"\\]|\\.)*")   # local part, plain or quoted
        @(?:[\w](?:[\w.-]*[\w])?\.?|\[[\w.:]+\])""",  # domain, or an address literal
    re.VERBOSE,
)
_TOKEN = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*+") | (?P<unclosed>") | (?P<angle><[^<>]*>) | (?P<comma>[,;])
        | (?P<word>[^"<>,;()\s]+) | (?P<comment>\([^()]*\)) | (?P<other>\S)""",
    re.VERBOSE | re.DOTALL,
)
_MAX_ENTRIES = 500  # of one value
_MAX_ADDRESS = 254  # RFC 5321, 4.5.3.1.3
_ROUTE = re.compile(r"^@[^:<>]*+:")  # <@relay,@relay:user@host>, obsolete since RFC 822
_MAX_TOKENS = 5_000  # of one value
_MAX_FIELDS = 5  # From headers that are read; only one is allowed
_WORD_KINDS = frozenset({"word", "quoted"})
_SEPARATORS = re.compile(r"[\s<>,;()\"]+")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address in lower case, with the name shown beside it."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """The sender of a mail; not `unambiguous` if the headers may name somebody else too: then it proves nothing."""

    mailbox: Mailbox
    unambiguous: bool


class _Token(NamedTuple):  # four times as fast as a dataclass; there may be thousands
    kind: str
    text: str
    start: int
    end: int


class _Form(Enum):
    OWN = auto()  # in angle brackets, or the whole entry
    IN_TEXT = auto()  # among other words, maybe of a name


@dataclass(frozen=True, slots=True)
class _FoundMailbox:
    box: Mailbox
    form: _Form


def mailboxes(value: str, limit: int = _MAX_ENTRIES) -> list[Mailbox]:
    """The addresses of a To or Cc value, in order; entries without exactly one address are skipped."""
    tokens = _tokens(value)
    found = (_mailboxes_in(tokens, entry, entry.start) for entry in _entries(tokens)[:limit])
    return [each[0].box for each in found if len({one.box.address for one in each}) == 1]


def sender_of(from_values: Sequence[str], sender_values: Sequence[str], reply_to: Sequence[str] = ()) -> Sender | None:
    """The sender of a mail, from the values of From, Sender and Reply-To; None if none of them holds an address.

    The sender is unambiguous if From holds exactly one address. Of several, the sender is the one that Sender names,
    else the first. An address in place of a name makes it ambiguous and is not used:
    `admin@company.com <evil@evil.com>` is from evil@evil.com. RFC 5322, 3.6.2; design 3.2.
    """
    read = [_senders(value) for value in from_values[:_MAX_FIELDS] if value.strip()]
    boxes = _unique(chain.from_iterable(boxes for boxes, _ in read))
    certain = all(found and only for found, only in read)
    if certain and len(boxes) == 1 and len(from_values) <= _MAX_FIELDS:
        return Sender(boxes[0], unambiguous=True)
    named = _unique_senders(sender_values)
    others = boxes or named or _unique_senders(reply_to)
    chosen = next((box for box in others if len(named) == 1 and box.address == named[0].address), None)
    return Sender(chosen or others[0], unambiguous=False) if others else None


def _unique_senders(values: Sequence[str]) -> list[Mailbox]:
    return _unique(chain.from_iterable(_senders(value)[0] for value in values[:_MAX_FIELDS]))


def sole_mailbox(values: Sequence[str]) -> Mailbox | None:
    """The unambiguous sender in the From values, or None."""
    sender = sender_of(values, ())
    return sender.mailbox if sender is not None and sender.unambiguous else None


def _senders(value: str) -> tuple[list[Mailbox], bool]:
    """The senders that one From value names, and whether it holds no other address."""
    tokens = _tokens(value)
    found: list[_FoundMailbox] = []
    name_start = 0  # before the current entry if an unquoted comma split the name
    for entry in _entries(tokens):
        if of_entry := _mailboxes_in(tokens, entry, name_start):
            found += of_entry
            name_start = entry.stop
    own = [each.box for each in found if each.form is _Form.OWN] or [each.box for each in found]
    if own:
        addresses = {box.address for box in own}
        return _unique(own), len(tokens) < _MAX_TOKENS and all(each.box.address in addresses for each in found)
    # Some programs put the address into an encoded word, quotation marks or a comment.
    words = (_valid_address(word) for word in _SEPARATORS.split(readable(value)))
    return _unique(Mailbox(address) for address in words if address), False


def _unique(boxes: Iterable[Mailbox]) -> list[Mailbox]:
    """Each address once, with the first name given for it."""
    unique: dict[str, Mailbox] = {}
    for box in boxes:
        if box.address not in unique or not unique[box.address].name:
            unique[box.address] = box
    return list(unique.values())


def _tokens(value: str) -> list[_Token]:
    tokens: list[_Token] = []
    for match in islice(_TOKEN.finditer(value), _MAX_TOKENS):
        if match.lastgroup == "unclosed":  # ignore this quotation mark and all after it
            rest = value[: match.start()] + value[match.start() :].replace('"', " ")
            more = islice(_TOKEN.finditer(rest, match.start()), _MAX_TOKENS - len(tokens))
            return [*tokens, *map(_token, more)]
        tokens.append(_token(match))
    return tokens


def _token(match: re.Match[str]) -> _Token:
    return _Token(str(match.lastgroup), match.group(), *match.span())


def _entries(tokens: Sequence[_Token]) -> list[range]:
    """The ranges of tokens between commas, without group names."""
    entries: list[range] = []
    start = 0
    for place, token in enumerate((*tokens, _Token("comma", ",", 0, 0))):
        if token.kind == "comma":
            entries.append(range(start, place))
            start = place + 1
        elif _names_group(token):
            start = place + 1
    return [entry for entry in entries if entry]


def _mailboxes_in(tokens: Sequence[_Token], entry: range, name_start: int) -> list[_FoundMailbox]:
    """The addresses in an entry, each with its name, which may begin before the entry."""
    found: list[_FoundMailbox] = []
    pieces = list(_tokens_together(tokens, entry))
    bracketed = sum(in_brackets for _, in_brackets in pieces)
    comments = [tokens[place].text[1:-1] for place in entry if tokens[place].kind == "comment"]
    commented = readable(" ".join(comments)) if len(pieces) == 1 else ""
    for piece, in_brackets in pieces:
        text = "".join(tokens[place].text for place in piece)
        address = _valid_address(_ROUTE.sub("", text.strip("<> ")) if in_brackets else text)
        if not address:
            continue
        own = in_brackets or len(pieces) == 1
        name = ""
        if own or not bracketed:
            name = _name(tokens[name_start : piece.start])
            name_start = piece.stop
        if in_brackets and bracketed == 1:
            name = name or _name(tokens[piece.stop : entry.stop])
        found.append(_FoundMailbox(Mailbox(address, name or commented), _Form.OWN if own else _Form.IN_TEXT))
    return found


def _tokens_together(tokens: Sequence[_Token], entry: range) -> Iterator[tuple[range, bool]]:
    """Runs of tokens without separators, and whether they are in angle brackets; the closing one may be missing."""
    start = entry.start
    while start < entry.stop:
        stop = start + 1
        if tokens[start].kind == "angle":
            yield range(start, stop), True
        elif tokens[start].kind in _WORD_KINDS:
            while stop < entry.stop and tokens[stop].kind in _WORD_KINDS and _adjoins(tokens[stop - 1], tokens[stop]):
                stop += 1
            yield range(start, stop), start > entry.start and tokens[start - 1].text == "<"
        start = stop


def _adjoins(before: _Token, token: _Token) -> bool:
    """Whether nothing separates the two, or only the obsolete space around a dot (RFC 5322, 4.4)."""
    return token.start == before.end or "." in {before.text, token.text}


def _name(tokens: Sequence[_Token]) -> str:
    """The tokens as a name, with their spaces and commas."""
    words: list[str] = []
    end = 0
    for token in tokens:
        if _names_group(token):
            words.clear()
        elif token.kind in {*_WORD_KINDS, "comma"}:
            words.append(" " if token.start > end else "")
            words.append(re.sub(r"\\(.)", r"\1", token.text[1:-1]) if token.kind == "quoted" else token.text)
            end = token.end
    if not words:
        return ""
    name = "".join(words).strip(" ,;")
    if name.startswith("=?") and not name.endswith("?="):  # the encoded word continues after the address
        name = f"{name}?="
    return readable(name).strip(" ,;")


def _names_group(token: _Token) -> bool:
    return token.kind == "word" and token.text.endswith(":") and "@" not in token.text


def _valid_address(text: str) -> str:
    """The address in lower case, or an empty string."""
    address = text.strip().removeprefix("mailto:").rstrip(".").lower()
    return address if len(address) <= _MAX_ADDRESS and _ADDRESS.fullmatch(address) else ""
