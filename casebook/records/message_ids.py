"""The conversation tag in our Message-IDs: it names a case, and only this book can make one; pure (design 3.3)."""

import base64
import hashlib
import hmac
import re

from casebook.records.case_ids import case_id as name_of

_TAG = re.compile(r"(case-(\d{4,9})\.([a-z2-7]{8}))\.([a-z2-7]{16})@[^@<>\s]+", re.IGNORECASE)
# 80 bits each can only be tried on us, mail by mail; longer names are torn apart by programs that fold at 78 letters.
_SIGNED_BYTES = 10
_WORD_BYTES = 5


def message_id(case_id: str, customer: str, *, key_of_letter: str, key: str, domain: str) -> str:
    """A Message-ID of ours, without angle brackets: `case-0012.<word>.<signature>@domain`.

    `key_of_letter` is unique for each mail and makes the word. The customer is signed as well: a number that was
    given out again after an old backup was brought back must not lead an old conversation into somebody else's case.
    """
    word = _letters(hashlib.sha256(key_of_letter.encode()).digest()[:_WORD_BYTES])
    named = f"{case_id}.{word}".lower()
    return f"{named}.{_signature(named, customer, key)}@{domain}"


def case_named(external_id: str) -> str | None:
    """The case that a Message-ID of our form names, signed or not; None when it has another form."""
    found = _TAG.fullmatch(external_id)
    return None if found is None else name_of(int(found[2]))


def is_signed(external_id: str, customer: str, *, key: str) -> bool:
    """Whether this book made the Message-ID for a case of this customer; letters may have changed their case."""
    found = _TAG.fullmatch(external_id)
    if found is None:
        return False
    return hmac.compare_digest(_signature(found[1].lower(), customer, key), found[4].lower())


def _signature(named: str, customer: str, key: str) -> str:
    signed = hmac.new(key.encode(), f"{named}\n{customer}".encode("utf-8", "surrogatepass"), hashlib.sha256)
    return _letters(signed.digest()[:_SIGNED_BYTES])


def _letters(data: bytes) -> str:
    return base64.b32encode(data).decode().lower()
