"""Header blocks are repaired, unfolded and decoded."""

import pytest

from bot.mail.mime.headers import BLOCK_LIMIT, LINE_LIMIT, lenient_base64, readable, split_headers


def test_a_folded_header_is_one_value():
    headers, body = split_headers(b"Subject: one\r\n two\r\n\tthree\r\nFrom: a@example.org\r\n\r\nbody")

    assert headers.first("subject").split() == ["one", "two", "three"]
    assert headers.first("from") == "a@example.org"
    assert body == b"body"


def test_an_unfolded_line_does_not_end_the_headers():
    headers, body = split_headers(b"Received: by\nbroken line\nFrom: a@example.org\n\nbody")

    assert headers.first("from") == "a@example.org"
    assert body == b"body"


def test_text_without_an_empty_line_before_it_is_body():
    headers, body = split_headers(b"From: a@example.org\nSubject: x\nHello there\nsecond line\n\nmore")

    assert headers.first("subject") == "x"
    assert body == b"Hello there\nsecond line\n\nmore"


def test_a_blank_line_inside_a_folded_header_does_not_end_the_headers():
    headers, body = split_headers(b"Subject: one\r\n \r\n two\r\nFrom: a@example.org\r\n\r\nbody")

    assert headers.first("subject").split() == ["one", "two"]
    assert headers.first("from") == "a@example.org"
    assert body == b"body"


def test_the_line_of_an_mbox_file_is_no_header():
    headers, _ = split_headers(b"From someone Mon Mar  2 16:58:00 2026\nFrom: a@example.org\n\n")

    assert headers.all("from") == ["a@example.org"]


def test_carriage_returns_are_line_ends():
    headers, body = split_headers(b"From: a@example.org\rSubject: x\r\rbody")

    assert headers.first("subject") == "x"
    assert body == b"body"


def test_headers_that_are_too_long_are_cut_and_marked():
    long_line, _ = split_headers(b"From: a@example.org\nX: " + b"y" * (LINE_LIMIT + 1) + b"\n\nbody")
    long_block, body = split_headers(b"From: a@example.org\n" + b"X: y\n" * BLOCK_LIMIT + b"\nbody")

    assert long_line.cut
    assert len(long_line.first("x")) < LINE_LIMIT
    assert long_block.cut
    assert body == b"body"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain   text", "plain text"),
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?b?R3LDvMOfZQ==?= x", "Grüße x"),
        ("=?utf-8?b?R3LDvMOfZQ?=", "Grüße"),  # without padding
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?= and =?utf-8?q?b?=", "a and b"),
        ("=?utf-8?b?4g==?= =?utf-8?b?gqw=?=", "€"),  # split inside a character
        ("=?iso-8859-1*de?q?=FC?=", "ü"),
        ("=?x-unknown?q?a_b?=", "a b"),
        ("=?utf-8?q?broken", "=?utf-8?q?broken"),
    ],
)
def test_encoded_words_are_decoded(value, text):
    assert readable(value) == text


def test_base64_with_a_footer_below_it_is_decoded():
    assert lenient_base64(b"SGVs\r\nbG8=\r\n-- \r\nlist footer") == b"Hello"
    assert lenient_base64(b"S") == b""


def test_essential_headers_are_read_beyond_the_limit_of_the_header_block():
    late = b"From: a@example.org\nSubject: late,\n and folded\nX-More: y\nContent-Type: text/html\n"
    headers, body = split_headers(b"X: y\n" * BLOCK_LIMIT + late + b"\nFrom: nobody@example.org\n")

    assert headers.cut
    assert headers.all("from") == ["a@example.org"]
    assert (headers.first("subject"), headers.first("content-type")) == ("late, and folded", "text/html")
    assert not headers.has("x-more")
    assert body == b"From: nobody@example.org\n"
