"""Parsing of responses of IMAP servers."""

from datetime import UTC, date, datetime

from bot.mail.imap.responses import encode_folder, fetched_mails, imap_date, numbers, response_text, select_number


def test_a_fetch_is_read_whatever_the_order_of_its_items():
    mails = fetched_mails(
        [
            b'1 FETCH (UID 5 RFC822.SIZE 3 INTERNALDATE " 2-Jan-2026 03:04:05 +0200" BODY[] {3}',
            bytearray(b"abc"),
            b")",
            b"2 FETCH (FLAGS (\\Seen))",
            b"3 FETCH (BODY[] {2}",
            bytearray(b"de"),
            b" UID 7)",
            b"FETCH completed.",
        ]
    )

    assert [(mail.uid, mail.size, mail.raw) for mail in mails] == [(5, 3, b"abc"), (7, 2, b"de")]
    assert mails[0].received_at == datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC)
    assert mails[1].received_at is None


def test_an_empty_mail_differs_from_one_that_is_not_delivered():
    mails = fetched_mails(
        [
            b"1 FETCH (UID 5 RFC822.SIZE 9 BODY[] {0}",
            bytearray(b""),
            b")",
            b"2 FETCH (UID 6 RFC822.SIZE 9 BODY[] NIL)",
            b'3 FETCH (UID 7 BODY[]<0> "")',
            b'4 FETCH (UID 8 BODY[] "From: \\"a\\" b")',
            b"5 FETCH (UID 9 RFC822.SIZE 9)",
            b"FETCH completed.",
        ]
    )

    assert [(mail.uid, mail.raw, mail.is_empty) for mail in mails] == [
        (5, b"", True),
        (6, b"", True),
        (7, b"", True),
        (8, b'From: "a" b', False),
        (9, b"", False),
    ]


def test_a_date_that_is_none_is_left_out():
    mails = fetched_mails([b'1 FETCH (UID 5 INTERNALDATE "99-Foo-2026 03:04:05 +0200" RFC822.SIZE 1)'])

    assert mails[0].received_at is None


def test_a_search_gives_numbers_in_order():
    assert numbers([b"9 5", b"", b"7 5"]) == [5, 7, 9]


def test_uidvalidity_is_read_from_select():
    lines = [b"OK [UIDVALIDITY 42] ok", b"OK [UIDNEXT 7] next"]

    assert select_number(lines, b"UIDVALIDITY") == 42
    assert select_number(lines, b"HIGHESTMODSEQ") == 0


def test_dates_and_folders_are_written_as_imap_wants_them():
    assert imap_date(date(2026, 5, 3)) == "3-May-2026"
    assert encode_folder("Support & Co") == "Support &- Co"
    assert encode_folder("Entwürfe") == "Entw&APw-rfe"


def test_what_a_server_says_is_one_short_line_without_addresses():
    said = response_text(
        [b"* OK", "NO [ALERT] Bücher\r\n\x1b[31m of <mia@example.org>, ask".encode() + b"\xff" + b"x" * 500]
    )

    assert said.startswith("NO [ALERT] Bücher [31m of [address] ask")
    assert len(said) == 200
    assert response_text([]) == ""
