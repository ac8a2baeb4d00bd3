"""The sender of a mail is found even in malformed headers, and is unambiguous only if no other address is named."""

import time

import pytest

from bot.mail.mime.addresses import mailboxes, sender_of, sole_mailbox


@pytest.mark.parametrize(
    ("value", "address", "name"),
    [
        ("mia@example.org", "mia@example.org", ""),
        ("Mia Muster <MIA@Example.ORG>", "mia@example.org", "Mia Muster"),
        ('"Muster, Mia" <mia@example.org>', "mia@example.org", "Muster, Mia"),
        ('"Say \\"hi\\"" <mia@example.org>', "mia@example.org", 'Say "hi"'),
        ("mia@example.org (Mia Muster)", "mia@example.org", "Mia Muster"),
        ("mia@example.org <mia@example.org>", "mia@example.org", "mia@example.org"),
        ("=?utf-8?q?M=C3=BCller?= <m@example.org>", "m@example.org", "Müller"),
        ("Staff: mia@example.org;", "mia@example.org", ""),
        ("<@relay.example.net:mia@example.org>", "mia@example.org", ""),
        ("Mia <mia@bücher.example>", "mia@bücher.example", "Mia"),
        ("Mia <mia@[192.0.2.1]>", "mia@[192.0.2.1]", "Mia"),
    ],
)
def test_a_single_sender_is_read(value, address, name):
    box = sole_mailbox([value])

    assert box is not None
    assert (box.address, box.name) == (address, name)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Mia Muster",
        "mia@",
        "@example.org",
        "mia@example.org, otto@example.org",
        "admin@example.org <evil@example.net>",
        "Mia <mia@example.org> <evil@example.net>",
        "mia@example.org otto@example.org",
        "Mia <mia @ example.org>",
        "undisclosed-recipients:;",
        "a" * 250 + "@example.org",
    ],
)
def test_an_ambiguous_sender_is_no_sole_mailbox(value):
    assert sole_mailbox([value]) is None


@pytest.mark.parametrize(
    ("value", "address", "name"),
    [
        ("Foy, Joanne <j@example.org>", "j@example.org", "Foy, Joanne"),
        ("Kofi Osei, PhD <k@example.org>", "k@example.org", "Kofi Osei, PhD"),
        ("Smith, J. & Co., Ltd. <s@example.org>", "s@example.org", "Smith, J. & Co., Ltd."),
        ("Ana Silva; Finance <ana@example.org>", "ana@example.org", "Ana Silva; Finance"),
        ("=?utf-8?q?M=C3=BCller,_Jana?= <j@example.org>", "j@example.org", "Müller, Jana"),
        ("=?utf-8?q?M=C3=BCller=2C?= =?utf-8?q?_Jana?= <j@example.org>", "j@example.org", "Müller, Jana"),
        ('=?utf-8?q?"M=C3=BCller,_Jana?= <j@example.org>', "j@example.org", "Müller, Jana"),
        ("=?utf-8?q?M=C3=BCller,_Jana_<j@example.org>?=", "j@example.org", "Müller, Jana"),
        ("Fabian Orth <f@example.org", "f@example.org", "Fabian Orth"),
        ("Orth, Fabian <f@example.org", "f@example.org", "Orth, Fabian"),
        ("Fabian Orth f@example.org>", "f@example.org", "Fabian Orth"),
        ("Fabian Orth f@example.org", "f@example.org", "Fabian Orth"),
        ("<<f@example.org>>", "f@example.org", ""),
        ('"Mia Muster <mia@example.org>', "mia@example.org", "Mia Muster"),
        ('"Mia" Muster" <mia@example.org>', "mia@example.org", "Mia Muster"),
        ("<mia@example.org> Mia Muster", "mia@example.org", "Mia Muster"),
        ("<mia@example.org> (Mia Muster)", "mia@example.org", "Mia Muster"),
        ("Mia <mia@example.org>, ", "mia@example.org", "Mia"),
        ("Muster, Mia <mia@example.org>, mia@example.org", "mia@example.org", "Muster, Mia"),
        ('"mia m"@example.org', '"mia m"@example.org', ""),
        ("mia@mail . example", "mia@mail.example", ""),
    ],
)
def test_one_address_is_the_sender_however_badly_the_name_is_written(value, address, name):
    sender = sender_of([value], [])

    assert sender is not None
    assert (sender.mailbox.address, sender.mailbox.name, sender.unambiguous) == (address, name, True)


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("admin@example.org <evil@example.net>", "evil@example.net"),
        ("Admin admin@example.org <evil@example.net>", "evil@example.net"),
        ("admin@example.org <evil@example.net", "evil@example.net"),
        ('"admin@example.org <evil@example.net>', "evil@example.net"),
        ("Admin admin@example.org, Evil <evil@example.net>", "evil@example.net"),
        ("=?utf-8?q?Mia_=3Cmia=40example=2Eorg=3E?=", "mia@example.org"),
        ('"mia@example.org"', "mia@example.org"),
        ("Mia (mia@example.org)", "mia@example.org"),
        ("Mia <mia@example.org, >", "mia@example.org"),
    ],
)
def test_an_ambiguous_sender_is_read_and_marked(value, address):
    sender = sender_of([value], [])

    assert sender is not None
    assert (sender.mailbox.address, sender.unambiguous) == (address, False)


@pytest.mark.parametrize(
    ("values", "named", "address"),
    [
        (["Mia <mia@example.org>, Otto <otto@example.org>"], [], "mia@example.org"),
        (["Mia <mia@example.org>, Otto <otto@example.org>"], ["Otto <OTTO@example.org>"], "otto@example.org"),
        (["Mia <mia@example.org>, otto@example.org"], ["secretary@example.org"], "mia@example.org"),
        (["Mia <mia@example.org>, otto@example.org"], ["otto@example.org, mia@example.org"], "mia@example.org"),
        (["mia@example.org", "otto@example.org"], ["otto@example.org"], "otto@example.org"),
        (["mia@example.org", "nonsense"], [], "mia@example.org"),
        (["mia@example.org"] * 6, [], "mia@example.org"),
        (["Mia <mia@example.org> <otto@example.org>"], [], "mia@example.org"),
        (["a " * 6_000 + "<mia@example.org>, b@example.org" + ", c" * 6_000, "mia@example.org"], [], "mia@example.org"),
    ],
)
def test_of_several_addresses_in_from_the_one_in_sender_or_the_first_is_an_ambiguous_sender(values, named, address):
    sender = sender_of(values, named)

    assert sender is not None
    assert (sender.mailbox.address, sender.unambiguous) == (address, False)


def test_without_an_address_in_from_sender_or_reply_to_is_an_ambiguous_sender():
    by_sender = sender_of(["Mia"], ["mia@example.org"], ["otto@example.org"])
    by_reply_to = sender_of([], [], ["otto@example.org"])

    assert by_sender is not None
    assert (by_sender.mailbox.address, by_sender.unambiguous) == ("mia@example.org", False)
    assert by_reply_to is not None
    assert (by_reply_to.mailbox.address, by_reply_to.unambiguous) == ("otto@example.org", False)
    assert sender_of(["Mia"], [], ["undisclosed-recipients:;"]) is None


@pytest.mark.parametrize(
    "value",
    [
        "@@@" * 5_000,
        f"<{'@' * 16_000}>",
        "a@b " * 4_000,
        "<a@b>" * 3_200,
        "(c)<a@b>" * 2_000,
        "x, " * 5_000,
        '\\"' * 8_000,
        '"a" <b ' * 2_000,
        "a: " * 5_000,
    ],
)
def test_a_value_of_maximum_length_is_parsed_quickly(value):
    before = time.process_time()

    sender_of([value], [value], [value])
    mailboxes(value)

    assert time.process_time() - before < 1


def test_an_address_in_a_quoted_name_is_ignored():
    box = sole_mailbox(['"admin@example.org" <evil@example.net>'])

    assert box is not None
    assert box.address == "evil@example.net"


def test_two_from_headers_must_agree():
    assert sole_mailbox(["mia@example.org", "Mia <MIA@example.org>"]) is not None
    assert sole_mailbox(["mia@example.org", "otto@example.org"]) is None
    assert sole_mailbox(["mia@example.org", "nonsense"]) is None


def test_entries_that_are_no_address_are_skipped():
    boxes = mailboxes('Mia <mia@example.org>, nobody, "a, b" <otto@example.org>; x@example.org')

    assert [box.address for box in boxes] == ["mia@example.org", "otto@example.org", "x@example.org"]


def test_a_name_beside_an_address_without_brackets_is_not_part_of_the_address():
    assert [box.address for box in mailboxes("Big Bug bug@example.org, otto@example.org")] == [
        "bug@example.org",
        "otto@example.org",
    ]
