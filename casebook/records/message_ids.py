"""The conversation tag in our Message-IDs: it names a case and is signed with the database's key; pure (design 3.3)."""

import base64
import hashlib
import hmac
import re

from casebook.records.case_ids import case_id as name_of

_TAG = re.compile(r"(case-(\d{4,9})\.([a-z2-7]{8}))\.([a-z2-7]{16})@[^@<>\s]+", re.IGNORECASE)
# 80 bits are enough, since each guess takes an email to us; programs that fold at 78 characters break longer IDs.
_SIGNED_BYTES = 10
_WORD_BYTES = 5


def message_id(case_id: str, customer: str, *, unique_key: str, key: str, domain: str) -> str:
    """A Message-ID of ours, without angle brackets: `case-0012.<word>.<signature>@domain`.

    `unique_key` is unique for each email and gives the word. The customer is part of the signature: if an old backup is
    restored and a case number is assigned again, an old conversation must not lead into another customer's case.
    """
    word = _base32(hashlib.sha256(unique_key.encode()).digest()[:_WORD_BYTES])
    named = f"{case_id}.{word}".lower()
    return f"{named}.{_signature(named, customer, key)}@{domain}"


def case_named(external_id: str) -> str | None:
    """The case named in a Message-ID of our form, whether its signature is valid or not; None for another form."""
    found = _TAG.fullmatch(external_id)
    return None if found is None else name_of(int(found[2]))


def is_signed(external_id: str, customer: str, *, key: str) -> bool:
    """Whether this database signed the Message-ID for a case of this customer; upper and lower case do not matter."""
    found = _TAG.fullmatch(external_id)
    if found is None:
        return False
    return hmac.compare_digest(_signature(found[1].lower(), customer, key), found[4].lower())


def _signature(named: str, customer: str, key: str) -> str:
    signed = hmac.new(key.encode(), f"{named}\n{customer}".encode("utf-8", "surrogatepass"), hashlib.sha256)
    return _base32(signed.digest()[:_SIGNED_BYTES])


def _base32(data: bytes) -> str:
    return base64.b32encode(data).decode().lower()
