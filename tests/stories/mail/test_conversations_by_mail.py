"""Conversations by mail: answers from Slack, replies, people who join, and refused mail."""

from datetime import timedelta
from email import message_from_bytes, policy

from bot.mail.parse import read_mail
from casebook.models import Letter
from fixtures.cast import ANNA, BEN, DORA, INBOX, LOG, MAIL_CUSTOMERS, SHARED, SUPPORT

MIA, NOOR, OTTO = MAIL_CUSTOMERS
PHRASE = "I'm closing this case."


async def a_case(play, text="The invoice is wrong.", sender=MIA, **headers):
    """Let a customer write by mail, and wait for the card."""
    before = len(play.slack.messages(SUPPORT))
    await play.mail(text, sender=sender, subject="Invoice 17", **headers)
    await play.until(lambda: len(play.slack.messages(SUPPORT)) > before, "a card")
    return play.slack.messages(SUPPORT)[-1]


async def answers(play, card, text, count=1):
    """Let Anna answer under the card; returns the mail that was sent."""
    await play.slack.write(ANNA, SUPPORT, f"reply: {text}", thread_ts=card.ts)
    await play.until(lambda: len(play.stage.mailbox.sent) == count, "the mail")
    return play.stage.mailbox.sent[-1]


async def test_an_answer_under_the_card_reaches_the_customer_as_a_reply_to_their_mail(play):
    async with play.performed(UNDO_SECONDS="0"):
        card = await a_case(play, sender=f"Mia Miller <{MIA}>", Message_ID="<m1@customer.example.com>")
        sent = await answers(play, card, "It is *mended* now")
        await play.until(lambda: "✓ Anna Example answered" in play.shown(SUPPORT)[0], "the mark under the card")

    mail = message_from_bytes(sent.raw, policy=policy.default)
    assert (sent.sender, sent.recipients) == (INBOX, (MIA,))
    assert str(mail["From"]) == f"Anna Example <{INBOX}>"
    assert str(mail["To"]) == f"Mia Miller <{MIA}>"
    assert mail["Subject"] == "Re: Invoice 17 [CASE-0001]"
    assert mail["In-Reply-To"] == mail["References"] == "<m1@customer.example.com>"
    assert mail["Auto-Submitted"] is None
    read = read_mail(sent.raw)
    assert read.new_text == "It is *mended* now"
    assert "> The invoice is wrong." in read.text
    assert play.read("SELECT waiting_since, message_count FROM cases") == [(None, 2)]


async def test_reply_by_form_says_who_will_read_it_and_sends_it(play):
    async with play.performed(UNDO_SECONDS="0"):
        card = await a_case(play, sender=f"Mia Miller <{MIA}>")
        pressed = await play.slack.press(ANNA, card, "case_reply")
        await play.slack.submit(ANNA, pressed.view, {"text": "We are on it"})
        await play.until(lambda: play.stage.mailbox.sent, "the mail")

    assert "Mia Miller will read this" in str(pressed.view)
    assert read_mail(play.stage.mailbox.sent[0].raw).new_text == "We are on it"


async def test_a_conversation_from_the_first_mail_to_the_next_case(play):
    """Customer, answer, reply with a quote, a colleague, a stranger who guesses, closed by mail, written again."""
    box = play.stage.mailbox
    async with play.performed(UNDO_SECONDS="0"):
        card = await a_case(play, sender=f"Mia Miller <{MIA}>", Message_ID="<m1@customer.example.com>")
        ours = read_mail((await answers(play, card, "Which page?")).raw)

        await play.mail(
            quoting("It is page three.", ours), sender=MIA, subject="Re: Invoice 17", **replying_to(ours, "m2")
        )
        await play.until(lambda: "It is page three." in play.shown(SUPPORT)[0], "the reply under the card")

        await play.mail("I am her colleague: page 4 too.", sender=NOOR, **replying_to(ours, "n1"))
        await play.until(lambda: "page 4 too" in play.shown(SUPPORT)[0], "the colleague under the card")
        theirs = await answers(play, card, "Both are mended", count=2)

        await play.mail("What do they say?", sender=OTTO, subject="Re: Invoice 17 [CASE-0001]")
        await play.until(lambda: len(play.slack.messages(SUPPORT)) == 2, "a card of their own")

        closing = replying_to(read_mail(theirs.raw), "b1") | {"to": INBOX}
        await play.mail(f"All done. {PHRASE}", sender=BEN.email, **closing)
        await play.until(lambda: play.slack.messages(LOG), "the closing in the log")

        await play.mail("It is wrong again", sender=MIA, subject="Re: Invoice 17", **replying_to(ours, "m3"))
        await play.until(lambda: len(play.slack.messages(SUPPORT)) == 3, "a new card")

    under = [play.slack.shows(post) for post in play.slack.thread(SUPPORT, card.ts)]
    assert ["Which page?" in post for post in under if "It is page three." in post] == [False], (
        "what is quoted is left out"
    )
    assert (theirs.recipients, box.sent[0].recipients) == ((NOOR,), (MIA,)), "Noor did not address Mia"
    assert play.read("SELECT person, stranger FROM participants") == [(NOOR, 1)]
    assert play.read("SELECT case_id, customer_identifier, status, follows FROM cases ORDER BY number") == [
        ("CASE-0001", MIA, "closed", None),
        ("CASE-0002", OTTO, "open", None),
        ("CASE-0003", MIA, "open", "CASE-0001"),
    ]
    assert "closed at" in play.shown(LOG)[0]


def quoting(text, mail):
    """A reply as mail programs write it: the text above the quoted mail."""
    quoted = "\n".join(f"> {line}" for line in mail.text.splitlines())
    return f"{text}\n\nOn Mon, Mar 2, 2026 at 12:00 PM Anna Example <{INBOX}> wrote:\n{quoted}\n"


def replying_to(mail, name):
    """The headers of a mail that answers another."""
    references = " ".join(f"<{each}>" for each in (*mail.references, mail.message_id))
    return {
        "Message_ID": f"<{name}@customer.example.com>",
        "In_Reply_To": f"<{mail.message_id}>",
        "References": references,
    }


async def test_a_reply_finds_its_case_though_the_book_was_restored_and_a_forged_one_does_not(play):
    async with play.performed(UNDO_SECONDS="0"):
        card = await a_case(play, Message_ID="<m1@customer.example.com>")
        ours = read_mail((await answers(play, card, "Which page?")).raw)
        await play.bot.desk.do(lambda: Letter.delete().execute())
        await play.mail("Page 4", sender=NOOR, Message_ID="<n1@x.example>", In_Reply_To=f"<{ours.message_id}>")
        await play.until(lambda: "Page 4" in play.shown(SUPPORT)[0], "the reply under the card")

        tag, _, domain = ours.message_id.rpartition("@")
        forged = f"{tag[:-6]}aaaaaa@{domain}"
        await play.mail("Let me see", sender=OTTO, Message_ID="<o1@x.example>", In_Reply_To=f"<{forged}>")
        await play.until(lambda: len(play.slack.messages(SUPPORT)) == 2, "a card of their own")

    assert play.read("SELECT customer_identifier, message_count FROM cases ORDER BY number") == [(MIA, 3), (OTTO, 1)]


async def test_a_refused_mail_is_shown_under_the_card_and_goes_out_when_somebody_tries_again(play):
    async with play.performed(UNDO_SECONDS="0"):
        card = await a_case(play)
        play.stage.mailbox.smtp_faults.refused[MIA] = "550 5.1.1 No such user here"
        await play.slack.write(ANNA, SUPPORT, "reply: It is mended", thread_ts=card.ts)
        await play.until(lambda: "550 5.1.1 No such user here" in play.shown(SUPPORT)[0], "the server's words")
        degraded = await play.bot.health.report()

        play.stage.mailbox.smtp_faults.clear()
        state = next(post for post in play.slack.thread(SUPPORT, card.ts) if "[Try again]" in play.slack.shows(post))
        await play.slack.press(BEN, state, "answer_again")
        await play.until(lambda: play.stage.mailbox.sent, "the mail")
        await play.until(lambda: "✓ Anna Example answered" in play.shown(SUPPORT)[0], "the mark under the card")
        healthy = await play.bot.health.report()

    assert (degraded.status, degraded.outbox.refused) == ("degraded", 1)
    assert (healthy.status, healthy.outbox.refused) == ("healthy", 0)


async def test_an_answer_by_mail_can_be_taken_back_edited_and_deleted_before_it_is_sent(play):
    async with play.performed(UNDO_SECONDS="60"):
        card = await a_case(play)
        taken = await play.slack.write(ANNA, SUPPORT, f"reply: One. {PHRASE}", thread_ts=card.ts)
        await play.until(lambda: "[Undo]" in play.shown(SUPPORT)[0], "the button")
        state = next(post for post in play.slack.thread(SUPPORT, card.ts) if "[Undo]" in play.slack.shows(post))
        await play.slack.press(BEN, state, "answer_undo")
        await play.until(lambda: "was taken back" in play.shown(SUPPORT)[0], "the mark")
        deleted = await play.slack.write(ANNA, SUPPORT, "reply: Two", thread_ts=card.ts)
        edited = await play.slack.write(ANNA, SUPPORT, "reply: Three", thread_ts=card.ts)
        await play.until(lambda: play.shown(SUPPORT)[0].count("[Undo]") == 2, "both answers")
        await play.slack.delete(SUPPORT, deleted)
        await play.slack.edit(SUPPORT, edited, "reply: Four")
        await play.until(lambda: "Four" in play.shown(SUPPORT)[0], "the edited answer")
        play.bot.clock.push(timedelta(seconds=61))
        await play.until(lambda: play.stage.mailbox.sent, "the mail")
        await play.until(lambda: "✓ Anna Example answered" in play.shown(SUPPORT)[0], "the mark under the card")

    assert taken
    assert [read_mail(sent.raw).new_text for sent in play.stage.mailbox.sent] == ["Four"]
    assert play.read("SELECT status FROM cases") == [("open",)]


async def test_the_phrase_in_an_answer_by_mail_closes_when_it_is_sent(play):
    async with play.performed(UNDO_SECONDS="0", TELL_CUSTOMER_ON_CLOSE="true"):
        card = await a_case(play)
        await play.slack.write(ANNA, SUPPORT, f"reply: Mended. {PHRASE}", thread_ts=card.ts)
        await play.until(lambda: len(play.stage.mailbox.sent) == 2, "the answer and the sentence")
        await play.until(lambda: play.slack.messages(LOG), "the closing in the log")

    answer, sentence = (read_mail(sent.raw) for sent in play.stage.mailbox.sent)
    assert answer.new_text.startswith("Mended.")
    assert sentence.text.startswith("Your case CASE-0001 is closed.")
    assert (answer.automatic, sentence.automatic) == ("", "automatic mail")
    assert play.read("SELECT status, closed_by FROM cases") == [("closed", ANNA.user_id)]


async def test_the_message_of_the_close_form_reaches_the_customer_by_mail(play):
    async with play.performed():
        card = await a_case(play)
        pressed = await play.slack.press(ANNA, card, "case_close")
        await play.slack.submit(ANNA, pressed.view, {"reason": "done", "word": "Take care!"})
        await play.until(lambda: play.stage.mailbox.sent, "the word")

    assert read_mail(play.stage.mailbox.sent[0].raw).text == "Take care!"


async def test_the_customer_of_a_new_case_gets_one_acknowledgement(play):
    async with play.performed(AUTO_ACKNOWLEDGE="true"):
        await a_case(play)
        asked = await play.slack.write(DORA, SHARED, "The export is broken")
        await play.until(lambda: play.stage.mailbox.sent, "the mail")
        (post,) = await play.until(lambda: play.slack.thread(SHARED, asked), "the word in the thread")

    (sent,) = play.stage.mailbox.sent
    assert message_from_bytes(sent.raw, policy=policy.default)["Auto-Submitted"] == "auto-replied"
    assert "your case is CASE-0001" in read_mail(sent.raw).text
    assert "your case is CASE-0002" in play.slack.shows(post)


async def test_while_the_mail_server_is_unavailable_the_card_and_health_say_so(play):
    async with play.performed(UNDO_SECONDS="0"):
        play.stage.mailbox.smtp_faults.is_away = True
        card = await a_case(play)
        await play.slack.write(ANNA, SUPPORT, "reply: It is mended", thread_ts=card.ts)
        await play.until(lambda: "Not sent, and tried again: The mail server" in play.shown(SUPPORT)[0], "the reason")
        play.bot.clock.push(timedelta(seconds=121))
        red = await play.bot.health.report()

        play.stage.mailbox.smtp_faults.clear()
        play.bot.clock.push(timedelta(seconds=61))
        await play.until(lambda: "✓ Anna Example answered" in play.shown(SUPPORT)[0], "the mark under the card")
        green = await play.bot.health.report()

    assert (red.status, red.outbox.stuck, red.parts["email_sender"].broken) == ("unhealthy", True, True)
    assert "mail server" in str(red.parts["email_sender"].last_error)
    assert (green.outbox.stuck, green.parts["email_sender"].broken) == (False, False)
    assert "email_sender" not in green.services
