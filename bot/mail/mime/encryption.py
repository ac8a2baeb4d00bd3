"""Describe the parts of a mail that are no readable text, so that no message is empty: encrypted, signed, calendar."""

import re
from dataclasses import dataclass

from bot.mail.mime.calendar import calendar_text, invitation
from bot.mail.mime.parts import Part, leaves

_PKCS7 = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_SIGNATURES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})
# The names that mail programs use; `contract.pdf.p7s` is the signature of a file, which is kept.
_SIGNATURE_NAME = re.compile(r"(?:smime\.p7s|(?:signature|openpgp_signature|pgp)\.(?:asc|sig|pgp))$", re.IGNORECASE)
_KEY_NAME = re.compile(r"(?:publickey\b.*|openpgp_0x[0-9a-f]+|0x[0-9a-f]+)\.asc$", re.IGNORECASE)
_PGP_MESSAGE = re.compile(r"\s*-----BEGIN PGP MESSAGE-----")
_PGP_SIGNED = re.compile(r"^-----BEGIN PGP SIGNED MESSAGE-----", re.MULTILINE)

ENCRYPTED = "(an encrypted mail: Casebook cannot read it)"
SIGNED = "(a signed mail whose text stands inside its signature: Casebook cannot read it)"
TNEF = "(a mail in Outlook's own format: what it holds besides stands in winmail.dat, which Casebook cannot read)"


@dataclass(frozen=True, slots=True)
class SpecialParts:
    """Whether a mail is encrypted or signed, and sentences that describe its unreadable parts."""

    is_encrypted: bool
    is_signed: bool
    sentences: tuple[str, ...]


def read_special_parts(root: Part, text: str) -> SpecialParts:
    """Whether a mail is encrypted or signed, and a sentence for each invitation, encrypted part and winmail.dat."""
    parts = list(leaves(root))
    pkcs7 = [part for part in parts if part.content_type in _PKCS7]
    opaque = [part for part in pkcs7 if part.parameter("smime-type").lower() in {"signed-data", "certs-only"}]
    encrypted = (
        root.content_type == "multipart/encrypted"
        or any(part.content_type == "application/pgp-encrypted" for part in parts)
        or len(pkcs7) > len(opaque)
        or _PGP_MESSAGE.match(text) is not None
    )
    signed = bool(opaque) or _PGP_SIGNED.search(text, 0, 1_000) is not None or _has_signature(root, parts)
    sentences = [ENCRYPTED] if encrypted else []
    sentences += [SIGNED] if opaque and not text.strip() else []
    sentences += [f"({invitation(calendar_text(part))})" for part in parts if part.content_type == "text/calendar"][:1]
    sentences += [TNEF] if any(_is_tnef(part) for part in parts) else []
    return SpecialParts(encrypted, signed, tuple(sentences))


def is_signature_or_key(content_type: str, filename: str) -> bool:
    """Whether a file is the signature of the mail, or a public key that the mail program attached."""
    return _is_signature(content_type, filename) or _KEY_NAME.match(filename) is not None


def _is_signature(content_type: str, filename: str) -> bool:
    signs_a_file = filename.count(".") > 1
    return (content_type in _SIGNATURES and not signs_a_file) or _SIGNATURE_NAME.match(filename) is not None


def _has_signature(root: Part, parts: list[Part]) -> bool:
    signatures = (
        part.content_type in _SIGNATURES or _SIGNATURE_NAME.match(part.filename)
        for part in parts
        if part.content_type.startswith("application/")  # reading the name is the most expensive
    )
    return root.content_type == "multipart/signed" or any(signatures)


def _is_tnef(part: Part) -> bool:
    return part.content_type in _TNEF or part.filename.lower() == "winmail.dat"
