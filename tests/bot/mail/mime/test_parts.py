"""A tree of parts that exceeds the limits is cut, never refused."""

import pytest

from bot.mail.mime.budget import PARTS
from bot.mail.mime.headers import split_headers
from bot.mail.mime.parts import DEPTH_LIMIT, leaves, read_parts

HEAD = b"From: mia@example.org\nContent-Type: multipart/mixed; boundary=cut\n\n"


def read(raw):
    return read_parts(*split_headers(raw))


def depth(part):
    return 1 + max((depth(child) for child in part.children), default=0)


def test_more_parts_than_the_limit_are_cut():
    root, cut = read(HEAD + b"--cut\nContent-Type: text/plain\n\nhello\n" * 2_000)

    assert cut
    assert len(list(leaves(root))) == PARTS


def test_deeper_parts_than_the_limit_are_left_as_they_are():
    levels = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2_000))

    root, cut = read(b"From: mia@example.org\n" + levels)

    assert cut
    assert depth(root) == DEPTH_LIMIT + 1


def test_all_levels_share_the_bytes_of_the_mail():
    levels = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(9))

    root, _ = read(b"From: mia@example.org\n" + levels + b"Content-Type: text/plain\n\nhello")

    (leaf,) = leaves(root)
    assert leaf.raw is root.raw
    assert leaf.body == b"hello"


def test_a_body_full_of_false_boundaries_is_searched_up_to_a_limit():
    _, cut = read(HEAD + b"--cut\n\n" + b"--cutter " * 100_000)

    assert cut


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        (b"--cut\n\none\n--cut\n\ntwo\n--cut--\nafter", [b"one", b"two"]),
        (b"before\r\n--cut\r\n\r\none\r\n--cut--", [b"one"]),
        (b"--cut  \n\none\n--cutting\n--cut", [b"one\n--cutting", b""]),
        (b"--cut\n\none", [b"one"]),
        (b"--cut\n--cut\n\none", [b"", b"one"]),
        (b"--cut\nnot a header\n\none", [b"not a header\n\none"]),
    ],
)
def test_parts_stand_between_whole_lines_of_their_boundary(body, parts):
    root, _ = read(HEAD + body)

    assert [part.body for part in leaves(root)] == parts


@pytest.mark.parametrize(
    "value",
    [
        "quoted-printable",
        "Quoted-Printable;",
        "QUOTED-PRINTABLE ; charset=utf-8",
        ' "quoted-printable"',
        "quoted-printable (as usual)",
        "(as usual) quoted-printable",
        "quoted_printable",
        "quoted-printable.",
    ],
)
def test_a_transfer_encoding_is_read_however_it_is_written(value):
    root, _ = read(f"From: mia@example.org\nContent-Transfer-Encoding: {value}\n\nGr=C3=BC=C3=9Fe".encode())

    assert root.content().decode() == "Grüße"


@pytest.mark.parametrize("value", ["7bit", "8bit;", "binary", "", ";", "(((((", "x-unknown"])
def test_an_unknown_transfer_encoding_leaves_the_bytes(value):
    root, _ = read(f"From: mia@example.org\nContent-Transfer-Encoding: {value}\n\na=3Db".encode())

    assert root.content() == b"a=3Db"
