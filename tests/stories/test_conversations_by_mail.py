"""Conversations by mail: answered from Slack, followed by both sides, whoever joins, and whatever is refused."""

from email import message_from_bytes, policy

from bot.mail.parse import read_mail
from fixtures.cast import ANNA, INBOX, MAIL_CUSTOMERS, SUPPORT

MIA, NOOR, OTTO = MAIL_CUSTOMERS
PHRASE = "I'm closing this case."


async def a_case(play, text="The invoice is wrong.", sender=MIA, **headers):
    """A customer has written by mail, and the card is there."""
    before = len(play.slack.messages(SUPPORT))
    await play.mail(text, sender=sender, subject="Invoice 17", **headers)
    await play.until(lambda: len(play.slack.messages(SUPPORT)) > before, "a card")
    return play.slack.messages(SUPPORT)[-1]


async def answers(play, card, text, count=1):
    """Anna answers under the card; the mail that was sent."""
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
