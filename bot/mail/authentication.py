"""Whether Authentication-Results prove a mail's sender, and whether that is an admin (design 3.2, RFC 8601)."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from publicsuffixlist import PublicSuffixList

from bot.mail.parse import Mail

# Possessive quantifiers (`++`) and the anchor at a word's start keep matching linear in a header of 16 kB.
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)(?:"|\\?\Z)', re.DOTALL)
_UNSAFE = re.compile(r"[^\w.@+-]")
_RESULT = re.compile(r"([\w.-]+)(?:\s*/\s*\d+)?\s*=\s*([\w-]+)")
_PROPERTY = re.compile(r"(?<![\w-])([\w-]++)\s*+\.\s*+([\w-]++)\s*+=\s*+([^\s;]++)")

# The value of MAIL_AUTHSERV_ID for a mailbox at Exchange Online, whose Authentication-Results begin with a result and
# not with the server's name that RFC 8601 (2.2) requires.
MICROSOFT = "microsoft"


class Proof(StrEnum):
    """Whether a mail is from an admin."""

    ADMIN = "admin"
    CLAIM = "claim"  # From names an admin, and nothing proves it
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class _Result:
    method: str
    value: str
    properties: dict[str, str]


def is_admin_message(mail: Mail, admin_emails: Collection[str], authserv_id: str | None) -> Proof:
    """Whether an admin sent the mail, by its From and by the results of our own mail server.

    With `authserv_id` that server must vouch for the sender. Without it, From is trusted unless the topmost
    Authentication-Results says `dmarc=fail`. A mail that may name more than one sender is never an admin's.
    """
    if mail.from_addr is None or mail.from_addr not in admin_emails:
        return Proof.CUSTOMER
    vouched_for = is_vouched_for(mail, authserv_id)
    if vouched_for is None:
        vouched_for = mail.from_unambiguous and not _dmarc_fails(_topmost(mail)[1])
    return Proof.ADMIN if vouched_for else Proof.CLAIM


def is_vouched_for(mail: Mail, authserv_id: str | None) -> bool | None:
    """Whether our own mail server confirms the domain of the mail's only sender; None without `authserv_id`.

    The topmost Authentication-Results must be from that server, with a DMARC pass or an aligned DKIM pass for the
    domain. Headers below the topmost are ignored: the sender may have written them, also in our server's name.
    The value `microsoft` means Exchange Online.
    """
    wanted = (authserv_id or "").strip().lower()
    if not wanted:
        return None
    if mail.from_addr is None or not mail.from_unambiguous:
        return False
    server, results = _topmost(mail)
    if server != ("" if wanted == MICROSOFT else wanted) or _dmarc_fails(results):
        return False
    domain = mail.from_addr.rpartition("@")[2]
    return any(_passes(result, domain) for result in results) or (wanted == MICROSOFT and _is_internal(mail))


def authserv_id_of(authentication_results: str) -> str:
    """The server that wrote this Authentication-Results, as MAIL_AUTHSERV_ID wants it: lower case, or `microsoft`."""
    return _parse(authentication_results)[0] or MICROSOFT


def _topmost(mail: Mail) -> tuple[str, list[_Result]]:
    """Server and results of the topmost Authentication-Results; an empty name and list where there is none."""
    return _parse(mail.authentication[0]) if mail.authentication else ("", [])


def _is_internal(mail: Mail) -> bool:
    """Whether Exchange Online marks the mail as sent from a mailbox of its own organisation.

    Exchange adds a header without a server's name to mail from outside, and renames the headers that it came with to
    Authentication-Results-Original. Mail inside an organisation is not signed: it has `dmarc=none` or no result, and
    X-MS-Exchange-Organization-AuthAs is `Internal`. Exchange's header firewall removes that header from mail from
    outside, and its users can send only from addresses that they have the right to use:
    https://technet.microsoft.com/library/bb232136(v=exchg.149).aspx.
    """
    return bool(mail.exchange_sender) and all(how.strip().lower() == "internal" for how in mail.exchange_sender)


def _dmarc_fails(results: list[_Result]) -> bool:
    return any(result.method == "dmarc" and result.value == "fail" for result in results)


def _passes(result: _Result, domain: str) -> bool:
    if result.value != "pass":
        return False
    if result.method == "dmarc":  # DMARC passes only where the domain is aligned
        return _property_domain(result, "header.from") == domain
    if result.method == "dkim":
        return _is_aligned(_property_domain(result, "header.d", "header.i"), domain)
    return False


def _property_domain(result: _Result, *names: str) -> str:
    """The domain in the first of these properties that is present, or an empty string."""
    text = next((result.properties[name] for name in names if name in result.properties), "")
    return text.rpartition("@")[2].rstrip(".")


def _is_aligned(signer: str, domain: str) -> bool:
    """Whether a DKIM signature of `signer` proves that a mail is from `domain`: the same domain, or one above it.

    Relaxed alignment (RFC 7489, 3.1.1) in one direction only: a subdomain often belongs to somebody else, such as a
    newsletter service or a customer. A subdomain that may sign for its parent domain passes DMARC.
    """
    if not signer or signer == domain:
        return bool(signer)
    return domain.endswith(f".{signer}") and _public_suffixes().privatesuffix(signer) is not None


@cache
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList()  # the list in the package, no download


def _parse(value: str) -> tuple[str, list[_Result]]:
    """The server's name in lower case, and its results; the name is empty where the header begins with a result."""
    sections = _without_comments(_QUOTED.sub(_quoted_as_word, value)).lower().split(";")
    if _RESULT.match(sections[0].strip()):
        return "", list(_results(sections))
    server = (sections[0].split() or [""])[0]
    return server, list(_results(sections[1:]))


def _results(sections: list[str]) -> Iterator[_Result]:
    for section in sections:
        if match := _RESULT.match(section.strip()):
            properties: dict[str, str] = {}
            for kind, name, text in _PROPERTY.findall(section):
                # Of a property with two values, one may come from the sender: neither counts.
                properties[f"{kind}.{name}"] = text if properties.get(f"{kind}.{name}", text) == text else ""
            yield _Result(match[1], match[2], properties)


def _quoted_as_word(match: re.Match[str]) -> str:
    # The sender chooses the text of a quoted string, which may be `; dmarc=pass`.
    return _UNSAFE.sub("_", match[1])


def _without_comments(value: str) -> str:
    """The value without comments (RFC 5322, 3.2.2), which may be nested and may hold text that looks like results."""
    kept: list[str] = []
    depth = 0
    escaped = False  # whether a backslash in a comment stands before this character
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
