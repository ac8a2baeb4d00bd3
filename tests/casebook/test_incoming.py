"""A message at its door: what tells one text from another."""

import hashlib
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime

import pytest

from casebook.incoming import Incoming, Source, Standing

MESSAGE = Incoming(
    source=Source.EMAIL,
    external_id="1@customer.example.com",
    sender="mia@customer.example.com",
    standing=Standing.CUSTOMER,
    timestamp=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
    body="Grüße",
)


def test_the_digest_is_that_of_the_text():
    assert MESSAGE.digest == hashlib.sha256("Grüße".encode()).hexdigest()


def test_the_digest_depends_on_the_text_alone():
    assert (
        replace(MESSAGE, external_id="2", subject="other", sender="noor@customer.example.com").digest == MESSAGE.digest
    )
    assert replace(MESSAGE, body="Grüße!").digest != MESSAGE.digest


def test_text_that_is_no_text_has_a_digest_too():
    assert len(replace(MESSAGE, body="half a \ud83d pair and \x00").digest) == 64


def test_a_message_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        MESSAGE.body = "something else"
