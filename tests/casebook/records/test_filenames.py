import pytest

from casebook.records.filenames import LONGEST, readable_size, safe_name


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("invoice.pdf", "invoice.pdf"),
        ("Rechnung März 2026.pdf", "Rechnung März 2026.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32\\cmd.exe", "cmd.exe"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\x00b\r\nc\u2028d\u200b.txt", "abcd.txt"),
        ('what? <b>"x"|y*.txt', "what_ _b__x__y_.txt"),
        (".htaccess", "htaccess"),
        ("report.pdf. . ", "report.pdf"),
        ("CON", "_CON"),
        ("lpt1.txt", "_lpt1.txt"),
        ("console.txt", "console.txt"),
        ("\ud800.txt", "txt"),
    ],
)
def test_a_name_is_made_safe_to_show_and_to_send_on(given, safe):
    assert safe_name(given) == safe


@pytest.mark.parametrize(
    ("given", "of_type", "safe"), [("", "image/png", "attachment.png"), ("/..", "x/y", "attachment")]
)
def test_a_file_without_a_name_is_an_attachment(given, of_type, safe):
    assert safe_name(given, of_type) == safe


def test_a_long_name_keeps_its_ending():
    name = safe_name("ä" * 5000 + ".tar.gz")

    assert len(name) == LONGEST
    assert name.endswith("ä….gz")
    assert len(name.encode()) <= 255


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (120_400, "120 kB"),
        (3_000_000, "3 MB"),
        (3_460_000, "3.5 MB"),
    ],
)
def test_a_size_is_shown_in_units_for_people(size, words):
    assert readable_size(size) == words
