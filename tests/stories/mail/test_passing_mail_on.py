"""An admin forwards a customer's mail to the inbox; a mail of ours bounces."""

import pytest

from bot.mail.parse import read_mail
from fixtures.cast import ALERTS, ANNA, BEN, INBOX, MAIL_CUSTOMERS, SUPPORT

MIA, NOOR, _ = MAIL_CUSTOMERS
FORWARDED = f"""Can somebody look at this?

---------- Forwarded message ---------
From: Mia Muster <{MIA}>
Date: Mon, 2 Mar 2026 at 09:12
Subject: Invoice 42
To: <ben@casebook.example.org>

The invoice is wrong, and it is urgent.
"""
UNCERTAIN = """FYI

---------- Forwarded message ---------
From: Mia Muster
Subject: Invoice 42

The invoice is wrong.
"""
ANSWER = "<answer-9@casebook.example.org>"
BOUNCE = f"""Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mail.example.net>
To: {INBOX}
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-1@mail.example.net>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="report"

--report
Content-Type: text/plain; charset=us-ascii

Your mail could not be delivered.

--report
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.net

Final-Recipient: rfc822; {MIA}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--report
Content-Type: message/rfc822

From: {INBOX}
To: {MIA}
Subject: Your question
Message-ID: {ANSWER}

Try again now.
--report--
"""


def reads_apart(text):
    """Whether the mail parser recognises forwarded mail and bounces."""
    mail = read_mail(f"From: {BEN.email}\nSubject: Fwd: Invoice 42\n\n{text}".encode())
    return mail.forwarded is not None and read_mail(BOUNCE.encode()).bounce is not None


pytestmark = pytest.mark.skipif(not reads_apart(FORWARDED), reason="forwarded mail and bounces are not read apart yet")


async def test_a_mail_that_an_admin_forwards_is_the_customers_case_with_the_admins_text_as_a_note(play):
    async with play.performed():
        await play.mail(FORWARDED, sender=BEN.email, subject="Fwd: Invoice 42", Message_ID="<fwd@x>")
        await play.until(lambda: "Can somebody look" in "".join(play.shown(SUPPORT)), "the note under the card")
        await play.until(lambda: play.slack.messages(ALERTS), "an alert")

    assert play.read("SELECT customer_identifier, subject, escalated FROM cases") == [(MIA, "Invoice 42", 1)]
    assert play.read("SELECT sender, standing FROM messages ORDER BY id") == [(MIA, "customer"), (BEN.email, "note")]
    assert play.read("SELECT actor FROM events WHERE kind = 'forwarded'") == [(BEN.email,)]


async def test_the_team_is_asked_if_the_author_of_a_forwarded_mail_is_uncertain(play):
    async with play.performed():
        await play.mail(UNCERTAIN, sender=BEN.email, subject="Fwd: Invoice 42", Message_ID="<fwd@x>")
        (question,) = await play.until(lambda: play.slack.messages(SUPPORT), "the question")
        await play.slack.press(ANNA, question, "forward_leave")
        await play.until(lambda: f"{ANNA.name} left it out" in play.shown(SUPPORT)[0], "who decided")

    assert play.read("SELECT COUNT(*) FROM cases") == [(0,)]
    assert play.read("SELECT reason FROM ledger") == [("it forwards a mail, and an admin left it out",)]


async def test_a_forward_without_proof_of_its_sender_opens_no_case_until_it_is_confirmed(play):
    forged = "mx.example.org; dmarc=fail header.from=casebook.example.org"
    async with play.performed():
        await play.mail(FORWARDED, sender=BEN.email, subject="Fwd: Invoice 42", Authentication_Results=forged)
        (question,) = await play.until(lambda: play.slack.messages(SUPPORT), "the question")
        before = play.read("SELECT COUNT(*) FROM cases")
        await play.slack.press(ANNA, question, "forward_take")
        await play.until(lambda: len(play.slack.messages(SUPPORT)) == 2, "a card")
        await play.until(lambda: "put it to CASE-0001" in play.shown(SUPPORT)[0], "who decided")

    assert "claims to be from" in play.slack.shows(question)
    assert before == [(0,)]
    assert play.read("SELECT customer_identifier FROM cases") == [(MIA,)]


async def test_a_bounce_of_an_answer_is_shown_on_its_case_and_changes_no_state(play):
    async with play.performed():
        await play.mail("It does not work", sender=MIA, Message_ID="<one@customer.example.com>")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        await play.mail(
            "Try again now.",
            sender=BEN.email,
            to=f"{MIA}, {INBOX}",
            In_Reply_To="<one@customer.example.com>",
            Message_ID=ANSWER,
        )
        await play.until(lambda: "Try again now" in play.shown(SUPPORT)[0], "the answer under the card")
        before = play.read("SELECT message_count, last_message_at, silent_since, waiting_since FROM cases")
        await play.stage.mailbox.deliver(BOUNCE.replace("\n", "\r\n").encode())
        await play.until(lambda: f"Not delivered to {MIA}: 5.1.1" in play.shown(SUPPORT)[0], "what came back")

    assert play.read("SELECT message_count, last_message_at, silent_since, waiting_since FROM cases") == before
    assert play.read("SELECT kind FROM messages ORDER BY id") == [("message",), ("message",), ("note",)]
