"""Confidentiality notices in many languages are removed, a customer's own text is not."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.boilerplate.disclaimers import without_notices
from bot.mail.parse import read_mail
from bot.mail.reply_text import newly_written
from tests.bot.mail.boilerplate.notices_of_the_world import NOTICES

OWN = "Hello,\n\nour line has stopped, please call us immediately.\n\nBest regards\nMia"
ENGLISH = NOTICES["English, American"]

languages = pytest.mark.parametrize("notice", NOTICES.values(), ids=NOTICES.keys())


@languages
@pytest.mark.parametrize(
    "form",
    [
        "{notice}",
        "{wrapped}",
        "DISCLAIMER\n\n{notice}",
        "********************\n{wrapped}\n********************",
        "________________________________\n\n{notice}",
        "*{notice}*",
    ],
    ids=["unwrapped", "wrapped", "headed", "starred", "ruled", "emphasised"],
)
def test_a_notice_is_removed_and_the_text_above_stays(notice, form):
    below = form.format(notice=notice, wrapped=textwrap.fill(notice, 70))

    assert newly_written(f"{OWN}\n\n{below}\n") == OWN


@languages
def test_a_notice_in_html_is_removed_from_the_new_text_only(notice):
    own, html = OWN.replace("\n\n", "</div><div>"), notice.replace("&", "&amp;")

    mail = read_mail(
        f"From: mia@example.org\nContent-Type: text/html; charset=utf-8\n\n<div>{own}</div><div>{html}</div>".encode()
    )

    assert "immediately" in mail.new_text
    assert mail.new_text.endswith("Best regards Mia")
    assert notice[-40:] in mail.text


@languages
def test_text_below_a_notice_stays(notice):
    text = f"{OWN}\n\n{notice}\n\nP.S. Order 4711 must not be sent any more. Is that possible?"

    assert newly_written(text) == f"{OWN}\n\nP.S. Order 4711 must not be sent any more. Is that possible?"


@languages
def test_a_notice_without_other_text_stays(notice):
    assert newly_written(notice) == notice


@pytest.mark.parametrize(
    "text",
    [
        "Please treat this as confidential, it is urgent.",
        "This e-mail is confidential. Our server is down, please act immediately.",
        "This message was sent to you by mistake, please delete it and inform us. Order 12 is the right one.",
        "I got this e-mail by mistake, I am not the intended recipient. Please delete my address and tell the sender.",
        "This e-mail contains confidential data and is meant only for your technicians. Do not copy it. It is urgent.",
        "This e-mail contains confidential data, meant only for your people, do not disclose it. Stop immediately.",
        "The information on the invoice is wrong. Who is liable for the damage by the virus?",
        "If you are not the one responsible, please tell me who is: the delivery is prohibited by customs.",
        "Disclaimer: my English is bad. Please call me immediately.",
        "Confidentiality is important to us. Please delete the account of Otto immediately.",
        "Diese Nachricht ist vertraulich. Bitte löschen Sie mein Konto und informieren Sie mich sofort.",
        "Diese E-Mail ging versehentlich an Ihren Kollegen, ich bitte um Löschung. Dringend!",
        "Ce message est confidentiel, merci de supprimer mon compte immédiatement.",
        "Este mensaje es confidencial y urgente: elimine mi cuenta por error creada.",
    ],
)
def test_a_customers_text_about_confidentiality_stays(text):
    mail = f"Hello,\n\n{text}\n\nMia"

    assert newly_written(mail) == mail


@pytest.mark.parametrize(
    "notice",
    [
        "NOTICE: If you have received this communication in error, immediately notify the sender and destroy it.",
        "This message is intended only for the addressee. If it was sent to you in error, let us know immediately.",
        "Wenn Sie diese Nachricht irrtümlich erhalten haben, informieren Sie sofort den Absender und löschen Sie sie.",
        "Si vous avez reçu ce message par erreur, merci d'avertir immédiatement l'expéditeur et de le détruire.",
    ],
)
def test_a_notice_about_misdirected_mail_with_an_if_is_removed(notice):
    assert newly_written(f"{OWN}\n\n{notice}") == OWN


def test_a_notice_of_several_paragraphs_is_removed_completely():
    notice = ENGLISH.replace(". ", ".\n\n") + "\n\nWe accept no liability for viruses."

    assert newly_written(f"{OWN}\n\n{notice}") == OWN


def test_a_notice_in_two_languages_is_removed():
    notice = f"{NOTICES['German']}\n\n---\n\n{NOTICES['English']}"

    assert newly_written(f"{OWN}\n\n{notice}") == OWN


@pytest.mark.parametrize("language", ["German", "French"])
@pytest.mark.parametrize("between", [" ", " / ", "\n"])
def test_a_notice_in_two_languages_in_one_paragraph_is_removed(language, between):
    other = NOTICES[language]

    assert newly_written(f"{OWN}\n\n{other}{between}{ENGLISH}") == OWN
    assert newly_written(f"{OWN}\n\n{ENGLISH}{between}{other}") == OWN


def test_a_notice_between_answer_and_quote_is_removed():
    text = f"{OWN}\n\n{ENGLISH}\n\nOn 2 Mar 2026, at 16:58, Support <support@example.org> wrote:\n> Hi\n"

    assert newly_written(text) == OWN


def test_a_signature_above_a_long_notice_is_removed():
    notice = textwrap.fill(" ".join([ENGLISH] * 2), 40)

    assert newly_written(f"It does not work.\n\n--\nMia\n\n{notice}") == "It does not work."


@given(
    st.lists(st.sampled_from([*OWN.split("\n"), *NOTICES["English"].split(". "), *ENGLISH.split(". ")]), max_size=30)
)
def test_only_whole_lines_are_removed_and_the_order_stays(lines):
    kept = [line for line in without_notices(lines) if line]

    remaining = iter(lines)
    assert all(line in remaining for line in kept)
