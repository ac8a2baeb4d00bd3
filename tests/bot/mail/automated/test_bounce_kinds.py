"""Bounces of many gateways, lists and carriers, in many languages, are distinguished from people's mail about bounces.

The samples are in `fixtures/bounces`, separated by lines of `%%`. None of them has a delivery status. `X-Recipient`,
which is removed before parsing, names the failed recipients.
"""

import re
from pathlib import Path

import pytest

from bot.mail.parse import Mail, read_mail

BOUNCES = Path(__file__).parents[4] / "fixtures" / "bounces"


def mails(name: str) -> list[str]:
    return (BOUNCES / name).read_text(encoding="utf-8").split("%%\n")


def subject_of(mail: str) -> str:
    return re.findall(r"^Subject: (.*)$", mail, re.MULTILINE)[0]


def read(mail: str) -> Mail:
    head, _, text = mail.partition("\n\n")
    return read_mail(f"{head}\nContent-Type: text/plain; charset=utf-8\n\n{text}".encode())


@pytest.mark.parametrize("mail", mails("from_servers.txt"), ids=subject_of)
def test_a_servers_text_is_read_as_a_bounce_with_its_recipients(mail):
    recipient, _, rest = mail.removeprefix("X-Recipient:").partition("\n")

    found = read(rest)

    assert found.automatic == "bounce"
    assert found.bounce is not None
    assert recipient.strip() in {"", *found.bounce.recipients}


@pytest.mark.parametrize("mail", mails("from_people.txt"), ids=subject_of)
def test_mail_of_people_and_shops_about_undelivered_mail_and_parcels_is_no_bounce(mail):
    found = read(mail)

    assert found.bounce is None
    assert found.automatic == ""


def test_there_are_enough_samples_of_both_kinds():
    assert len(mails("from_servers.txt")) >= 130
    assert len(mails("from_people.txt")) >= 70
