"""A reaction that was sent as a mail is described in one line, and distinguished from a message."""

import pytest

from bot.mail.parse import read_mail

EVA = "From: Eva Holm <eva@example.org>\nSubject: Re: Invoice copy\nIn-Reply-To: <a@example.com>\n"


def gmail(text, part='{"emoji":"🎉","version":1}', kind="text/vnd.google.email-reaction+json"):
    return read_mail(
        f'{EVA}Content-Type: multipart/alternative; boundary="cut"\n\n'
        f"--cut\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
        f"--cut\nContent-Type: {kind}; charset=utf-8\n\n{part}\n--cut--\n".encode()
    )


def plain(text, subject="Re: Invoice copy"):
    head = EVA.replace("Re: Invoice copy", subject)
    return read_mail(f"{head}Content-Type: text/plain; charset=utf-8\n\n{text}\n".encode())


@pytest.mark.parametrize(
    "text",
    [
        "🎉\n\nEva Holm reacted via Gmail\n<https://www.google.com/gmail/about/?utm_source=x>",
        "🎉\n\nEva reacted via Gmail\n\nOn Mon, 2 Mar 2026, Support <a@example.com> wrote:\n\n> Here is your copy.",
        "🎉\n\nEva Holm hat über Gmail reagiert <https://www.google.com/gmail/about/>",
        "🎉",
    ],
)
def test_a_reaction_of_gmail_is_a_click_without_quote_and_without_file(text):
    mail = gmail(text)

    assert (mail.automatic, mail.doubtful) == ("reaction", "")
    assert mail.new_text == "🎉 Eva Holm reacted via Gmail"
    assert mail.attachments == ()


def test_a_reaction_that_is_the_whole_mail_is_a_click():
    mail = read_mail(
        f"{EVA}Content-Type: text/vnd.google.email-reaction+json\n\n".encode()
        + '{"version": 1, "emoji": "👍"}'.encode()
    )

    assert (mail.automatic, mail.new_text) == ("reaction", "👍 Eva Holm reacted via Gmail")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("🎉\n\nPlease call me at once, the server is down.", '{"emoji":"🎉","version":1}'),
        ("Thank you!", "no json"),
        ("Thank you!", '{"emoji":"the server is down, please call me at once","version":1}'),
    ],
)
def test_a_mail_with_own_text_or_a_broken_reaction_is_a_message(text, part):
    assert gmail(text, part).automatic == ""


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Reaction: Invoice copy", "Heart [❤️] Eva Holm reacted to your message:"),
        ("Re: Invoice copy", "Eva Holm reacted to your message:"),
        ("Reaktion: Rechnungskopie", "Gefällt mir [👍] Eva Holm hat auf Ihre Nachricht reagiert:"),
        ("Réaction : Copie", "J'aime [👍] Eva Holm a réagi à votre message :"),
        ("Reacción: Copia", "Me gusta [👍] Eva Holm ha reaccionado a su mensaje:"),
        ("Reaksjon: Kopi", "Liker [👍] Eva Holm reagerte på meldingen din:"),
        ("Реакция: Копия", "Нравится [👍] Eva Holm отреагировала на ваше сообщение:"),
    ],
)
def test_a_reaction_of_outlook_is_a_click_without_the_quoted_mail(subject, text):
    quote = "________________________________\nFrom: Support <a@example.com>\nSent: Monday, March 2, 2026 10:45 AM\n"
    quote += "To: Eva Holm <eva@example.org>\nSubject: Re: Invoice copy\n\nHere is your copy."

    mail = plain(f"{text}\n{quote}", subject)

    assert mail.automatic == "reaction"
    assert "Eva Holm reacted to a mail" in mail.new_text
    assert "Here is your copy" not in mail.new_text


def test_a_reaction_of_outlook_with_html_only_is_a_click():
    html = '<table><tr><td><img alt="Like" src="x"></td><td><b>Eva Holm</b> <span>reacted to your message:</span></td>'

    mail = read_mail(f"{EVA}Content-Type: text/html; charset=utf-8\n\n{html}</tr></table>".encode())

    assert (mail.automatic, mail.new_text) == ("reaction", "Eva Holm reacted to a mail")


@pytest.mark.parametrize("text", ["Liked “Here is your copy.”", 'Laughed at "ok"', "Loved an image"])
def test_a_tapback_of_a_phone_is_a_click(text):
    assert (plain(text).automatic, plain(text).new_text) == ("reaction", text)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Reaction: my skin is red", "The cream you sent gave me a reaction. What now?"),
        ("Re: Invoice copy", "👍 thanks!"),
        ("Re: Invoice copy", "Nobody reacted to your message, and I wait. Eva"),
        (
            "Re: Invoice copy",
            "I liked your message.\n\nBut the invoice is still wrong, please mend it today.\n\n" + "x" * 300,
        ),
        ("Reactie: factuur", "Hierbij mijn reactie: de factuur klopt niet."),
        ("Re: Offer", "Liked the offer. Please send it."),
    ],
)
def test_a_persons_mail_about_reactions_is_a_message(subject, text):
    assert plain(text, subject).automatic == ""
