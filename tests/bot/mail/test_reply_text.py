"""What was newly written is told apart from what is quoted, forwarded or signed; in doubt it is kept."""
# ruff: noqa: RUF001 (other alphabets are the point)

import pytest

from bot.mail.reply_text import newly_written

QUOTE = "\n\n> an older text\n> of two lines\n"


@pytest.mark.parametrize(
    "attribution",
    [
        "On Mon, Mar 2, 2026 at 4:58 PM Support <support@example.org> wrote:",
        "On Mon, Mar 2, 2026 at 4:58 PM A Very Long Name of a Support Team <\nsupport@example.org> wrote:",
        "On 2 Mar 2026, at 16:58, Support <support@example.org> wrote:",
        "Am 02.03.2026 um 16:58 schrieb Support:",
        "Am Mo., 2. März 2026 um 16:58 Uhr schrieb Support <support@example.org>:",
        "Le lun. 2 mars 2026 à 16:58, Support <support@example.org> a écrit :",
        "El lun, 2 mar 2026 a las 16:58, Support (<support@example.org>) escribió:",
        "Em seg., 2 de mar. de 2026 às 16:58, Support <support@example.org> escreveu:",
        "Il giorno lun 2 mar 2026 alle ore 16:58 Support <support@example.org> ha scritto:",
        "Op ma 2 mrt 2026 om 16:58 schreef Support <support@example.org>:",
        "Den mån 2 mars 2026 kl 16:58 skrev Support <support@example.org>:",
        "W dniu pon., 2 mar 2026 o 16:58 Support <support@example.org> napisał(a):",
        "po 2. 3. 2026 v 16:58 odesílatel Support <support@example.org> napsal:",
        "ma 2. maalisk. 2026 klo 16.58 Support <support@example.org> kirjoitti:",
        "пн, 2 мар. 2026 г. в 16:58, Support <support@example.org>:",
        "Support <support@example.org>, 2 Mar 2026 Pzt, 16:58 tarihinde şunu yazdı:",
        "2026年3月2日(月) 16:58 Support <support@example.org>:",
        "Support <support@example.org> 于2026年3月2日周一 16:58写道：",
        "Vào 16:58, Th 2, 2 thg 3, 2026 Support <support@example.org> đã viết:",
    ],
)
def test_the_line_above_a_quote_goes_with_the_quote(attribution):
    assert newly_written(f"My answer.\n\n{attribution}{QUOTE}") == "My answer."


@pytest.mark.parametrize(
    "head",
    [
        "-----Original Message-----\nFrom: Support\nSent: Monday",
        "________________________________\nFrom: Support <support@example.org>\nSent: Monday\nSubject: Re: x",
        "Von: Support <support@example.org>\nGesendet: Montag, 2. März 2026\nAn: Mia\nBetreff: x",
        "De : Support <support@example.org>\nEnvoyé : lundi 2 mars 2026\nÀ : Mia\nObjet : x",
        "*From:* Support\n*Sent:* Monday\n*To:* Mia\n*Subject:* x",
        "---------- Forwarded message ---------\nFrom: Otto <otto@example.org>\nSubject: x",
        "Begin forwarded message:\n\nFrom: Otto <otto@example.org>\nSubject: x",
        "-------- Weitergeleitete Nachricht --------\nBetreff: x\nVon: Otto <otto@example.org>",
    ],
)
def test_everything_below_the_head_of_another_mail_is_not_new(head):
    assert newly_written(f"My answer.\n\n{head}\n\nIt is urgent.") == "My answer."


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nMia Muster\nExample GmbH",
        "--\nMia Muster",
        "Sent from my iPhone",
        "Von meinem Samsung Galaxy gesendet.",
        "Gesendet von Outlook für Android<https://aka.ms/example>",
        "Envoyé de mon iPad",
        "Get Outlook for iOS",
        "Отправлено с iPhone",
        "_______________________________________________\nnews mailing list\nnews@example.org",
    ],
)
def test_a_signature_is_not_new(signature):
    assert newly_written(f"My answer.\n\n{signature}") == "My answer."


@pytest.mark.parametrize(
    "text",
    [
        "Hello,\n\nit does not work.\n\nBest regards\nMia",
        "From: Berlin\nTo: Munich\nDate: 3 May\n\nCan you book that?",
        "We need this:\n\nDate: Wednesday\nTime: 7:00\nAddress: Example Street 1",
        "On Monday I wrote to you.\nNobody answered.",
        "On 12.03.2026 I sent this to otto@example.org:\n\nthe drawings and the list",
        "Sent from my desk, since the phone is broken.",
        "--- Step one ---\nturn it on\n--- Step two ---\nturn it off",
        "a -- b\n\n1 > 0\n\nx -> y",
        "Please note:\n\n* one\n* two",
    ],
)
def test_words_of_the_writer_are_kept(text):
    assert newly_written(text) == text


def test_answers_between_and_below_quotes_are_kept():
    text = "On 2 Mar 2026, at 16:58, Support <support@example.org> wrote:\n\n> First?\n\nYes.\n\n> Second?\n\nNo."

    assert newly_written(text).split() == ["Yes.", "No."]


def test_a_quoted_line_that_was_wrapped_is_still_quoted():
    text = "Fine.\n\n> This line of the quote was so long that it did not fit within\nthe margin\n> and goes on."

    assert newly_written(text) == "Fine."


@pytest.mark.parametrize("text", ["> only a quote", "-- \nMia", "Sent from my iPhone", "", "   \n"])
def test_when_nothing_would_be_left_everything_is_kept(text):
    assert newly_written(text).split() == text.split()


def test_a_mail_that_only_forwards_is_the_forwarded_text():
    text = "---------- Forwarded message ---------\nFrom: Otto <otto@example.org>\nSubject: x\n\nThe text."

    assert newly_written(text) == "The text."


def test_an_attribution_on_the_last_line_of_the_answer_is_cut_off():
    assert newly_written("Yes On Mon, Mar 2, 2026 at 4:58 PM, a@example.org wrote:\n> Hi") == "Yes"
