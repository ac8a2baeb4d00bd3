"""Customers write by mail: cases, quotes, mail of admins, and unreadable mail."""

import asyncio

from fixtures.cast import ALERTS, BEN, LOG, MAIL_CUSTOMERS, SUPPORT

MIA, NOOR, OTTO = MAIL_CUSTOMERS


async def test_a_mail_becomes_a_case_and_the_next_one_joins_it(play):
    async with play.performed():
        await play.mail(
            "The invoice is wrong.",
            sender=f"Mia <{MIA}>",
            subject="Invoice 42",
            Message_ID="<one@customer.example.com>",
        )
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        await play.mail("Any news?", sender=MIA, subject="Re: Invoice 42", Message_ID="<two@customer.example.com>")
        await play.until(lambda: "2 messages" in play.shown(SUPPORT)[0], "the second mail on the card")

    card = play.shown(SUPPORT)[0]
    assert "by e-mail" in card
    assert "Invoice 42" in card
    assert "Any news?" in card
    assert play.read("SELECT external_id FROM messages ORDER BY id") == [
        ("one@customer.example.com",),
        ("two@customer.example.com",),
    ]


async def test_urgency_counts_in_a_subject_and_in_new_text_but_not_in_a_quote(play):
    quoted = "Thanks, that helped.\n\nOn Monday, Support wrote:\n> Is it urgent?\n> It sounds critical."
    async with play.performed():
        await play.mail("Please call me.", sender=MIA, subject="URGENT: no access")
        await play.mail(quoted, sender=NOOR, subject="Re: your question")
        await play.until(lambda: len(play.slack.messages(SUPPORT)) == 2, "two cards")
        await play.until(lambda: play.slack.messages(ALERTS), "an alert")

    assert play.read("SELECT customer_identifier FROM cases WHERE escalated = 1") == [(MIA,)]


async def test_an_admin_closes_by_mail_to_the_customer_with_the_inbox_in_copy(play):
    async with play.performed():
        await play.mail("The invoice is wrong.", sender=MIA, Message_ID="<one@customer.example.com>")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        await play.mail(
            "It is mended. I'm closing this case.",
            sender=BEN.email,
            to=f"{MIA}, support@casebook.example.org",
            In_Reply_To="<one@customer.example.com>",
        )
        await play.until(lambda: play.slack.messages(LOG), "the closing in the log")

    (line,) = play.slack.messages(LOG)
    assert line.text.startswith("Case #CASE-0001 closed at ")
    assert line.text.endswith(f" by {BEN.email}")


async def test_a_claimed_admin_mail_closes_nothing(play):
    async with play.performed():
        await play.mail("The invoice is wrong.", sender=MIA, Message_ID="<one@customer.example.com>")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        await play.mail(
            "I'm closing this case.",
            sender=BEN.email,
            In_Reply_To="<one@customer.example.com>",
            Authentication_Results="mx.example.org; dmarc=fail header.from=casebook.example.org",
        )
        await play.until(lambda: "unverified" in play.shown(SUPPORT)[0], "the claim under the card")

    assert play.read("SELECT status FROM cases") == [("open",)]
    assert play.read("SELECT is_admin FROM messages ORDER BY id") == [(0,), (0,)]


async def test_a_refused_login_is_red_in_health_with_what_to_do(play):
    async with play.performed(IMAP_PASSWORD="wrong"):
        await play.stage.mailbox.until(lambda: bool(play.bot.status.email_listener.last_error))
        report = await play.bot.health.report()

    assert (report.status, report.services["email_listener"]) == ("unhealthy", "stopped")
    assert "check IMAP_EMAIL and IMAP_PASSWORD" in report.parts["email_listener"].last_error


async def test_an_unreadable_mail_is_quarantined_and_the_next_one_is_read(play):
    async with play.performed():
        await play.stage.mailbox.deliver(b"From: nobody at all\r\nSubject: ?\r\n\r\nbroken\r\n")
        await play.mail("The invoice is wrong.", sender=MIA)
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        await play.until(lambda: play.slack.messages(LOG), "a word in the log channel")

    assert play.read("SELECT outcome FROM ledger ORDER BY id") == [("quarantined",), ("message",)]
    assert "could not be read" in play.slack.messages(LOG)[0].text


async def test_out_of_office_opens_no_case(play):
    async with play.performed():
        await play.mail("I am away.", sender=MIA, subject="Out of office", Auto_Submitted="auto-replied")
        await play.mail("A real question", sender=NOOR)
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")

    assert play.read("SELECT customer_identifier FROM cases") == [(NOOR,)]
    assert play.read("SELECT outcome FROM ledger ORDER BY id") == [("ignored",), ("message",)]


async def test_fifty_first_mails_of_one_sender_open_one_case(play_on_both):
    play = play_on_both
    async with play.performed():
        mails = (play.mail(f"Mail {number}", sender=OTTO, Message_ID=f"<{number}@example.net>") for number in range(50))
        await asyncio.gather(*mails)
        await play.until(lambda: "50 messages" in "".join(play.shown(SUPPORT)), "fifty messages on the card", 60)

    assert play.read("SELECT case_id, message_count FROM cases") == [("CASE-0001", 50)]
