"""Of the plain and the HTML version of a mail, the one with the written text is read."""
# ruff: noqa: RUF001 (letters of other alphabets are the point here)

import pytest

from bot.mail.parse import read_mail
from bot.mail.text.alternatives import prefers_html, same_words
from tests.bot.mail.boilerplate.notices_of_the_world import BANNERS, NOTICES

WRITTEN = "Hello, I ordered the blue chair, and a red one came. It is urgent: the party is tomorrow. Lukas Meier"
LONG = f"{WRITTEN} " + "We would like the right chair before noon, or the money, whatever is quicker. " * 3 + "Bye"


def read(plain: str, html: str, kind: str = "alternative"):
    return read_mail(
        f"From: mia@example.org\nContent-Type: multipart/{kind}; boundary=cut\n\n"
        f"--cut\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n"
        f"--cut\nContent-Type: text/html; charset=utf-8\n\n<html><body>{html}</body></html>\n--cut--\n".encode()
    )


@pytest.mark.parametrize(
    "placeholder",
    [
        "Your e-mail program does not show HTML. Please use one that does to read this message.",
        "This message contains HTML content. Your mail reader cannot display it.",
        "To view this email in your browser, go to https://shop.example.org/view?id=12",
        "This is a multi-part message in MIME format.",
        "Ihr E-Mail-Programm unterstützt leider keine HTML-Darstellung.",
        "Diese Nachricht kann in Ihrem Browser angesehen werden: https://shop.example.org/",
        "Votre logiciel de messagerie ne prend pas en charge le format HTML.",
        "Su programa de correo no admite mensajes en formato HTML.",
        "Il tuo programma di posta non supporta il formato HTML.",
        "O seu programa de e-mail não suporta HTML.",
        "Uw e-mailprogramma ondersteunt geen HTML.",
        "Ditt e-postprogram kan inte visa HTML.",
        "Dit mailprogram kan ikke vise HTML.",
        "Sähköpostiohjelmasi ei tue HTML-viestejä.",
        "Twój program pocztowy nie obsługuje formatu HTML.",
        "Váš e-mailový program nezobrazuje HTML.",
        "Ваша почтовая программа не поддерживает HTML.",
        "Ваша поштова програма не підтримує HTML.",
        "E-posta programınız HTML göstermiyor.",
        "Το πρόγραμμά σας δεν υποστηρίζει HTML.",
        "Az Ön levelezőprogramja nem támogatja a HTML formátumot.",
        "Programul dumneavoastră nu afișează HTML.",
        "お使いのメールソフトはHTMLメールに対応していません。",
        "您的邮件客户端不支持HTML格式。",
        "메일 프로그램이 HTML을 지원하지 않습니다.",
        "תוכנת הדואר שלך אינה תומכת ב-HTML.",
        "برنامج البريد الخاص بك لا يدعم HTML.",
    ],
)
def test_a_placeholder_is_replaced_by_the_html(placeholder):
    mail = read(placeholder, f"<p>{WRITTEN}</p>")

    assert mail.text == mail.new_text == WRITTEN


@pytest.mark.parametrize("stub", ["Hello,", "Hello, I ordered the blue chair", "Sent with Example CRM", WRITTEN[:52]])
def test_a_plain_version_that_is_a_stub_is_replaced_by_the_html(stub):
    mail = read(stub, f"<p>{LONG}</p>")

    assert mail.text == LONG


def test_a_short_html_version_replaces_a_longer_placeholder():
    placeholder = "Your e-mail program does not show HTML. Please use one that does to read this message."

    assert read(placeholder, "<b>Urgent!</b> Call us.").new_text == "Urgent! Call us."


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        (WRITTEN, f"<p>{WRITTEN}</p>"),
        (f"*{WRITTEN}*", f"<b>{WRITTEN}</b>"),
        ("Look at https://shop.example.org/chairs/blue", '<a href="https://shop.example.org/chairs/blue">Look</a>'),
        ("My browser does not show the HTML page.", "<p>My browser does not show the HTML page.</p>"),
        ("My browser does not show your page, it is urgent.", "<p>Example Ltd</p>"),
        ("Please call.", f"<p>Please call.</p><blockquote>{LONG}</blockquote>"),
        ("Please call.", f"<p>{BANNERS['English']}</p><p>Please call.</p>"),
        ("Please call.", f"<p>Please call.</p><p>{NOTICES['English, American']}</p>"),
        (LONG, f"<p>{WRITTEN}</p>"),
        (LONG, "<p>HTML</p>"),
        ("The HTML export of order 12 lacks two lines, as I wrote in the browser version.", "<p>Anna, Example Ltd</p>"),
    ],
)
def test_a_plain_version_with_the_same_text_is_read(plain, html):
    assert read(plain, html).text == plain


def test_the_same_text_as_plain_and_html_side_by_side_is_shown_once():
    mail = read(WRITTEN, f"<p>{WRITTEN.replace('blue', '<b>blue</b>')}</p>", "mixed")

    assert mail.text == WRITTEN


def test_different_texts_side_by_side_are_both_shown():
    mail = read("First the plain one.", "<p>Then another one.</p>", "mixed")

    assert mail.text == "First the plain one.\nThen another one."


def test_texts_are_compared_by_their_words():
    assert same_words("Hello *world*", "Hello\n\nworld <https://example.org>")
    assert not same_words("Hello world", "Hello moon")
    assert not same_words("", "")


def test_an_empty_html_version_is_never_read():
    assert not prefers_html("This message is HTML.", "")
