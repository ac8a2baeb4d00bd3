"""New text is separated from quoted and forwarded text and from signatures; in doubt it is kept."""
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
        "\u202bבתאריך יום ב׳, 2 במרץ 2026 ב-16:58 מאת Support\u200f <\u202asupport@example.org\u202c\u200f>:\u202c",
        "\u200fفي الاثنين، 2 مارس 2026 في 4:58 م كتب \u2068Support\u2069 <support@example.org>:",
        "در تاریخ دوشنبه ۲ مارس ۲۰۲۶، ۱۶:۵۸ Support <support@example.org> نوشت:",
        "\u200eOn 2 Mar 2026, at 16:58, Support <support@example.org> wrote:",
    ],
)
def test_the_attribution_is_removed_with_the_quote(attribution):
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
        "\u200eFrom:\u200e Support <support@example.org>\n\u200eSent: Monday\n\u200eTo: Mia\n\u200eSubject: x",
        "\u200fמאת: Support <support@example.org>\n\u200fנשלח: יום שני\n\u200fאל: Mia\n\u200fנושא: x",
        "من: Support <support@example.org>\nتم الإرسال: الاثنين\nإلى: Mia\nالموضوع: x",
        ">>> Support <support@example.org> 02/03/26 4:58 PM >>>",
    ],
)
def test_text_below_the_headers_of_another_mail_is_not_new(head):
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
        "Three rooms have trouble:\n—\nRoom 1: no light\n—\nRoom 2: it is urgent",
        "I typed this:\n\n>>> import critical\n\nand nothing came.",
        "I typed this:\n>>> 1 + 1\n3\n>>> 2 + 2\n5",
        ">>> import critical\n\nbrings nothing.",
        "Yahoo Mail: broken, slow, urgent\n\nPlease help.",
    ],
)
def test_the_writers_own_text_is_kept(text):
    assert newly_written(text) == text


def test_answers_between_and_below_quotes_are_kept():
    text = "On 2 Mar 2026, at 16:58, Support <support@example.org> wrote:\n\n> First?\n\nYes.\n\n> Second?\n\nNo."

    assert newly_written(text).split() == ["Yes.", "No."]


def test_a_quoted_line_that_was_wrapped_is_still_quoted():
    text = "Fine.\n\n> This line of the quote was so long that it did not fit within\nthe margin\n> and goes on."

    assert newly_written(text) == "Fine."


@pytest.mark.parametrize("text", ["> only a quote", "-- \nMia", "Sent from my iPhone", "", "   \n"])
def test_everything_is_kept_if_nothing_would_remain(text):
    assert newly_written(text).split() == text.split()


def test_the_new_text_of_a_mere_forward_is_the_forwarded_text():
    text = "---------- Forwarded message ---------\nFrom: Otto <otto@example.org>\nSubject: x\n\nThe text."

    assert newly_written(text) == "The text."


def test_an_attribution_on_the_last_line_of_the_answer_is_cut_off():
    assert newly_written("Yes On Mon, Mar 2, 2026 at 4:58 PM, a@example.org wrote:\n> Hi") == "Yes"


ATTRIBUTION = "On Mon, Mar 2, 2026 at 4:58 PM Support <support@example.org> wrote:"


@pytest.mark.parametrize(
    "reply",
    [
        "The order 4711 has not come.",
        "The order of 12.02.2026 has not come.",
        "Den 3 februari 2026 kom fel vara.",
        "On page 3 a line is missing!",
        "Am 3. Februar kam die falsche Ware, Nummer 12.",
        "Le 12 est faux.",
        "2 of 3 chairs came.",
    ],
)
@pytest.mark.parametrize(
    "attribution",
    [
        ATTRIBUTION,
        ATTRIBUTION.replace("Support <", "Support <\n"),
        "Den mån 2 mars 2026 kl 16:58 skrev Support <support@example.org>:",
        "Am Mo., 2. März 2026 um 16:58 Uhr schrieb Support <support@example.org>:",
        "пн, 2 мар. 2026 г. в 16:58, Support <support@example.org>:",
    ],
)
@pytest.mark.parametrize("between", ["\n", "\n\n"], ids=["close", "apart"])
def test_a_reply_directly_above_the_attribution_is_kept(reply, attribution, between):
    assert newly_written(f"{reply}{between}{attribution}\n\nIs it still urgent?") == reply


def test_a_reply_without_a_full_stop_directly_above_the_attribution_is_kept():
    reply = "The order 4711 has not come"

    assert newly_written(f"{reply}\n{ATTRIBUTION}\n\nIs it still urgent?") == reply


@pytest.mark.parametrize(
    "line",
    [
        "On Mon, Mar 2, 2026 at 4:58 PM, Support<support@example.org> wrote:   Hello, is it still urgent?",
        "  On Mon, Mar 2, 2026 at 4:58 PM, Support<support@example.org> wrote:   Hello, is it still urgent?  ",
        "On Mon, Mar 2, 2026 at 4:58 PM, Support\n<support@example.org> wrote:   Hello, is it still urgent?",
        "On Mon, Mar 2, 2026 at 4:58 PM, Support<support@example.org> wrote: Hello, is it still urgent?",
        "Am Mo., März 2, 2026 at 16:58 schrieb Support<support@example.org>:   Hallo, ist es noch urgent?",
        "Le lun., mars 2, 2026 à 16:58, Support<support@example.org> a écrit :   Bonjour, c'est urgent ?",
        "El lun., mar. 2, 2026 a la(s) 16:58, Support<support@example.org> escribió:   Hola, ¿es urgent?",
        "Em seg., mar. 2, 2026 às 16:58, Support<support@example.org> escreveu:   Olá, é urgent?",
        "Il lun, mar 2, 2026 alle 16:58, Support<support@example.org> ha scritto:   Ciao, è urgent?",
    ],
)
def test_a_quote_on_the_line_of_the_attribution_is_not_new(line):
    assert newly_written(f"It works now.\n\n{line}\n\nMore of the quote.") == "It works now."


def test_the_slogan_of_a_mail_program_is_not_new():
    text = "It works now.\n\nYahoo Mail: Search, Organize, Conquer\n\n" + ATTRIBUTION + QUOTE

    assert newly_written(text) == "It works now."


def test_text_that_resembles_an_attribution_is_kept():
    text = "On Monday, 2 March 2026, Otto <otto@example.org> wrote: please wait. It is still urgent."

    assert newly_written(f"Hello,\n\n{text}") == f"Hello,\n\n{text}"


@pytest.mark.parametrize(
    "quote",
    [
        ">>> the oldest\n>> older\n> old",
        "> old\n>> older\n>>> the oldest",
        "On 2 Mar 2026, at 16:58, Support <support@example.org> wrote:\n>>> the oldest",
        ">>> one\n>>> two\n>>> three\n>>> four",
        "> old\n\nYes.\n\n>>> the oldest",
    ],
)
def test_a_quote_within_quotes_is_a_quote(quote):
    assert "oldest" not in newly_written(f"My answer.\n\n{quote}\n").replace("three", "oldest")


def test_direction_marks_are_removed_from_the_new_text():
    assert newly_written("\u200fתודה\u200f, זה עובד.\u200e") == "תודה, זה עובד."
