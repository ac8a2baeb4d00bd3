"""The headers above a quoted or forwarded mail end where its text begins."""

from bot.mail.quoting.quoted_headers import field_kind, read_one_line_headers, read_quoted_headers, unquoted


def test_headers_without_an_empty_line_below_end_with_the_last_field():
    lines = ["From: mia@example.org", "Date: today", "Subject: x", "Hello <otto@example.org>", "", "To: nobody"]

    head = read_quoted_headers(lines, 0)

    assert head is not None
    assert head.end == 3


def test_wrapped_recipients_belong_to_the_headers():
    lines = ["From: mia@example.org", "To: a@example.org;", "  Otto Long <otto@example.org>", "Subject: x", "", "Hi"]

    head = read_quoted_headers(lines, 0)

    assert head is not None
    assert head.end == 4
    assert head.values["to"] == "a@example.org; Otto Long <otto@example.org>"


def test_three_fields_without_subject_and_address_are_no_headers():
    assert read_quoted_headers(["From: Berlin", "To: Munich", "Date: 3 May"], 0) is None


def test_a_line_without_fields_is_no_header():
    assert read_one_line_headers("A: B, and From: there to here") is None


def test_the_kind_of_a_field_is_found_after_quote_marks_and_stars():
    assert field_kind("> *Gesendet:* Montag") == "date"
    assert field_kind("Hello: you") is None
    assert unquoted("> > text") == "text"
