"""Admins answer from Slack: under the card, by form and by command; answers are undone, sent and refused."""

from fixtures.cast import ALERTS, ANNA, BEN, DORA, EMIL, HUGO, LOG, MAIL_CUSTOMERS, SHARED, SUPPORT


async def a_case(play, person=DORA, text="The export is broken"):
    """Let a customer write, and wait for the card; returns the ts of the message and the card."""
    before = len(play.slack.messages(SUPPORT))
    asked = await play.slack.write(person, SHARED, text)
    await play.until(lambda: len(play.slack.messages(SUPPORT)) > before, "a card")
    return asked, play.slack.messages(SUPPORT)[-1]


async def stored(play, text):
    """Wait until a message is stored, so that later ones are stored after it."""
    await play.until(lambda: (text,) in play.read("SELECT body FROM messages"), f"{text!r} in the book")


async def test_text_under_the_card_is_a_note_unless_it_begins_with_reply(slack_play):
    async with slack_play.performed(UNDO_SECONDS="0") as play:
        asked, card = await a_case(play)
        await play.slack.write(ANNA, SUPPORT, "They are new here", thread_ts=card.ts)
        await stored(play, "They are new here")
        await play.slack.write(ANNA, SUPPORT, "Reply: It is *mended* now", thread_ts=card.ts)
        (answer,) = await play.until(lambda: play.slack.thread(SHARED, asked), "the answer in the customer's thread")
        await play.until(lambda: "✓ Anna Example answered" in play.shown(SUPPORT)[0], "the mark under the card")

    assert answer.text == "It is *mended* now"
    assert answer.username == "Anna Example"
    assert play.read("SELECT kind, is_admin, body FROM messages ORDER BY id") == [
        ("message", 0, "The export is broken"),
        ("note", 1, "They are new here"),
        ("message", 1, "It is *mended* now"),
    ]
    assert play.read("SELECT waiting_since, message_count FROM cases") == [(None, 2)]


async def test_an_answer_that_is_undone_closes_nothing(slack_play):
    async with slack_play.performed(UNDO_SECONDS="60") as play:
        asked, card = await a_case(play)
        await play.slack.write(ANNA, SUPPORT, "reply: Mended. I'm closing this case.", thread_ts=card.ts)
        await play.until(lambda: "[Undo]" in play.shown(SUPPORT)[0], "the button")
        state = next(post for post in play.slack.thread(SUPPORT, card.ts) if "[Undo]" in play.slack.shows(post))
        pressed = await play.slack.press(BEN, state, "answer_undo")
        await play.until(lambda: "was taken back" in play.shown(SUPPORT)[0], "the mark")
        await play.until(lambda: pressed.posts, "a private word")

    assert play.slack.thread(SHARED, asked) == ()
    assert play.read("SELECT status FROM cases") == [("open",)]
    assert play.read("SELECT state FROM notices WHERE kind = 'answer'") == [("dropped",)]
    assert play.read("SELECT kind FROM messages ORDER BY id") == [("message",), ("note",)]


async def test_the_phrase_in_an_answer_closes_when_it_is_sent(slack_play):
    async with slack_play.performed(UNDO_SECONDS="0.5") as play:
        asked, card = await a_case(play)
        await play.slack.write(ANNA, SUPPORT, "reply: Mended. I'm closing this case.", thread_ts=card.ts)
        await play.until(lambda: play.slack.thread(SHARED, asked), "the answer")
        await play.until(lambda: play.slack.messages(LOG), "the closing in the log")

    assert play.read("SELECT status, closed_by FROM cases") == [("closed", ANNA.user_id)]


async def test_an_answer_that_was_sent_cannot_be_undone(slack_play):
    async with slack_play.performed(UNDO_SECONDS="1") as play:
        asked, card = await a_case(play)
        await play.slack.write(ANNA, SUPPORT, "reply: Mended", thread_ts=card.ts)
        await play.until(lambda: "[Undo]" in play.shown(SUPPORT)[0], "the button")
        state = next(post for post in play.slack.thread(SUPPORT, card.ts) if "[Undo]" in play.slack.shows(post))
        play.slack.faults.hang("chat.update")
        await play.until(lambda: play.slack.thread(SHARED, asked), "the answer")
        pressed = await play.slack.press(ANNA, state, "answer_undo")
        await play.until(lambda: pressed.posts, "a private word")
        play.slack.faults.clear()

    assert "too late" in play.slack.shows(pressed.posts[0])


async def test_an_answer_by_form_ends_the_episode(slack_play):
    async with slack_play.performed(UNDO_SECONDS="0") as play:
        asked, _ = await a_case(play, text="This is urgent")
        await play.until(lambda: play.slack.messages(ALERTS), "an alert")
        pressed = await play.slack.press(ANNA, play.slack.messages(ALERTS)[0], "case_reply")
        await play.slack.submit(ANNA, pressed.view, {"text": "We are on it"})
        await play.until(lambda: play.slack.thread(SHARED, asked), "the answer")
        await play.until(lambda: "no longer escalated" in play.shown(ALERTS)[0], "the end of the episode")

    assert "Anna Example answered" in play.shown(ALERTS)[0]


async def test_an_answer_that_slack_refuses_is_shown_where_it_was_written(slack_play):
    async with slack_play.performed(UNDO_SECONDS="0") as play:
        asked, card = await a_case(play)
        play.slack.kick(SHARED)
        await play.slack.write(ANNA, SUPPORT, "reply: Mended", thread_ts=card.ts)
        await play.until(lambda: "Not sent, and tried again: not_in_channel" in play.shown(SUPPORT)[0], "the failure")
        play.slack.invite(SHARED)
        await play.until(lambda: play.slack.thread(SHARED, asked), "the answer at last", 30)
        await play.until(lambda: "✓ Anna Example answered" in play.shown(SUPPORT)[0], "the mark")


async def test_without_a_mail_server_the_form_says_so_before_anything_is_typed(
    play,
):
    async with play.performed(SMTP_SERVER=""):
        await play.mail("The invoice is wrong.", sender=MAIL_CUSTOMERS[0])
        (card,) = await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        pressed = await play.slack.press(ANNA, card, "case_reply")
        await play.until(lambda: pressed.posts, "a private word")
        await play.slack.write(ANNA, SUPPORT, "reply: It is mended", thread_ts=card.ts)
        await play.until(lambda: len(play.slack.ephemerals(ANNA)) == 2, "a second private word")

    assert pressed.view is None
    assert "answer from your mail program" in play.slack.shows(pressed.posts[0])
    assert "kept as a note" in play.slack.shows(play.slack.ephemerals(ANNA)[1])
    assert play.read("SELECT kind, body FROM messages ORDER BY id")[1] == ("note", "reply: It is mended")


async def test_the_buttons_take_note_calm_and_whole_message_work(slack_play):
    async with slack_play.performed() as play:
        _, card = await a_case(play, text="This is critical. " + "All the details. " * 300)
        await play.until(lambda: play.slack.messages(ALERTS), "an alert")
        await play.slack.press(BEN, card, "case_take")
        await play.until(lambda: "Ben Beispiel has it" in play.shown(SUPPORT)[0], "who has it")
        noted = await play.slack.press(BEN, card, "case_note")
        await play.slack.submit(BEN, noted.view, {"text": "They always say so"})
        await play.until(lambda: "They always say so" in play.shown(SUPPORT)[0], "the note under the card")
        whole = await play.slack.press(BEN, card, "case_whole")
        await play.until(lambda: "[Calm]" in play.shown(SUPPORT)[0], "the card to offer Calm")
        await play.slack.press(BEN, card, "case_calm")
        await play.until(lambda: "no longer escalated" in play.shown(ALERTS)[0], "the end of the episode")

    assert "".join(play.slack.shows(whole.view).split()).count("Allthedetails.") == 300
    assert "Ben Beispiel calmed it" in play.shown(ALERTS)[0]
    assert play.read("SELECT assigned_to, escalated FROM cases") == [(BEN.user_id, 0)]


async def test_closing_by_form_with_a_reason_and_a_message_to_the_customer(slack_play):
    async with slack_play.performed() as play:
        asked, card = await a_case(play)
        pressed = await play.slack.press(ANNA, card, "case_close")
        await play.slack.submit(ANNA, pressed.view, {"reason": "a known fault", "word": "Thank you for telling us!"})
        await play.until(lambda: play.slack.thread(SHARED, asked), "the word to the customer")
        await play.until(lambda: play.slack.messages(LOG), "the closing in the log")

    assert "Thank you for telling us!" in play.slack.shows(play.slack.thread(SHARED, asked)[0])
    assert play.read("SELECT detail FROM events WHERE kind = 'closed'") == [("a known fault",)]


async def test_shortcuts_open_a_case_add_to_it_and_close_it(slack_play):
    async with slack_play.performed(HOME_MEMBERS="ignore") as play:
        left_out = await play.slack.write(HUGO, SHARED, "My printer is on fire")
        await play.slack.shortcut(ANNA, "open_case", SHARED, left_out)
        await play.until(lambda: play.slack.messages(SUPPORT), "a card for the colleague")
        more = await play.slack.write(HUGO, SHARED, "It is put out")
        await play.until(lambda: len(play.read("SELECT id FROM ledger")) == 2, "the second message in the ledger", 3)
        adding = await play.slack.shortcut(ANNA, "add_to_case", SHARED, more)
        wrong = await play.slack.submit(ANNA, adding.view, {"case": "the first"})
        await play.slack.submit(ANNA, adding.view, {"case": "1"})
        await play.until(lambda: "It is put out" in play.shown(SUPPORT)[0], "the second message under the card")
        closing = await play.slack.shortcut(ANNA, "close_this_case", SHARED, left_out)
        await play.slack.submit(ANNA, closing.view, {})
        await play.until(lambda: play.slack.messages(LOG), "the closing in the log")

    assert "Type a case such as 7" in str(wrong.errors)
    assert play.read("SELECT customer_identifier, status, message_count FROM cases") == [(HUGO.user_id, "closed", 2)]


async def test_the_commands_note_reply_take_assign_calm_and_why_work(slack_play):
    async with slack_play.performed(UNDO_SECONDS="0") as play:
        asked, _ = await a_case(play, person=EMIL, text="This is an emergency")
        noted = await play.slack.command(ANNA, SUPPORT, "/case", "note 1 call them at noon")
        taken = await play.slack.command(ANNA, SUPPORT, "/case", "take 1")
        given = await play.slack.command(ANNA, SUPPORT, "/case", f"assign 1 <@{BEN.user_id}|ben>")
        refused = await play.slack.command(ANNA, SUPPORT, "/case", f"assign 1 <@{HUGO.user_id}|hugo>")
        nobody = await play.slack.command(ANNA, SUPPORT, "/case", "assign 1 ben")
        empty = await play.slack.command(ANNA, SUPPORT, "/case", "note 1")
        why = await play.slack.command(ANNA, SUPPORT, "/case", "why 1")
        calmed = await play.slack.command(ANNA, SUPPORT, "/case", "calm 1")
        again = await play.slack.command(ANNA, SUPPORT, "/case", "calm 1")
        replied = await play.slack.command(ANNA, SUPPORT, "/case", "reply 1 Help is coming")
        await play.until(lambda: play.slack.thread(SHARED, asked), "the answer")
        later = await play.slack.command(ANNA, SUPPORT, "/case", "why 1")

    assert noted.text == "Your note is kept with CASE-0001."
    assert taken.text == "CASE-0001 is yours."
    assert given.text == "Ben Beispiel has CASE-0001 now."
    assert "is no admin" in refused.text
    assert nobody.text == "Say who, for example: /case assign 7 @ben"
    assert empty.text == "Say what, for example: /case note 7 It is mended."
    assert 'says "emergency"' in why.text
    assert "goes on" in why.text
    assert calmed.text == "CASE-0001 is calm again."
    assert again.text == "CASE-0001 is not escalated."
    assert "under the card of CASE-0001" in replied.text
    assert "Anna Example calmed it" in later.text
    assert "Silence escalates after 48 h" in later.text


async def test_an_answer_that_is_edited_in_time_goes_out_as_it_is_then_and_a_deleted_one_not_at_all(slack_play):
    async with slack_play.performed(UNDO_SECONDS="4") as play:
        asked, card = await a_case(play)
        first = await play.slack.write(ANNA, SUPPORT, "reply: Twelve oclock", thread_ts=card.ts)
        await stored(play, "Twelve oclock")
        second = await play.slack.write(ANNA, SUPPORT, "reply: You fool", thread_ts=card.ts)
        await play.until(lambda: play.shown(SUPPORT)[0].count("[Undo]") == 2, "both answers to wait")
        await play.slack.edit(SUPPORT, first, "reply: Twelve o'clock")
        await play.slack.delete(SUPPORT, second)
        await play.until(lambda: play.slack.thread(SHARED, asked), "the answer")
        await play.until(lambda: "was taken back" in play.shown(SUPPORT)[0], "the mark of the other")

    assert [post.text for post in play.slack.thread(SHARED, asked)] == ["Twelve o'clock"]
    assert play.read("SELECT state FROM notices WHERE kind = 'answer' ORDER BY id") == [("sent",), ("dropped",)]


async def waiting_with_undo(play):
    """Write an answer under the card that waits to be sent."""
    await play.until(lambda: "[Undo]" in play.shown(SUPPORT)[0], "an answer to wait")


async def test_an_answer_that_is_edited_to_a_note_in_time_does_not_go_out(slack_play):
    async with slack_play.performed(UNDO_SECONDS="3") as play:
        asked, card = await a_case(play)
        first = await play.slack.write(ANNA, SUPPORT, "reply: We will refund you", thread_ts=card.ts)
        await stored(play, "We will refund you")
        second = await play.slack.write(ANNA, SUPPORT, "reply: We look into it", thread_ts=card.ts)
        await play.until(lambda: play.shown(SUPPORT)[0].count("[Undo]") == 2, "both answers to wait")
        await play.slack.edit(SUPPORT, first, "Shall we refund them?")
        await play.until(lambda: "made this answer a note" in play.shown(SUPPORT)[0], "the mark of the note")
        await play.until(lambda: play.slack.thread(SHARED, asked), "the other answer")
        await play.until(lambda: "✓ Anna Example answered" in play.shown(SUPPORT)[0], "the mark of the other")

    assert second
    assert [post.text for post in play.slack.thread(SHARED, asked)] == ["We look into it"]
    assert play.read("SELECT kind, standing, body FROM messages ORDER BY id")[1:] == [
        ("note", "note", "Shall we refund them?"),
        ("message", "admin", "We look into it"),
    ]


async def test_a_note_that_is_edited_to_an_answer_goes_out_unless_it_is_taken_back(slack_play):
    async with slack_play.performed(UNDO_SECONDS="1") as play:
        asked, card = await a_case(play)
        noted = await play.slack.write(ANNA, SUPPORT, "It is mended", thread_ts=card.ts)
        await play.until(lambda: len(play.read("SELECT id FROM messages")) == 2, "the note in the book")
        await play.slack.edit(SUPPORT, noted, "reply: It is mended now")
        await waiting_with_undo(play)
        await play.until(lambda: play.slack.thread(SHARED, asked), "the answer")
        await play.until(lambda: "✓ Anna Example answered" in play.shown(SUPPORT)[0], "the mark")

    assert [post.text for post in play.slack.thread(SHARED, asked)] == ["It is mended now"]
    assert play.read("SELECT waiting_since, message_count FROM cases") == [(None, 2)]


async def test_an_edit_of_a_sent_answer_changes_nothing_and_the_team_is_told(slack_play):
    async with slack_play.performed(UNDO_SECONDS="0") as play:
        asked, card = await a_case(play)
        written = await play.slack.write(ANNA, SUPPORT, "reply: It is mended", thread_ts=card.ts)
        await play.until(lambda: play.slack.thread(SHARED, asked), "the answer")
        await play.until(lambda: "✓ Anna Example answered" in play.shown(SUPPORT)[0], "the mark")
        await play.slack.edit(SUPPORT, written, "It is not mended at all")
        (word,) = await play.until(lambda: play.slack.ephemerals(ANNA), "a private word")

    assert "The customer has this answer as it was sent" in play.slack.shows(word)
    assert [post.text for post in play.slack.thread(SHARED, asked)] == ["It is mended"]
    assert play.read("SELECT body FROM messages ORDER BY id")[1] == ("It is mended",)


async def test_an_edit_of_an_undone_answer_sends_nothing_and_the_team_is_told(slack_play):
    async with slack_play.performed(UNDO_SECONDS="60") as play:
        asked, card = await a_case(play)
        written = await play.slack.write(ANNA, SUPPORT, "reply: It is mended", thread_ts=card.ts)
        await waiting_with_undo(play)
        state = next(post for post in play.slack.thread(SUPPORT, card.ts) if "[Undo]" in play.slack.shows(post))
        await play.slack.press(ANNA, state, "answer_undo")
        await play.until(lambda: "was taken back" in play.shown(SUPPORT)[0], "the mark")
        told = len(play.slack.ephemerals(ANNA))
        await play.slack.edit(SUPPORT, written, "reply: It is mended for good")
        await play.until(lambda: len(play.slack.ephemerals(ANNA)) > told, "a private word")

    assert "Nothing was sent" in play.slack.shows(play.slack.ephemerals(ANNA)[-1])
    assert play.slack.thread(SHARED, asked) == ()
