"""A delivery status is read group by group, also if it is malformed."""

import pytest

from bot.mail.automated.delivery_status import first_address, first_status, read_outcomes, reply_class, ses_outcomes
from bot.mail.mime.headers import Headers
from bot.mail.mime.parts import read_parts


def of(text):
    part, _ = read_parts(Headers((("content-type", "message/delivery-status"),)), text.encode())
    return read_outcomes(part)


def test_each_recipient_has_a_group_and_the_original_address_comes_first():
    found = of(
        "Reporting-MTA: dns; x\n\n"
        "Original-Recipient: rfc822;mia@example.org\nFinal-Recipient: rfc822;m@relay.example.net\n"
        "Action: failed\n\nFinal-Recipient: RFC822; <otto@example.org>\nAction: delayed\nStatus: 4.0.0 (x)\n"
    )

    assert [(outcome.recipient, outcome.permanent) for outcome in found] == [
        ("mia@example.org", True),
        ("otto@example.org", False),
    ]


@pytest.mark.parametrize("text", ["", "\n\n\n", "no field at all\n\nnone here", "Action\n\nAction: failed\0"])
def test_text_that_is_no_delivery_status_has_no_outcomes(text):
    assert len(of(text)) <= 1


def test_version_numbers_and_ip_addresses_are_no_status():
    assert first_status("host [10.5.1.1] said 550 5.1.1 no") == "5.1.1"
    assert first_status("Mailman 2.0.13, relay 192.0.2.7") == ""


def test_codes_and_addresses_are_found_in_a_line():
    assert reply_class("421-4.7.0 Try again") == "4"
    assert reply_class("in 550ms") == ""
    assert first_address("dda:SMTP=Mia@example.org; on Friday") == "mia@example.org"


@pytest.mark.parametrize("text", ["{", '{"notificationType": 1}', '{"notificationType": "Complaint"}'])
def test_a_notification_that_is_no_bounce_has_no_outcomes(text):
    assert not ses_outcomes(text)
