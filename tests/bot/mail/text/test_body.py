"""The text of a mail is separated from its files."""

import hashlib

import pytest

from bot.mail.parse import read_mail
from bot.mail.text.body import Body


def read(head, body="hello"):
    return read_mail(f"From: mia@example.org\n{head}\n\n{body}".encode())


@pytest.mark.parametrize(
    ("head", "text", "names"),
    [
        ("Content-Type: text/plain", "hello", []),
        ("Content-Type: text/plain\nContent-Disposition: attachment; filename=a.txt", "", ["a.txt"]),
        ("Content-Type: text/plain; name=a.txt", "", ["a.txt"]),
        ("Content-Type: text/plain\nContent-Disposition: inline; filename=a.txt", "hello", ["a.txt"]),
        ("Content-Type: text/csv", "", [""]),
    ],
)
def test_a_text_with_a_file_name_is_a_file_and_shown_if_it_is_inline(head, text, names):
    mail = read(head)

    assert mail.text == text
    assert [file.filename for file in mail.attachments] == names


def test_a_file_has_its_bytes_and_their_digest():
    (file,) = read(
        "Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64", "aGVsbG8="
    ).attachments

    assert (file.content, file.size) == (b"hello", 5)
    assert file.sha256 == hashlib.sha256(b"hello").hexdigest()


def test_our_own_sentences_are_separate_paragraphs():
    body = Body("Hello\n", "Hello\n")

    body.append_sentences(["(one)", "(two)"])

    assert body.text == "Hello\n\n(one)\n\n(two)"
