"""Whether our mail server vouches for a mail's sender, and whether that makes it an admin's (design 3.2, RFC 8601)."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from publicsuffixlist import PublicSuffixList

from bot.mail.parse import Mail

# Possessive (`++`), and begun at the start of a word alone: sixteen kilobytes without an end are looked at once.
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)(?:"|\\?\Z)', re.DOTALL)
_UNSAFE = re.compile(r"[^\w.@+-]")
_RESULT = re.compile(r"([\w.-]+)(?:\s*/\s*\d+)?\s*=\s*([\w-]+)")
_PROPERTY = re.compile(r"(?<![\w-])([\w-]++)\s*+\.\s*+([\w-]++)\s*+=\s*+([^\s;]++)")


# Exchange Online begins Authentication-Results with a result, not with a server's name (RFC 8601, 2.2): this value of
# MAIL_AUTHSERV_ID says that our mailbox is there.
MICROSOFT = "microsoft"


class Proof(StrEnum):
    """Who a mail is from, as far as it can be believed."""

    ADMIN = "admin"
    CLAIM = "claim"  # says it is from an admin and could not show it
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class _Result:
    method: str
    value: str
    properties: dict[str, str]


def is_admin_message(mail: Mail, admin_emails: Collection[str], authserv_id: str | None) -> Proof:
    """Whether the mail is an admin's: by its From, and by what our own mail server found about it.

    With `authserv_id` that server must vouch for it; without, From is believed unless the topmost result of all says
    `dmarc=fail`. Where more than one sender may be meant, nothing shows it.
    """
    if mail.from_addr is None or mail.from_addr not in admin_emails:
        return Proof.CUSTOMER
    vouched_for = is_vouched_for(mail, authserv_id)
    if vouched_for is None:
        vouched_for = mail.from_alone and not _dmarc_fails(_topmost(mail)[1])
    return Proof.ADMIN if vouched_for else Proof.CLAIM


def is_vouched_for(mail: Mail, authserv_id: str | None) -> bool | None:
    """Whether our own mail server says that the mail is from the domain of its one sender; None without `authserv_id`.

    The topmost Authentication-Results of the whole mail must be that server's, and hold a passing DMARC result or an
    aligned DKIM result that names the domain: what stands below may have come with the mail, also in our server's
    name. `microsoft` stands for Exchange Online.
    """
    wanted = (authserv_id or "").strip().lower()
    if not wanted:
        return None
    if mail.from_addr is None or not mail.from_alone:
        return False
    server, results = _topmost(mail)
    if server != ("" if wanted == MICROSOFT else wanted) or _dmarc_fails(results):
        return False
    domain = mail.from_addr.rpartition("@")[2]
    return any(_passes(result, domain) for result in results) or (wanted == MICROSOFT and _is_internal(mail))


def server_of(authentication_results: str) -> str:
    """Who wrote this Authentication-Results, as MAIL_AUTHSERV_ID names them: a server in lower case, or `microsoft`."""
    return _read(authentication_results)[0] or MICROSOFT


def _topmost(mail: Mail) -> tuple[str, list[_Result]]:
    """Who wrote the topmost Authentication-Results, and what it found; without one neither."""
    return _read(mail.authentication[0]) if mail.authentication else ("", [])


def _is_internal(mail: Mail) -> bool:
    """Whether Exchange Online says that a mailbox of its own organisation sent the mail.

    What comes from outside gets a nameless header at the top, and what it brought along is renamed to
    Authentication-Results-Original. What a mailbox of the same organisation sent is signed by nobody and has
    `dmarc=none` or no result at all; there X-MS-Exchange-Organization-AuthAs says `Internal`. Exchange takes that
    header away from everything that comes from outside, its "header firewall", and lets nobody inside write in a name
    that they may not write in: https://technet.microsoft.com/library/bb232136(v=exchg.149).aspx.
    """
    return bool(mail.exchange_sender) and all(how.strip().lower() == "internal" for how in mail.exchange_sender)


def _dmarc_fails(results: list[_Result]) -> bool:
    return any(result.method == "dmarc" and result.value == "fail" for result in results)


def _passes(result: _Result, domain: str) -> bool:
    if result.value != "pass":
        return False
    if result.method == "dmarc":  # a pass is aligned by definition, with the domain that it names
        return _named(result, "header.from") == domain
    if result.method == "dkim":
        return _is_aligned(_named(result, "header.d", "header.i"), domain)
    return False


def _named(result: _Result, *names: str) -> str:
    """The domain in the first of these properties that is there, or an empty string."""
    text = next((result.properties[name] for name in names if name in result.properties), "")
    return text.rpartition("@")[2].rstrip(".")


def _is_aligned(signer: str, domain: str) -> bool:
    """Whether a signature of `signer` proves that a mail is from `domain`: its own, or that of the owner above it.

    Relaxed alignment (RFC 7489, 3.1.1) one way only: a domain below is often somebody else's, a sender of newsletters'
    or a customer's. Where its owner allows that, the server says so by a passing DMARC result.
    """
    if not signer or signer == domain:
        return bool(signer)
    return domain.endswith(f".{signer}") and _public_suffixes().privatesuffix(signer) is not None


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()  # the list that came with the package


def _read(value: str) -> tuple[str, list[_Result]]:
    """The server's name in lower case, and its results; the name is empty where it begins with a result."""
    sections = _without_comments(_QUOTED.sub(_bare, value)).lower().split(";")
    if _RESULT.match(sections[0].strip()):
        return "", list(_results(sections))
    server = (sections[0].split() or [""])[0]
    return server, list(_results(sections[1:]))


def _results(sections: list[str]) -> Iterator[_Result]:
    for section in sections:
        if match := _RESULT.match(section.strip()):
            properties: dict[str, str] = {}
            for kind, name, text in _PROPERTY.findall(section):
                # Named twice, one of them may be the sender's own words: neither counts.
                properties[f"{kind}.{name}"] = text if properties.get(f"{kind}.{name}", text) == text else ""
            yield _Result(match[1], match[2], properties)


def _bare(match: re.Match[str]) -> str:
    # A quoted string may hold anything its sender chose, `; dmarc=pass` too.
    return _UNSAFE.sub("_", match[1])


def _without_comments(value: str) -> str:
    """The value without comments, which nest and which nobody may take for results."""
    kept: list[str] = []
    depth = 0
    escaped = False  # in a comment a backslash takes the meaning from the next character (RFC 5322, 3.2.2)
    for character in value:
        if escaped:
            escaped = False
        elif depth and character == "\\":
            escaped = True
        elif character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(character)
    return "".join(kept)
