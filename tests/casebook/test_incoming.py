"""Incoming messages: the digest that distinguishes one text from another."""

import hashlib
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime

import pytest

from casebook.incoming import Incoming, IncomingFile, Source, Standing

MESSAGE = Incoming(
    source=Source.EMAIL,
    external_id="1@customer.example.com",
    sender="mia@customer.example.com",
    standing=Standing.CUSTOMER,
    timestamp=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
    body="Grüße",
)


def test_another_sender_subject_text_or_file_has_another_digest():
    scan = IncomingFile(name="scan.pdf", content_type="application/pdf", size=10, digest="aa")
    others = [
        replace(MESSAGE, sender="noor@customer.example.com"),
        replace(MESSAGE, subject="other"),
        replace(MESSAGE, body="Grüße!"),
        replace(MESSAGE, attachments=(scan,)),
        replace(MESSAGE, attachments=(replace(scan, digest="bb"),)),
    ]

    assert len({MESSAGE.digest, *(other.digest for other in others)}) == 6


def test_the_digest_does_not_depend_on_when_and_where_a_message_came():
    elsewhere = replace(MESSAGE, external_id="2", place="Archive", timestamp=datetime(2027, 1, 1, tzinfo=UTC))

    assert elsewhere.digest == MESSAGE.digest


def test_the_second_digest_is_that_of_the_text_alone_as_older_rows_of_the_ledger_have_it():
    assert MESSAGE.digests[1] == hashlib.sha256("Grüße".encode()).hexdigest()


def test_text_with_lone_surrogates_has_a_digest_too():
    assert len(replace(MESSAGE, body="half a \ud83d pair and \x00").digest) == 64


def test_a_message_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        MESSAGE.body = "something else"
