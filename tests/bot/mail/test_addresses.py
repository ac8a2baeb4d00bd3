"""A sender is taken only where there is exactly one."""

import pytest

from bot.mail.addresses import mailboxes, sole_mailbox


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
def test_where_the_sender_is_in_doubt_there_is_none(value):
    assert sole_mailbox([value]) is None


def test_a_quoted_name_may_look_like_an_address_and_means_nothing():
    box = sole_mailbox(['"admin@example.org" <evil@example.net>'])

    assert box is not None
    assert box.address == "evil@example.net"


def test_two_from_headers_must_agree():
    assert sole_mailbox(["mia@example.org", "Mia <MIA@example.org>"]) is not None
    assert sole_mailbox(["mia@example.org", "otto@example.org"]) is None
    assert sole_mailbox(["mia@example.org", "nonsense"]) is None


def test_what_is_no_address_is_left_out_of_a_list():
    boxes = mailboxes('Mia <mia@example.org>, nobody, "a, b" <otto@example.org>; x@example.org')

    assert [box.address for box in boxes] == ["mia@example.org", "otto@example.org", "x@example.org"]
