"""Bytes are decoded to the intended text even if the declared charset is wrong."""
# ruff: noqa: RUF001 (other characters are the point)

import pytest

from bot.mail.mime.charset import codec_of, decode, storable


@pytest.mark.parametrize(
    ("data", "label", "text"),
    [
        ("Grüße".encode("latin-1"), "iso-8859-1", "Grüße"),
        ("Grüße".encode(), "iso-8859-1", "Grüße"),  # labelled wrongly
        ("Grüße".encode(), None, "Grüße"),
        ("Grüße aus Wien".encode("cp1252"), None, "Grüße aus Wien"),
        ("Grüße aus Wien".encode("cp1252"), "utf-8", "Grüße aus Wien"),
        ("„Zitat“ – 5 €".encode("cp1252"), "iso-8859-1", "„Zitat“ – 5 €"),
        ("„Zitat“".encode("cp1252"), "us-ascii", "„Zitat“"),
        ("简体中文".encode("gb18030"), "gb2312", "简体中文"),
        ("こんにちは".encode("iso2022_jp"), "ISO-2022-JP", "こんにちは"),
        ("한국어".encode("cp949"), "ks_c_5601-1987", "한국어"),
        ("text".encode("utf-16"), None, "text"),
        (b"Gr+APwA3w-e", "unicode-1-1-utf-7", "Grüße"),
        (b"Gr+APwA3w-e", "UTF-7", "Grüße"),
        (b"Gr+APwA3w-e", "x-unicode-2-0-utf-7", "Grüße"),
        (b"Call +49 30 1234-5", "utf-7", "Call +49 30 1234-5"),  # labelled wrongly
        (b"\xef\xbb\xbftext", "utf-8", "text"),
        ("Grüße".encode(), "no-such-charset", "Grüße"),
        (b"\\x41", "unicode_escape", "\\x41"),
    ],
)
def test_text_is_decoded_correctly(data, label, text):
    assert decode(data, label) == text


def test_a_few_broken_bytes_do_not_change_the_charset():
    data = ("Größe und Straße, " * 20).encode() + b"\xff"

    text = decode(data, "utf-8")

    assert text.startswith("Größe und Straße")
    assert text.endswith("\ufffd")


@pytest.mark.parametrize("label", ["rot13", "hex", "idna", "unicode_escape", "a\x00b", "", None, "x" * 300])
def test_an_unknown_charset_label_is_ignored(label):
    assert codec_of(label) is None


def test_characters_that_a_database_refuses_are_removed():
    assert storable("a\x00b\ud800c\U0001f600") == "abc\U0001f600"


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("GBK", "gb18030"),
        ("csISO58GB231280", "gb18030"),
        ("iso88592", "iso8859-2"),
        ("csISOLatin1", "cp1252"),
        ("x-mac-roman", "mac-roman"),
        ("hz-gb-2312", "hz"),
        ("iso-2022-kr", "iso2022_kr"),
        ("cp437", "cp437"),
        ("utf-16", "utf-16-le"),
        ("'windows-1251'", "cp1251"),
        ("x-user-defined", None),
        ("replacement", None),
    ],
)
def test_a_label_means_what_browsers_and_mail_programs_mean_by_it(label, codec):
    assert codec_of(label) == codec
