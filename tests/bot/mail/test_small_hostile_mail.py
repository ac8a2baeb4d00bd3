"""Hostile mails under 1 MB: each is a message, and the work for it is limited."""

from datetime import UTC, datetime

import pytest

from bot.mail.incoming import MailRules
from bot.mail.mime.budget import Budget, mail_budget
from bot.mail.mime.charset import decode
from bot.mail.parse import read_mail
from bot.mail.text import html_bounds
from bot.mail.worker.job import Unread, read
from casebook.incoming import Incoming

HEAD = b"From: Mia <mia@customer.example.com>\nSubject: Ink\nMessage-ID: <a@customer.example.com>\n"
HTML = HEAD + b"Content-Type: text/html\n\n<p>The printer is out of ink.</p>"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=cut\n\n--cut\n\nThe printer is out of ink.\n"
RUSSIAN = "\u041f\u0440\u0438\u0432\u0435\u0442".encode("koi8-r")


def parts(count: int, head: bytes, body: bytes = b"hello") -> bytes:
    return MIXED + (b"--cut\n" + head + b"\n\n" + body + b"\n") * count


def status(number: int) -> bytes:
    group = b"Final-Recipient: rfc822; a%d@example.org\nAction: failed\nDiagnostic-Code: smtp; 550 " + RUSSIAN + b"\n\n"
    return b"".join(group % (40 * number + each) for each in range(40))


HOSTILE = {
    "elements of an unknown kind": lambda: HTML + b"<p-x>" * 60_000 + b"<hr>" * 100_000,
    "cells in a drawing": lambda: HTML + b"<svg>" + b"<td>" * 100_000 + b"<hr>" * 50_000,
    "choices": lambda: HTML + b"<select>" + b"<option>" * 100_000,
    "items in descriptions": lambda: HTML + b"<dd><li>" * 100_000,
    "elements that the wrong tag closes": lambda: HTML + b"<div></x>" * 100_000,
    "elements that a comment closes": lambda: HTML + b"<div><!--</div>-->" * 50_000,
    "elements that an attribute closes": lambda: HTML + b"<div a='></div>'>" * 50_000,
    "elements inside what is no attribute": lambda: HTML + b'<i ">' + b"<p-x>" * 100_000 + b'">',
    "elements that a script closes": lambda: HTML + b"<div><script><!--<script></script></div></script>" * 20_000,
    "fonts in every paragraph": lambda: HTML + b"".join(b"<font id=%d>x<p>" % each for each in range(50_000)),
    "attributes": lambda: HTML + b"<a " + b" ".join(b"a%d" % each for each in range(120_000)) + b">x</a>",
    "parts of HTML": lambda: parts(198, b"Content-Type: text/html", b"<div>" * 990),
    "semicolons": lambda: parts(60, b"Content-Type: text/plain" + b";" * 16_000),
    "file names in unknown charsets": lambda: parts(
        198, b'Content-Disposition: attachment; filename="' + b"=?k?q?a?= " * 400 + b'"'
    ),
    "routes": lambda: HEAD + (b"Cc: <" + b"@" * 16_000 + b">\n") * 15 + b"\nhello",
    "results without an end": lambda: (
        HEAD + (b"Authentication-Results: mx; dmarc=pass " + b"a" * 15_900 + b"\n") * 15 + b"\nhello"
    ),
    "header fields in no charset": lambda: (
        HEAD + b"".join(b"X-%d: %s\n" % (each, RUSSIAN[each % 4 :]) for each in range(19_000)) + b"\nhello"
    ),
    "delivery statuses": lambda: (
        MIXED + b"".join(b"--cut\nContent-Type: message/delivery-status\n\n" + status(each) for each in range(100))
    ),
}
UNCUT = {"routes", "results without an end"}


@pytest.fixture(params=HOSTILE)
def hostile(request):
    raw = HOSTILE[request.param]()
    assert len(raw) < 1_500_000
    return request.param, raw


def test_a_hostile_mail_is_a_message_with_its_text_up_to_the_limit(hostile):
    name, raw = hostile

    mail = read_mail(raw)

    assert (mail.from_addr, mail.subject) == ("mia@customer.example.com", "Ink")
    assert mail.text.startswith(("The printer is out of ink.", "hello"))
    assert mail.cut is (name not in UNCUT)


def test_with_the_small_budget_a_hostile_mail_is_a_message_too(hostile):
    _, raw = hostile
    mail = Unread(
        raw=raw,
        received_at=datetime(2026, 5, 3, tzinfo=UTC),
        folder="INBOX",
        rules=MailRules(
            inbox_address="support@example.org", admin_emails=frozenset({"mia@customer.example.com"}), authserv_id="mx"
        ),
        store=None,
        frugal=True,
    )

    reading = read(mail)

    assert isinstance(reading.found, Incoming)
    assert reading.found.cut
    assert reading.found.body.startswith(("The printer is out of ink.", "hello"))


def test_the_parser_gets_no_more_html_than_the_budget_of_the_mail_allows():
    page = "<p>" + "a" * 300_000

    with mail_budget() as left:
        given = [len(html_bounds.limit_html(page)) for _ in range(5)]

    assert given == [len(page)] * 3 + [1_000_000 - 3 * len(page), 0]
    assert left.exceeded


def test_charsets_are_guessed_for_a_limited_number_of_texts_and_the_others_are_read_as_western():
    data = ("\u041f\u0440\u0438\u0432\u0435\u0442 \u043a\u0430\u043a \u0434\u0435\u043b\u0430 " * 3).encode("koi8-r")
    data = b" ".join([data] * 5)

    with mail_budget(Budget(detections=2)) as left:
        texts = [decode(data) for _ in range(4)]

    assert texts == [data.decode("koi8-r")] * 2 + [data.decode("cp1252", "replace")] * 2
    assert left.exceeded


def test_closed_elements_do_not_count():
    page = "<div><p>Hello <b>you</b></p><ul><li>One</li></ul></div>" * 5_000

    with mail_budget() as left:
        assert html_bounds.limit_html(page) == page

    assert not left.exceeded


def test_all_html_of_a_mail_counts_together():
    page = "<p-x>" * 7_000

    with mail_budget() as left:
        whole = [len(html_bounds.limit_html(page)) == len(page) for _ in range(4)]

    assert whole == [True, True, False, False]
    assert left.exceeded
