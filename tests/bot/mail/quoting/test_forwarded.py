"""The topmost forwarded mail is found, in the languages and formats of many mail programs."""
# ruff: noqa: RUF001 (letters of other alphabets are the point here)

import pytest

from bot.mail.parse import read_mail
from bot.mail.quoting.forwarded import read_forwarded

NOOR = "Noor Klant <noor@customer.example.com>"


def forwarded(text, subject="Question"):
    found = read_forwarded(text, subject)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "names",
    [
        "From Date Subject To",
        "Von Gesendet Betreff An",
        "De Envoyé Objet À",
        "De Enviado Asunto Para",
        "Da Inviato Oggetto A",
        "De Data Assunto Para",
        "Van Verzonden Onderwerp Aan",
        "Fra Sendt Emne Til",
        "Från Skickat Ämne Till",
        "Lähettäjä Lähetetty Aihe Vastaanottaja",
        "Od Wysłano Temat Do",
        "Od Odesláno Předmět Komu",
        "Od Odoslané Predmet Komu",
        "Feladó Elküldve Tárgy Címzett",
        "Expeditorul Dată Subiectul Destinatarul",
        "Kimden Gönderildi Konu Kime",
        "От Дата Тема Кому",
        "Від Надіслано Тема Кому",
        "Šalje Datum Predmet Prima",
        "Saatja Kuupäev Teema Saaja",
        "Από Ημερομηνία Θέμα Προς",
        "От Изпратено Относно До",
        "差出人 送信日時 件名 宛先",
        "发件人 发送时间 主题 收件人",
        "寄件者 日期 主旨 收件者",
        "מאת תאריך נושא אל",
        "Từ Ngày Chủ_đề Đến",
    ],
)
def test_quoted_headers_are_read_in_many_languages(names):
    sender, date, subject, to = (name.replace("_", " ") for name in names.split())

    found = forwarded(
        f"See below.\n\n{sender}: {NOOR}\n{date}: 28.10.2026 12:46\n{to}: ben@casebook.example.org\n"
        f"{subject}: The cable\n\nIt is too short."
    )

    assert (found.sender_addr, found.sender_name) == ("noor@customer.example.com", "Noor Klant")
    assert (found.subject, found.text, found.before) == ("The cable", "It is too short.", "See below.")
    assert found.certain


@pytest.mark.parametrize(
    "mark",
    [
        "---------- Forwarded message ---------",
        "-------- Weitergeleitete Nachricht --------",
        "-------- Message transféré --------",
        "-------- Messaggio inoltrato --------",
        "-------- Doorgestuurd bericht --------",
        "-------- Przekazana wiadomość --------",
        "-------- Пересылаемое сообщение --------",
        "---------- 转发的邮件 ----------",
        "Begin forwarded message:",
        "Anfang der weitergeleiteten Nachricht:",
        "Début du message réexpédié :",
        "Inicio del mensaje reenviado:",
        "開始轉寄郵件：",
    ],
)
def test_the_title_above_a_forwarded_mail_is_no_text_of_the_forwarder(mark):
    found = forwarded(f"See below.\n\n{mark}\nFrom: {NOOR}\nSubject: The cable\n\nIt is too short.")

    assert (found.before, found.text) == ("See below.", "It is too short.")


@pytest.mark.parametrize(
    "line",
    [
        'On 28/10/2026 12:46, "Noor Klant" <noor@customer.example.com> wrote:',
        'Am 28.10.26, 12:46 schrieb "Noor Klant" <noor@customer.example.com>:',
        "Le 28/10/2026 12:46, « Noor Klant » <noor@customer.example.com> a écrit :",
        "Op 28/10/2026 12:46 heeft Noor Klant <noor@customer.example.com> geschreven:",
        "Noor Klant <noor@customer.example.com> kirjoitti 28.10.2026 kello 12.46:",
        "Dnia 28.10.2026, 12:46 „Noor Klant” <noor@customer.example.com> napisał:",
        '28.10.2026, 12:46 пользователь "Noor Klant" <noor@customer.example.com> написал:',
        '"Noor Klant" <noor@customer.example.com>, 28.10.2026 12:46 tarihinde şunu yazdı:',
    ],
)
def test_an_attribution_starts_a_forwarded_mail_only_if_the_subject_says_so(line):
    text = f"See below.\n\n\ufeff{line}\n\n    It is too short."

    found = forwarded(text, "FW: The cable")

    assert (found.sender_addr, found.sender_name) == ("noor@customer.example.com", "Noor Klant")
    assert (found.subject, found.text) == ("The cable", "It is too short.")
    assert read_forwarded(text, "Re: The cable") is None


def test_headers_on_one_line_are_read():
    found = forwarded(
        "   ----- Forwarded Message ----- From: Noor Klant <noor@customer.example.com>To: <ben@casebook.example.org>"
        "Sent: Tuesday, 27 October 2026 09:26Subject: The cable\n It is too short."
    )

    assert (found.sender_addr, found.subject, found.text) == (
        "noor@customer.example.com",
        "The cable",
        "It is too short.",
    )


def test_quote_marks_that_forwarding_added_are_removed():
    found = forwarded(
        f"> Begin forwarded message:\n>\n> From: {NOOR}\n> Subject: The cable\n>\n> Short.\n>> Quite?\n\nAnna"
    )

    assert found.text == "Short.\n> Quite?"


@pytest.mark.parametrize(
    ("sender", "address", "certain"),
    [
        ("Noor [mailto:noor@customer.example.com]", "noor@customer.example.com", True),
        (f"{NOOR.replace('>', '<mailto:noor@customer.example.com>>')}", "noor@customer.example.com", True),
        ("Klant, Noor <noor@customer.example.com>", "noor@customer.example.com", True),
        (
            "Desk <desk@customer.example.com> on behalf of Noor <noor@customer.example.com>",
            "desk@customer.example.com",
            False,
        ),
        ("anna@casebook.example.org <noor@customer.example.com>", None, False),
        ("noor@customer.example.com, mia@customer.example.com", None, False),
        ("Noor Klant", None, False),
    ],
)
def test_a_sender_is_certain_only_with_exactly_one_address(sender, address, certain):
    found = forwarded(f"From: {sender}\nSent: Monday\nTo: Anna\nSubject: The cable\n\nIt is too short.")

    assert (found.sender_addr, found.certain) == (address, certain)


def test_of_two_forwarded_mails_the_topmost_is_read_and_uncertain():
    found = forwarded(
        f"From: {NOOR}\nSubject: One\n\nSee.\n\nFrom: Mia <mia@customer.example.com>\nSubject: Two\n\nHello"
    )

    assert (found.sender_addr, found.certain) == ("noor@customer.example.com", False)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: The cable", f"Thank you.\n\nFrom: {NOOR}\nSent: Monday\nTo: Anna\nSubject: The cable\n\nIt is short."),
        ("Re: The cable", f"Thank you.\n\nOn Monday, 26 October 2026 {NOOR} wrote:\n> ---- Forwarded message ----"),
        ("The cable", "From: Berlin\nTo: Munich\nDate: 3 May\nHow long does it take?"),
        ("The cable", "I forwarded this message to Otto. He wrote:\n> it is too short"),
        ("VS: Kaapeli", "Kiitos.\n\nLähettäjä: Noor <noor@customer.example.com>\nAihe: Kaapeli\n\nLyhyt."),
    ],
)
def test_an_answer_and_a_text_like_headers_are_no_forwarded_mail(subject, text):
    assert read_forwarded(text, subject) is None


def attached(subject, *senders):
    parts = "".join(
        f"--cut\nContent-Type: message/rfc822\n\nFrom: {sender}\nSubject: The cable\n\nIt is too short.\n\n"
        for sender in senders
    )
    return read_mail(
        f"From: anna@casebook.example.org\nSubject: {subject}\nContent-Type: multipart/mixed; boundary=cut\n\n"
        f"--cut\nContent-Type: text/plain\n\nSee below.\n\n{parts}--cut--\n".encode()
    ).forwarded


def test_an_attached_mail_is_a_forwarded_mail():
    found = attached("Look", NOOR)

    assert found is not None
    assert (found.sender_addr, found.text, found.before) == (
        "noor@customer.example.com",
        "It is too short.",
        "See below.",
    )
    assert found.certain


def test_two_attached_mails_are_uncertain_and_one_in_an_answer_is_only_an_attachment():
    several = attached("Look", NOOR, "mia@customer.example.com")

    assert several is not None
    assert not several.certain
    assert attached("Re: Look", NOOR) is None
