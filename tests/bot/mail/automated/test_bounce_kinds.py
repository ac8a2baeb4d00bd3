"""Bounces of many gateways, lists, carriers and languages are told from what people write about bounces.

`fixtures/bounces` holds them, divided by lines of `%%`. None of them has a delivery status; `X-Recipient`, taken off
before reading, says who did not get the mail.
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
def test_a_servers_own_words_tell_of_a_bounce_and_of_whom_it_did_not_reach(mail):
    recipient, _, rest = mail.removeprefix("X-Recipient:").partition("\n")

    found = read(rest)

    assert found.automatic == "bounce"
    assert found.bounce is not None
    assert recipient.strip() in {"", *found.bounce.recipients}


@pytest.mark.parametrize("mail", mails("from_people.txt"), ids=subject_of)
def test_what_people_and_shops_write_of_mail_and_parcels_that_did_not_arrive_is_none(mail):
    found = read(mail)

    assert found.bounce is None
    assert found.automatic == ""


def test_there_are_enough_of_both_kinds():
    assert len(mails("from_servers.txt")) >= 130
    assert len(mails("from_people.txt")) >= 70
