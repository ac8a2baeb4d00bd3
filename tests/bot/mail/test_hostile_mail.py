"""Hostile mail is read up to limits; the tests check how much was read, not how long it took."""

import base64
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail.mime.budget import HTML_LIMIT
from bot.mail.mime.headers import BLOCK_LIMIT, LINE_LIMIT, split_headers
from bot.mail.parse import UnreadableMailError, read_mail
from bot.mail.text.body import STORED
from bot.mail.worker.record import read_as_answer

MAILS = Path(__file__).parents[3] / "fixtures" / "mails"
SAMPLES = [path.read_bytes() for path in sorted(MAILS.glob("*.eml"))]
HEAD = b"From: Mia <mia@example.org>\nMessage-ID: <a@example.org>\n"


def texts(value):
    """Every string in a value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from texts(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from texts(getattr(value, field.name))


def assert_storable(raw):
    try:
        mail = read_mail(raw)
    except UnreadableMailError:
        return
    for text in texts(mail):
        assert "\x00" not in text
        text.encode("utf-8")
    read_as_answer(mail)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=2_000))
def test_every_text_from_arbitrary_bytes_can_be_stored(raw):
    assert_storable(raw)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_every_text_from_a_corrupted_sample_can_be_stored(sample, data):
    start = data.draw(st.integers(0, len(sample)))
    end = data.draw(st.integers(start, min(len(sample), start + 40)))
    put = data.draw(
        st.one_of(st.binary(max_size=20), st.sampled_from([b"\0", b"\xed\xa0\x80", b"=?utf-16?b?ANg=?=", b"\n\n"]))
    )

    assert_storable(sample[:start] + put + sample[end:])


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SAMPLES), st.sampled_from(SAMPLES), st.integers(0, 2_000), st.integers(0, 2_000))
def test_every_text_from_two_spliced_samples_can_be_stored(one, other, end, start):
    assert_storable(one[:end] + other[start:])


def test_a_header_and_all_headers_are_cut_at_their_limits():
    line = split_headers(HEAD + b"X: " + b"y" * 1_000_000 + b"\n\nhello")
    folded = split_headers(HEAD + b"X: y\n" + b" y\n" * 50_000 + b"\nhello")
    block = split_headers(HEAD + b"X-a: b\n" * 800_000 + b"\nhello")

    for headers, _ in (line, folded, block):
        assert headers.cut
        assert max(len(value) for _, value in headers.fields) <= LINE_LIMIT
        assert sum(len(name) + len(value) for name, value in headers.fields) <= BLOCK_LIMIT
    assert (folded[1], block[1]) == (b"hello", b"hello")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"References", b"<aaaaaaaaaa@example.org>\n " * 80_000),
        (b"Subject", b"=?utf-8?q?=C3=A9=C3=A9=C3=A9=C3=A9?= " * 5_900),
        (b"To", b"a@example.org, " * 100_000),
        (b"Authentication-Results", b"x ((" * 50_000),
    ],
)
def test_a_huge_field_is_read_up_to_its_limit(name, value):
    mail = read_mail(HEAD + name + b": " + value + b"\n\nhello")

    assert mail.cut
    assert sum(len(text) for text in texts(mail)) < 2 * LINE_LIMIT


def test_lines_of_160_kb_are_kept_and_searched_up_to_a_limit():
    mail = read_mail(HEAD + b"\nHello\n\n" + b"> " * 80_000 + b"\n" + b"a " * 80_000)

    assert mail.new_text.startswith("Hello")
    assert len(mail.text) > 300_000


@pytest.mark.parametrize(
    "page",
    [
        b"<a " * 30_000,
        b"<div>" * 30_000,
        b"<p><b><i><a>x</b>" * 30_000,
        b"<table><tr><td>" * 10_000,
        b"<p>x</p>" * 250_000,
    ],
)
def test_a_page_of_many_or_deep_tags_is_cut(page):
    mail = read_mail(HEAD + b"Content-Type: text/html\n\n" + page)

    assert mail.cut
    assert len(mail.text) <= HTML_LIMIT


def test_an_embedded_picture_does_not_use_up_the_limit_of_html():
    picture = base64.b64encode(bytes(1_500_000))

    mail = read_mail(
        HEAD + b"Content-Type: text/html\n\n<p>One</p><img src='data:image/png;base64," + picture + b"'><p>Two</p>"
    )

    assert mail.text == "One\n\nTwo"
    assert not mail.cut


def test_more_text_than_is_kept_is_cut_over_all_parts():
    part = b"--cut\nContent-Type: text/plain\n\n" + b"hello " * 200_000 + b"\n"

    mail = read_mail(HEAD + b"Content-Type: multipart/mixed; boundary=cut\n\n" + part * 6)

    assert mail.cut
    assert STORED - 10 <= len(mail.text) <= STORED + 10


def test_an_endless_delivery_status_is_read_up_to_a_number_of_recipients():
    groups = b"Final-Recipient: rfc822; a%d@example.org\nAction: failed\n\n"

    mail = read_mail(
        HEAD + b"Content-Type: message/delivery-status\n\n" + b"".join(groups % number for number in range(20_000))
    )

    assert mail.bounce is not None
    assert len(mail.bounce.recipients) <= 100


@pytest.mark.parametrize(
    "raw",
    [
        HEAD.replace(b"<a@example.org>", b"<[a@b") + b"\nhello",
        HEAD + b"Content-Type: text/plain; charset=klingon-\xff\x00\n\nhello",
        HEAD + b"Subject: =?utf-16?b?ANg=?=\nContent-Type: text/plain; charset=utf-7\n\n+2AA- hello",
        HEAD + b"\nhe\0llo",
        HEAD + b"Content-Transfer-Encoding: base64\n\naGVsbG8\n",
        HEAD + b"\n" + b'{"notificationType":' + b"[" * 100_000 + b"hello",
    ],
)
def test_mail_that_breaks_other_parsers_is_read(raw):
    assert "hello" in read_mail(raw).text
