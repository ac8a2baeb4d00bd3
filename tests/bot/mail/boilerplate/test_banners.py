"""Banners above external mail and tags in subjects are removed, a customer's own text is not."""

import textwrap

import pytest

from bot.mail.boilerplate.banners import without_banner, without_external_tags
from bot.mail.parse import read_mail
from bot.mail.reply_text import newly_written
from tests.bot.mail.boilerplate.notices_of_the_world import BANNERS, NOTICES

OWN = "Hello,\n\nit does not work, it is urgent."

languages = pytest.mark.parametrize("banner", BANNERS.values(), ids=BANNERS.keys())


@languages
@pytest.mark.parametrize(
    "form",
    [
        "{banner}\n\n{own}",
        "{banner}\n{own}",
        "{wrapped}\n\n{own}",
        "{banner}\n\n{banner}\n\n{own}",
        "________________________________\n{banner}\n________________________________\n{own}",
    ],
    ids=["apart", "close", "wrapped", "twice", "ruled"],
)
def test_a_banner_is_removed_and_the_text_below_stays(banner, form):
    text = form.format(banner=banner, own=OWN, wrapped=textwrap.fill(banner, 60))

    assert newly_written(text) == OWN


@languages
def test_a_banner_in_html_is_removed_from_the_new_text_only(banner):
    html = f'<table style="border:1px"><tr><td>{banner}</td></tr></table><div>It does not work.</div>'

    mail = read_mail(f"From: mia@example.org\nContent-Type: text/html; charset=utf-8\n\n{html}".encode())

    assert mail.new_text == "It does not work."
    assert banner in mail.text


@languages
def test_a_banner_without_other_text_stays(banner):
    assert newly_written(banner) == banner


def test_below_a_banner_the_forwarded_mail_is_the_new_text():
    head = "---------- Forwarded message ---------\nFrom: Otto <otto@example.org>\nSubject: x"

    assert newly_written(f"{BANNERS['English']}\n\n{head}\n\nHi.") == "Hi."


def test_a_banner_and_a_notice_are_both_removed():
    assert newly_written(f"{BANNERS['German']}\n\n{OWN}\n\n{NOTICES['German']}") == OWN


@pytest.mark.parametrize(
    "text",
    [
        "An external sender wrote to us with your logo. Is that you? It is urgent.",
        "External e-mail does not arrive any more. Please help.",
        "Caution, the external door is blocked. Please open it.",
        "Caution: the external mail server is down, it is urgent.",
        "This message is about an order from outside the EU.",
        "Attention: do not click the button on page 2, it deletes everything.",
        "We get mails from outside our organization with links or attachments that your filter should stop.",
        "[Order 12] External drive does not start.",
        "ACHTUNG: die Anlage von extern ist ausgefallen, dringend!",
        "Vorsicht, der Fehler kommt von außerhalb des Gehäuses.",
    ],
)
def test_a_customers_own_first_lines_stay(text):
    assert without_banner([text, "", "Mia"]) == [text, "", "Mia"]


@pytest.mark.parametrize(
    ("subject", "bare"),
    [
        ("[EXTERNAL] Cable", "Cable"),
        ("[EXT] Re: Cable", "Re: Cable"),
        ("[Extern] AW: Cable", "AW: Cable"),
        ("EXTERNAL: Cable", "Cable"),
        ("External Email: Cable", "Cable"),
        ("**EXTERNAL** Cable", "Cable"),
        ("(External) Cable", "Cable"),
        ("{EXTERNAL} Cable", "Cable"),
        ("[External Email - urgent care with links] Cable", "Cable"),
        ("[CAUTION: external] Cable", "Cable"),
        ("[Caution - this mail is external, critical] Cable", "Cable"),
        ("Re: [EXTERNAL] Re: Cable", "Re: Re: Cable"),
        ("[EXTERNAL] [EXT] Cable", "Cable"),
        ("Cable [EXTERNAL]", "Cable"),
        ("[EXTERNE] Câble", "Câble"),
        ("[ВНЕШНЕЕ] Кабель", "Кабель"),
        ("【外部】 线", "线"),
        ("[外部邮件] 线", "线"),
        ("[list] Cable", "[list] Cable"),
        ("[External disk broken, urgent] Cable", "[External disk broken, urgent] Cable"),
        ("External disk: urgent", "External disk: urgent"),
        ("Attention: urgent", "Attention: urgent"),
        ("[EXTERNAL]", "[EXTERNAL]"),
    ],
)
def test_a_tag_is_removed_from_a_subject(subject, bare):
    assert without_external_tags(subject) == bare


@pytest.mark.parametrize(
    "banner",
    [
        "CAUTION: This email originated from outside of the organization. Report critical messages immediately.",
        "[EXTERNAL] This message came from an external sender. If it asks for something urgent, verify it.",
        "External email: urgent requests are often fraud. Do not open attachments.",
        "*** EXTERNAL EMAIL *** Do not click on links or open attachments.",
    ],
)
def test_the_rest_of_a_banners_last_line_is_removed(banner):
    assert newly_written(f"{banner}\n\nWhere is my order?") == "Where is my order?"


@pytest.mark.parametrize(
    "own",
    ["Please call us, it is urgent.", "I need it urgently.", "Is it urgent?", "Hello team, our line has stopped."],
)
def test_own_text_after_a_banner_on_its_line_stays(own):
    banner = "CAUTION: This email originated from outside of the organization."

    assert newly_written(f"{banner} {own}\n\nMia") == f"{own}\n\nMia"
    assert newly_written(f"[EXTERNAL] {own}\n\nMia") == f"{own}\n\nMia"
