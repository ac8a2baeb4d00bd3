"""Parsing any bytes ends within limits, with a mail or an UnreadableMailError."""

import email.message
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.mail.mime.budget import PARTS
from bot.mail.parse import UnreadableMailError, read_mail
from bot.mail.text.body import STORED

HEAD = b"From: mia@example.org\r\nMIME-Version: 1.0\r\n"
FRAGMENTS = st.sampled_from(
    [
        b"From: a@example.org\r\n",
        b"Subject: =?utf-8?b?4g==?=\r\n",
        b"Message-ID: <[a@b\r\n",
        b"Content-Type: multipart/mixed; boundary=x\r\n",
        b"Content-Type: text/plain; charset*0*=\"x'y; format=flowed\r\n",
        b"Content-Type: text/html; charset=utf-16\r\n",
        b"Content-Disposition: attachment; filename*=nonsense''%ff%00\r\n",
        b"Content-Transfer-Encoding: base64\r\n",
        b"Content-Transfer-Encoding: x-uuencode\r\n",
        b"Authentication-Results: x; dmarc=pass\r\n",
        b"\r\n",
        b"--x\r\n",
        b"--x--\r\n",
        b"<div><blockquote>a</div>",
        b"On Mon, 2 Mar 2026 a@example.org wrote:\r\n> b\r\n",
        b"begin 644 a\r\n#86)C\r\nend\r\n",
        b"\xff\x00\xed\xa0\x80",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=2_000))
def test_arbitrary_bytes_are_read_or_unreadable(raw):
    try:
        mail = read_mail(raw)
    except UnreadableMailError:
        return
    assert "\x00" not in mail.text + mail.new_text + mail.subject


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(FRAGMENTS, st.binary(max_size=20)), max_size=25).map(b"".join))
def test_pieces_of_mails_in_any_order_are_read_or_unreadable(raw):
    try:
        mail = read_mail(raw)
    except UnreadableMailError:
        return
    (mail.text + mail.new_text + mail.subject + mail.from_name).encode("utf-8")


def test_bytes_without_any_header_are_unreadable():
    with pytest.raises(UnreadableMailError):
        read_mail(b"")
    with pytest.raises(UnreadableMailError):
        read_mail(b"just a text\r\nof two lines\r\n")


@pytest.mark.parametrize(
    "raw",
    [
        b"From: " + b"a@example.org, " * 100_000 + b"\r\n\r\nx",
        b'From: "' + b"\\" * 500_000 + b"\r\n\r\nx",
        b"From: a@example.org\r\nReferences: " + b"<a@b> " * 300_000 + b"\r\n\r\nx",
        b"From: a@example.org\r\nSubject: " + b"=?utf-8?q?a?= " * 100_000 + b"\r\n\r\nx",
        b"From: a@example.org\r\n" + b"X: y\r\n" * 100_000 + b"\r\nx",
        HEAD + b"\r\n" + b"a" * 160_000,
        HEAD + b"\r\nOn " + b"1 " * 200_000 + b"wrote:",
        HEAD + b"\r\n" + b"On 2026 a\r\n" * 100_000,
        HEAD + b"Content-Type: text/html\r\n\r\n" + b"<a " * 100_000,
        HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 200_000,
        HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\na\r\n" * 20_000,
    ],
    ids=lambda raw: repr(raw[:60]),
)
def test_hostile_mail_is_parsed_quickly(raw):
    before = time.process_time()

    read_mail(raw)

    assert time.process_time() - before < 3  # seconds of processor time; a tenth of that is usual


def test_too_many_levels_and_too_many_parts_are_cut_and_marked():
    nested = b"Content-Type: text/plain\r\n\r\ninnermost"
    for number in range(100):
        boundary = b"b%d" % number
        nested = b"Content-Type: multipart/mixed; boundary=%b\r\n\r\n--%b\r\n%b\r\n--%b--" % (
            boundary,
            boundary,
            nested,
            boundary,
        )
    many = HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\na\r\n" * (PARTS + 1)

    assert read_mail(HEAD + nested).cut
    assert read_mail(many).cut


def test_text_over_the_limit_is_cut_and_marked():
    mail = read_mail(HEAD + b"\r\n" + b"word " * 1_200_000)

    assert mail.cut
    assert len(mail.text) <= STORED
    assert mail.text.startswith("word word")


def test_a_mail_from_the_standard_library_is_read_completely():
    written = email.message.EmailMessage()
    written["From"] = "Jürgen Müller <j@example.org>"
    written["To"] = "a@example.org, B <b@example.org>"
    written["Subject"] = "Übung" * 30
    written.set_content("Grüße\n")
    written.add_alternative("<p>Grüße</p>", subtype="html")
    written.add_attachment(b"\x00\x01", maintype="application", subtype="x-thing", filename="Bär.bin")

    mail = read_mail(written.as_bytes())

    assert (mail.from_addr, mail.from_name) == ("j@example.org", "Jürgen Müller")
    assert mail.to == ("a@example.org", "b@example.org")
    assert mail.subject == "Übung" * 30
    assert mail.text == "Grüße"
    assert [(file.filename, file.content) for file in mail.attachments] == [("Bär.bin", b"\x00\x01")]
    assert not mail.cut


def test_empty_plain_text_is_replaced_by_the_html():
    raw = HEAD + (
        b"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n \r\n"
        b"--x\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>\r\n--x--\r\n"
    )

    assert read_mail(raw).text == "Hello"


def test_a_uuencoded_part_is_decoded():
    raw = HEAD + (
        b"Content-Type: application/octet-stream; name=a.bin\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n"
        b"begin 644 a.bin\r\n#86)C\r\nend\r\n"
    )

    assert [file.content for file in read_mail(raw).attachments] == [b"abc"]


@pytest.mark.parametrize("tag", ["[EXTERNAL] ", "EXTERNAL: ", "[Extern] "])
def test_a_gateways_tag_does_not_hide_the_prefix_of_a_subject(tag):
    away = read_mail(f"From: mia@customer.example.com\nSubject: {tag}Automatic reply: your order\n\nHello".encode())

    assert away.automatic == "automatic reply"
    assert away.subject == f"{tag}Automatic reply: your order"
