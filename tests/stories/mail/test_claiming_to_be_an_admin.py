"""A mail in an admin's name without proof: the team is asked, and its request is executed once or not at all."""

from fixtures.cast import BEN, CARLA, GITA, HUGO, LOG, MAIL_CUSTOMERS, SUPPORT

MIA, _, _ = MAIL_CUSTOMERS
FORGED = "mx.example.org; dmarc=fail header.from=casebook.example.org"
PHRASE = "I'm closing this case."


async def claimed(play, text=PHRASE):
    """Set up a case of Mia, a mail in Ben's name, and the post that asks about it."""
    await play.mail("The invoice is wrong.", sender=MIA, Message_ID="<one@customer.example.com>")
    await play.until(lambda: play.slack.messages(SUPPORT), "a card")
    await play.mail(text, sender=BEN.email, In_Reply_To="<one@customer.example.com>", Authentication_Results=FORGED)
    await play.until(lambda: len(play.slack.messages(SUPPORT)) == 2, "the question")
    return play.slack.messages(SUPPORT)[1]


def status(play):
    """The state of the case."""
    return play.read("SELECT status, closed_by FROM cases")


async def test_a_confirmed_claim_closes_and_the_log_says_whose_mail_it_was(play):
    async with play.performed():
        question = await claimed(play)
        asked = play.slack.shows(question)
        pressed = await play.slack.press(CARLA, question, "claim_confirm")
        await play.until(lambda: pressed.posts, "an answer")
        await play.until(lambda: play.slack.messages(LOG), "the closing in the log")
        await play.until(lambda: "Confirmed by Carla Muster" in play.shown(SUPPORT)[1], "who confirmed")
        await play.until(lambda: "unverified" not in play.shown(SUPPORT)[0], "the message under the card")

    assert f"Mail that claims to be from {BEN.email} wants to close CASE-0001" in asked
    assert PHRASE in asked
    assert play.slack.messages(LOG)[0].text.endswith(f" by {BEN.email}")
    assert status(play) == [("closed", BEN.email)]
    assert play.read("SELECT actor FROM events WHERE kind = 'claim confirmed'") == [(CARLA.user_id,)]
    assert "[Confirm]" not in play.shown(SUPPORT)[1]


async def test_an_ignored_claim_does_nothing_and_a_later_confirmation_is_refused(play):
    async with play.performed():
        question = await claimed(play)
        ignored = await play.slack.press(BEN, question, "claim_ignore")
        late = await play.slack.press(CARLA, question, "claim_confirm")
        await play.until(lambda: ignored.posts and late.posts, "two answers")
        await play.until(lambda: "Ignored by Ben Beispiel" in play.shown(SUPPORT)[1], "who ignored it")

    assert "been decided already" in play.slack.shows(late)
    assert status(play) == [("open", None)]
    assert not play.slack.messages(LOG)


async def test_nobody_else_can_confirm(play):
    async with play.performed(HOME_MEMBERS="ignore"):
        question = await claimed(play)
        for person in (HUGO, GITA):
            play.slack.add_person(person, SUPPORT)
            refused = await play.slack.press(person, question, "claim_confirm")
            await play.until(lambda answer=refused: answer.posts, "a refusal")
        await play.until(
            lambda: any("the button claim_confirm" in line for line in play.shown(LOG)), "a line in the log"
        )

    assert status(play) == [("open", None)]
    assert play.read("SELECT is_admin FROM messages ORDER BY id") == [(0,), (0,)]
