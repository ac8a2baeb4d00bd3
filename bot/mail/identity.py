"""Whether a mail that says it is from an admin has shown it (design 3.2, RFC 8601)."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot.mail.parse import Mail

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_UNSAFE = re.compile(r"[^\w.@+-]")
_RESULT = re.compile(r"([\w.-]+)(?:\s*/\s*\d+)?\s*=\s*([\w-]+)")
_PROPERTY = re.compile(r"([\w-]+)\s*\.\s*([\w-]+)\s*=\s*([^\s;]+)")


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

    With `authserv_id`, the topmost Authentication-Results of that server must hold a passing, aligned DMARC or
    DKIM result; `microsoft` stands for Exchange Online. Without it, From is believed unless the topmost result of all
    says `dmarc=fail`.
    """
    if mail.from_addr is None or mail.from_addr not in admin_emails:
        return Proof.CUSTOMER
    domain = mail.from_addr.rpartition("@")[2]
    headers = [_read(value) for value in mail.authentication]
    if not authserv_id:
        failed = bool(headers) and _dmarc_fails(headers[0][1])
        return Proof.CLAIM if failed else Proof.ADMIN
    wanted = authserv_id.strip().lower()
    if wanted == MICROSOFT:
        return Proof.ADMIN if _exchange_vouches(mail, headers, domain) else Proof.CLAIM
    # Only the topmost can be our server's own: those below may have come with the mail.
    results = next((found for server, found in headers if server == wanted), [])
    proven = not _dmarc_fails(results) and any(_passes(result, domain) for result in results)
    return Proof.ADMIN if proven else Proof.CLAIM


def server_of(authentication_results: str) -> str:
    """Who wrote this Authentication-Results, as MAIL_AUTHSERV_ID names them: a server in lower case, or `microsoft`."""
    return _read(authentication_results)[0] or MICROSOFT


def _exchange_vouches(mail: Mail, headers: list[tuple[str, list[_Result]]], domain: str) -> bool:
    """Whether Exchange Online found the sender proven.

    What comes from outside gets a nameless header at the top, and what it brought along is renamed to
    Authentication-Results-Original. What a mailbox of the same organisation sent is signed by nobody and has
    `dmarc=none` or no result at all; there X-MS-Exchange-Organization-AuthAs says `Internal`. Exchange takes that
    header away from everything that comes from outside, its "header firewall", and lets nobody inside write in a name
    that they may not write in: https://technet.microsoft.com/library/bb232136(v=exchg.149).aspx.
    """
    server, results = headers[0] if headers else ("", [])
    if server or _dmarc_fails(results):  # with a name it is not Exchange's: it may have come with the mail
        return False
    internal = bool(mail.exchange_sender) and all(how.strip().lower() == "internal" for how in mail.exchange_sender)
    return internal or any(_passes(result, domain) for result in results)


def _dmarc_fails(results: list[_Result]) -> bool:
    return any(result.method == "dmarc" and result.value == "fail" for result in results)


def _passes(result: _Result, domain: str) -> bool:
    if result.value != "pass":
        return False
    if result.method == "dmarc":  # a pass is aligned by definition; the domain is that of this From
        return result.properties.get("header.from", domain).rpartition("@")[2] == domain
    if result.method == "dkim":
        signer = result.properties.get("header.d") or result.properties.get("header.i", "").rpartition("@")[2]
        return bool(signer) and (domain == signer or domain.endswith(f".{signer}"))
    return False


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
            properties = {f"{kind}.{name}": text for kind, name, text in _PROPERTY.findall(section)}
            yield _Result(match[1], match[2], properties)


def _bare(match: re.Match[str]) -> str:
    # A quoted string may hold anything its sender chose, `; dmarc=pass` too.
    return _UNSAFE.sub("_", match[1])


def _without_comments(value: str) -> str:
    """The value without comments, which nest and which nobody may take for results."""
    kept: list[str] = []
    depth = 0
    for character in value:
        if character == "(":
            depth += 1
        elif character == ")":
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(character)
    return "".join(kept)
