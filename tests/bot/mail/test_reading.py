"""The record of a mail has the keys that are promised, with plain values."""

import json

from bot.mail.parse import read_mail
from bot.mail.reading import KEYS, read_as_answer

PLAIN = b"From: Mia <Mia@example.org>\nSubject: Re: Cable\n\nHello\n"


def test_every_key_is_explained_and_every_value_is_plain():
    forwarded = read_mail(PLAIN + b"\n---- Forwarded message ----\nFrom: a@example.org\nSubject: b\n\nc\n")
    bounce = read_mail(b"From: mailer-daemon@example.net\nSubject: failure notice\n\n<a@example.org>:\n550 no\n")

    keys = set(read_as_answer(forwarded)) | set(read_as_answer(bounce)) | {"file", "error", "seconds"}

    assert keys == set(KEYS)
    assert json.loads(json.dumps(read_as_answer(forwarded))) == read_as_answer(forwarded)


def test_a_plain_mail_is_told_under_its_keys():
    answer = read_as_answer(read_mail(PLAIN))

    assert answer["from_addr"] == "mia@example.org"
    assert (answer["subject"], answer["subject_stripped"]) == ("Re: Cable", "Cable")
    assert (answer["visible_text"], answer["full_text"]) == ("Hello", "Hello")
    assert [answer[name] for name in ("is_auto", "is_bounce", "is_forward", "message_id")] == [
        False,
        False,
        False,
        None,
    ]


def test_an_attachment_is_told_with_size_and_digest():
    answer = read_as_answer(read_mail(b"From: a@example.org\nContent-Type: application/pdf; name=a.pdf\n\nabc"))

    assert answer["attachments"] == [
        {
            "filename": "a.pdf",
            "content_type": "application/pdf",
            "size": 3,
            "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        }
    ]
