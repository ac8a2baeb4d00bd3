"""Addresses in header values, and who of them wrote a mail, however badly their names are written."""

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
_ENTRIES = 500  # of one value
_LONGEST = 254  # RFC 5321, 4.5.3.1.3
_ROUTE = re.compile(r"^@[^:<>]*+:")  # <@relay,@relay:user@host>, obsolete since RFC 822
_TOKENS = 5_000  # of one value; nobody's address list is longer than its line may be
_FIELDS = 5  # of one name; a mail may have one
_RUNS = frozenset({"word", "quoted"})
_BETWEEN = re.compile(r"[\s<>,;()\"]+")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address in lower case, with the name shown beside it."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote a mail; not `alone` where somebody else may be meant as well: then nothing is proven by it."""

    mailbox: Mailbox
    alone: bool


class _Token(NamedTuple):  # there may be thousands: a dataclass takes four times as long
    kind: str
    text: str
    start: int
    end: int


class _How(Enum):
    OWN = auto()  # in angle brackets, or all of its entry
    IN_WORDS = auto()  # among other words, of a name perhaps


@dataclass(frozen=True, slots=True)
class _Found:
    box: Mailbox
    how: _How


def mailboxes(value: str, limit: int = _ENTRIES) -> list[Mailbox]:
    """The addresses of a To or Cc value, in order; entries that are no address, or several, are left out."""
    tokens = _tokens(value)
    found = (_found(tokens, entry, entry.start) for entry in _entries(tokens)[:limit])
    return [each[0].box for each in found if len({one.box.address for one in each}) == 1]


def sender_of(from_values: Sequence[str], sender_values: Sequence[str], reply_to: Sequence[str] = ()) -> Sender | None:
    """Who wrote a mail, by the values of its From, Sender and Reply-To; None where no address stands in any of them.

    One address in angle brackets, and nothing else that is an address of its own: that is the sender. Of several it is
    the one that Sender names, else the first, not alone. Another address as the name is believed in nothing:
    `admin@company.com <evil@evil.com>` is from evil@evil.com, not alone. RFC 5322, 3.6.2; design 3.2.
    """
    read = [_senders(value) for value in from_values[:_FIELDS] if value.strip()]
    boxes = _unique(chain.from_iterable(boxes for boxes, _ in read))
    alone = len(from_values) <= _FIELDS and len(boxes) == 1 and all(found and certain for found, certain in read)
    if alone:
        return Sender(boxes[0], alone=True)
    named = _named(sender_values)
    others = boxes or named or _named(reply_to)
    chosen = next((box for box in others if len(named) == 1 and box.address == named[0].address), None)
    return Sender(chosen or others[0], alone=False) if others else None


def _named(values: Sequence[str]) -> list[Mailbox]:
    return _unique(chain.from_iterable(_senders(value)[0] for value in values[:_FIELDS]))


def sole_mailbox(values: Sequence[str]) -> Mailbox | None:
    """The one sender of the From values; None when there is none, several, or doubt."""
    sender = sender_of(values, ())
    return sender.mailbox if sender is not None and sender.alone else None


def _senders(value: str) -> tuple[list[Mailbox], bool]:
    """Those whom one From value names, and whether no other address in it may be meant."""
    tokens = _tokens(value)
    found: list[_Found] = []
    begun = 0  # where a name begins that a comma may have cut
    for entry in _entries(tokens):
        if of_entry := _found(tokens, entry, begun):
            found += of_entry
            begun = entry.stop
    own = [each.box for each in found if each.how is _How.OWN] or [each.box for each in found]
    if own:
        addresses = {box.address for box in own}
        return _unique(own), len(tokens) < _TOKENS and all(each.box.address in addresses for each in found)
    # Some programs put the address into an encoded word too, into quotation marks or into a comment.
    words = (_checked(word) for word in _BETWEEN.split(readable(value)))
    return _unique(Mailbox(address) for address in words if address), False


def _unique(boxes: Iterable[Mailbox]) -> list[Mailbox]:
    """Each address once, with the first name that it has."""
    unique: dict[str, Mailbox] = {}
    for box in boxes:
        if box.address not in unique or not unique[box.address].name:
            unique[box.address] = box
    return list(unique.values())


def _tokens(value: str) -> list[_Token]:
    tokens: list[_Token] = []
    for match in islice(_TOKEN.finditer(value), _TOKENS):
        if match.lastgroup == "unclosed":  # a stray one: it hides nothing, nor does any behind it
            rest = value[: match.start()] + value[match.start() :].replace('"', " ")
            more = islice(_TOKEN.finditer(rest, match.start()), _TOKENS - len(tokens))
            return [*tokens, *map(_token, more)]
        tokens.append(_token(match))
    return tokens


def _token(match: re.Match[str]) -> _Token:
    return _Token(str(match.lastgroup), match.group(), *match.span())


def _entries(tokens: Sequence[_Token]) -> list[range]:
    """The places of the tokens, cut at the commas; the name of a group is left out."""
    entries: list[range] = []
    start = 0
    for place, token in enumerate((*tokens, _Token("comma", ",", 0, 0))):
        if token.kind == "comma":
            entries.append(range(start, place))
            start = place + 1
        elif _names_group(token):
            start = place + 1
    return [entry for entry in entries if entry]


def _found(tokens: Sequence[_Token], entry: range, begun: int) -> list[_Found]:
    """The addresses in an entry, each with its name, which may have begun before it."""
    found: list[_Found] = []
    pieces = list(_pieces(tokens, entry))
    bracketed = sum(in_brackets for _, in_brackets in pieces)
    comments = [tokens[place].text[1:-1] for place in entry if tokens[place].kind == "comment"]
    commented = readable(" ".join(comments)) if len(pieces) == 1 else ""
    for piece, in_brackets in pieces:
        text = "".join(tokens[place].text for place in piece)
        address = _checked(_ROUTE.sub("", text.strip("<> ")) if in_brackets else text)
        if not address:
            continue
        own = in_brackets or len(pieces) == 1
        name = ""
        if own or not bracketed:
            name = _name(tokens[begun : piece.start])
            begun = piece.stop
        if in_brackets and bracketed == 1:
            name = name or _name(tokens[piece.stop : entry.stop])
        found.append(_Found(Mailbox(address, name or commented), _How.OWN if own else _How.IN_WORDS))
    return found


def _pieces(tokens: Sequence[_Token], entry: range) -> Iterator[tuple[range, bool]]:
    """What nothing separates, and whether it stands in angle brackets, of which the second may be missing."""
    start = entry.start
    while start < entry.stop:
        stop = start + 1
        if tokens[start].kind == "angle":
            yield range(start, stop), True
        elif tokens[start].kind in _RUNS:
            while stop < entry.stop and tokens[stop].kind in _RUNS and _goes_on(tokens[stop - 1], tokens[stop]):
                stop += 1
            yield range(start, stop), start > entry.start and tokens[start - 1].text == "<"
        start = stop


def _goes_on(before: _Token, token: _Token) -> bool:
    """Whether nothing stands between the two, or round a dot the space that was allowed once (RFC 5322, 4.4)."""
    return token.start == before.end or "." in {before.text, token.text}


def _name(tokens: Sequence[_Token]) -> str:
    """The words as a name, with the spaces and commas that they came with."""
    words: list[str] = []
    end = 0
    for token in tokens:
        if _names_group(token):
            words.clear()
        elif token.kind in {*_RUNS, "comma"}:
            words.append(" " if token.start > end else "")
            words.append(re.sub(r"\\(.)", r"\1", token.text[1:-1]) if token.kind == "quoted" else token.text)
            end = token.end
    if not words:
        return ""
    name = "".join(words).strip(" ,;")
    if name.startswith("=?") and not name.endswith("?="):  # the encoded word goes on over the address
        name = f"{name}?="
    return readable(name).strip(" ,;")


def _names_group(token: _Token) -> bool:
    return token.kind == "word" and token.text.endswith(":") and "@" not in token.text


def _checked(text: str) -> str:
    """The address in lower case, or an empty string."""
    address = text.strip().removeprefix("mailto:").rstrip(".").lower()
    return address if len(address) <= _LONGEST and _ADDRESS.fullmatch(address) else ""
