"""A customer asks in Slack: cards, threads, alerts, answers and closings."""

import asyncio

from fixtures.cast import ALERTS, ANNA, BEN, CARLA, DORA, EMIL, HOME_TEAM, HUGO, LOG, SHARED, SUPPORT, WILMA


async def test_a_first_message_becomes_a_card_and_later_ones_are_posted_under_it(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, SHARED, "The export is *broken*")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        await play.slack.write(DORA, SHARED, "It is for Friday")
        card = play.slack.messages(SUPPORT)[0]
        await play.until(lambda: play.slack.thread(SUPPORT, card.ts), "the second message under the card")
        await play.until(lambda: "2 messages" in play.shown(SUPPORT)[0], "the card to count two messages")

    shown = play.shown(SUPPORT)
    assert len(shown) == 1
    assert "CASE-0001 · open" in shown[0]
    assert "Dora Demo" in shown[0]
    assert "The export is *broken*" in shown[0]
    assert "It is for Friday" in shown[0]
    assert play.read("SELECT case_id, customer_identifier, status, message_count FROM cases") == [
        ("CASE-0001", DORA.user_id, "open", 2)
    ]


async def test_the_fourth_message_without_an_answer_is_an_alert_the_third_is_not(slack_play):
    async with slack_play.performed() as play:
        for text in ("Hello", "Anybody there?", "I am waiting"):
            await play.slack.write(DORA, SHARED, text)
        await play.until(lambda: "3 messages" in "".join(play.shown(SUPPORT)), "three messages")
        before = play.slack.messages(ALERTS)
        await play.slack.write(DORA, SHARED, "Hello?")
        await play.until(lambda: play.slack.messages(ALERTS), "an alert")
        await play.until(lambda: "CASE-0001 · escalated" in play.shown(SUPPORT)[0], "the card to say so")

    alert = play.shown(ALERTS)[0]
    assert before == ()
    assert "CASE-0001 is escalated" in alert
    assert "fourth message since" in alert


async def test_an_answer_ends_the_episode_and_the_next_urgent_word_starts_another(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, SHARED, "This is URGENT, urgently so")
        await play.until(lambda: play.slack.messages(ALERTS), "an alert")
        await play.slack.write(ANNA, SHARED, "We are on it")
        await play.until(lambda: "no longer escalated" in play.shown(ALERTS)[0], "the alert to end")
        await play.slack.write(DORA, SHARED, "An emergency!")
        await play.until(lambda: len(play.slack.messages(ALERTS)) == 2, "a second alert")

    first, second = play.shown(ALERTS)
    assert "Anna Example answered" in first
    assert 'says "emergency"' in second
    assert play.read("SELECT COUNT(*) FROM episodes") == [(2,)]


async def test_the_phrase_closes_and_the_log_channel_gets_exactly_one_line(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, SHARED, "The export is broken")
        await play.slack.write(BEN, SHARED, "Mended. *I\u2019m closing  this case*")
        await play.until(lambda: play.slack.messages(LOG), "a line in the log channel")
        await play.until(lambda: "· closed" in "".join(play.shown(SUPPORT)), "the card to be closed")

    ((closed_at,),) = play.read("SELECT closed_at FROM cases")
    stamp = closed_at[:19] + "Z"
    assert [post.text for post in play.slack.messages(LOG)] == [f"Case #CASE-0001 closed at {stamp} by Ben Beispiel"]


async def test_the_phrase_from_a_customer_or_in_quoted_text_closes_nothing(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, SHARED, "I'm closing this case.")
        await play.slack.write(ANNA, SHARED, "> I'm closing this case.\nPlease do not")
        await play.until(lambda: "2 messages" in "".join(play.shown(SUPPORT)), "both messages")

    assert play.read("SELECT status FROM cases") == [("open",)]
    assert play.slack.messages(LOG) == ()


async def test_with_two_open_cases_in_a_channel_the_admin_is_asked_and_nothing_is_guessed(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, SHARED, "The export is broken")
        await play.slack.write(EMIL, SHARED, "The import is broken")
        await play.until(lambda: len(play.slack.messages(SUPPORT)) == 2, "two cards")
        await play.slack.write(CARLA, SHARED, "I'm closing this case.")
        (question,) = await play.until(lambda: play.slack.ephemerals(CARLA), "a private question")
        open_before = play.read("SELECT COUNT(*) FROM cases WHERE status = 'open'")
        await play.slack.press(CARLA, question, "place_message:CASE-0002")
        await play.until(lambda: play.slack.messages(LOG), "the closing in the log")

    assert "Several cases fit" in play.slack.shows(question)
    assert open_before == [(2,)]
    assert play.read("SELECT case_id, status FROM cases ORDER BY number") == [
        ("CASE-0001", "open"),
        ("CASE-0002", "closed"),
    ]


async def test_a_note_under_the_card_is_not_sent_to_the_customer_and_can_close(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, SHARED, "The export is broken")
        (card,) = await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        await play.slack.write(ANNA, SUPPORT, "Their contract ended. I'm closing this case.", thread_ts=card.ts)
        await play.slack.write(HUGO, SUPPORT, "Really? I'm closing this case.", thread_ts=card.ts)
        await play.until(lambda: play.slack.messages(LOG), "the closing in the log")

    assert play.slack.thread(SHARED, play.slack.messages(SHARED)[0].ts) == ()
    assert play.read("SELECT kind, is_admin FROM messages WHERE kind = 'note' ORDER BY id")[0] == ("note", 1)
    assert play.read("SELECT status, closed_by FROM cases") == [("closed", ANNA.user_id)]


async def test_edits_and_deletions_reach_the_card_and_the_copies(slack_play):
    async with slack_play.performed() as play:
        first = await play.slack.write(DORA, SHARED, "The exprot is broken")
        second = await play.slack.write(DORA, SHARED, "My password is swordfish")
        await play.until(lambda: "swordfish" in "".join(play.shown(SUPPORT)), "the copy under the card")
        await play.slack.edit(SHARED, first, "The export is broken, critical!")
        await play.slack.delete(SHARED, second)
        await play.until(lambda: "swordfish" not in play.shown(SUPPORT)[0], "the deletion to reach the copy")
        await play.until(lambda: "The export is broken" in play.shown(SUPPORT)[0], "the edit to reach the card")
        await play.until(lambda: play.slack.messages(ALERTS), "the new keyword to escalate")

    assert play.read("SELECT outcome FROM ledger ORDER BY id") == [("edited",), ("deleted",)]
    assert play.read("SELECT body FROM versions") == [("The exprot is broken",)]
    assert play.read("SELECT body FROM messages ORDER BY id")[1] == ("",)


async def test_a_closed_customer_gets_a_new_case_that_says_what_it_follows(slack_play):
    async with slack_play.performed() as play:
        asked = await play.slack.write(DORA, SHARED, "The export is broken")
        await play.slack.write(ANNA, SHARED, "I'm closing this case.", thread_ts=asked)
        await play.until(lambda: play.slack.messages(LOG), "the closing in the log")
        await play.slack.write(DORA, SHARED, "It is broken again", thread_ts=asked)
        await play.until(lambda: len(play.slack.messages(SUPPORT)) == 2, "a second card")

    assert "follows CASE-0001" in play.shown(SUPPORT)[1]


async def test_fifty_first_messages_at_the_same_moment_open_one_case(play_on_both):
    async with play_on_both.performed() as play:
        await asyncio.gather(*(play.slack.write(DORA, SHARED, f"Message {number}") for number in range(50)))
        await play.until(lambda: all(sent.acknowledged_at for sent in play.slack.envelopes), "every acknowledgement")

    assert play.read("SELECT case_id, message_count FROM cases") == [("CASE-0001", 50)]
    assert play.read("SELECT COUNT(*) FROM messages") == [(50,)]


async def test_an_event_that_slack_sends_again_changes_nothing(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, SHARED, "The export is broken")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        play.slack.envelopes[0].acknowledged_at = None
        await play.slack.redeliver()
        await play.until(lambda: play.slack.envelopes[-1].acknowledged_at, "the second acknowledgement")

    assert len(play.slack.envelopes) >= 2
    assert play.read("SELECT message_count FROM cases") == [(1,)]
    assert play.read("SELECT COUNT(*) FROM ledger") == [(1,)]


async def test_direct_messages_are_cases_for_customers_and_help_for_admins(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, play.slack.direct_channel(DORA), "May I ask in private?")
        await play.slack.write(ANNA, play.slack.direct_channel(ANNA), "hello")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        await play.until(lambda: len(play.slack.direct(ANNA)) == 2, "an answer to the admin")

    assert "May I ask in private?" in play.shown(SUPPORT)[0]
    assert "/case status" in play.slack.shows(play.slack.direct(ANNA)[1])
    assert play.read("SELECT outcome FROM ledger ORDER BY outcome") == [("ignored",), ("ignored",), ("message",)]


async def test_a_silent_case_is_escalated_by_the_clock(slack_play):
    async with slack_play.performed(ESCALATION_HOURS="0.0005") as play:
        await play.slack.write(DORA, SHARED, "The export is broken")
        await play.until(lambda: play.slack.messages(ALERTS), "an alert")

    assert "waiting for our answer for" in play.shown(ALERTS)[0]


async def test_a_customer_is_told_of_the_closing_if_the_setting_says_so(slack_play):
    async with slack_play.performed(TELL_CUSTOMER_ON_CLOSE="true") as play:
        asked = await play.slack.write(DORA, SHARED, "The export is broken")
        await play.slack.write(ANNA, SHARED, "I'm closing this case.")
        await play.until(lambda: play.slack.thread(SHARED, asked), "a word to the customer")

    assert "Your case CASE-0001 is closed" in play.slack.shows(play.slack.thread(SHARED, asked)[0])


async def test_an_event_that_cannot_be_read_is_quarantined_once_and_the_next_one_is_read(slack_play):
    broken = {"type": "message", "channel": SHARED.channel_id, "user": DORA.user_id, "text": "Hello", "ts": "yesterday"}
    async with slack_play.performed() as play:
        for _ in range(2):
            await play.slack.send_event(broken)
        await play.slack.write(DORA, SHARED, "The export is broken")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        await play.until(lambda: play.slack.messages(LOG), "a word in the log channel")

    assert play.read("SELECT outcome FROM ledger ORDER BY id") == [("quarantined",), ("message",)]
    assert all(sent.acknowledged_at for sent in play.slack.envelopes[:3])


async def test_an_unknown_kind_of_event_is_acknowledged_and_ignored(slack_play):
    async with slack_play.performed() as play:
        await play.slack.send_event({"type": "invented_tomorrow", "user": DORA.user_id})
        await play.until(lambda: play.slack.envelopes[-1].acknowledged_at, "the acknowledgement")

    assert play.read("SELECT COUNT(*) FROM ledger") == [(0,)]


async def test_an_admin_of_the_same_organisation_answers_and_presses_like_every_other(slack_play):
    slack_play.slack.join_organisation()
    slack_play.slack.add_person(WILMA, SHARED, SUPPORT)
    async with slack_play.performed(ADMIN_SLACK_IDS=WILMA.user_id) as play:
        asked = await play.slack.write(DORA, SHARED, "A question for the grid, urgent")
        await play.until(lambda: play.slack.messages(ALERTS), "an alert")
        await play.slack.write(WILMA, SHARED, "Answer by an admin of the same organisation", thread_ts=asked)
        await play.until(lambda: "no longer escalated" in play.shown(ALERTS)[0], "the alert to end")
        (card,) = play.slack.messages(SUPPORT)
        await play.slack.press(WILMA, card, "case_take")
        await play.until(lambda: "Wilma Weit" in play.shown(SUPPORT)[0], "the card to say whose it is")

    assert "Wilma Weit answered" in play.shown(ALERTS)[0]
    assert play.read("SELECT external_id FROM messages WHERE standing = 'customer'") == [
        (f"{HOME_TEAM}:{SHARED.channel_id}:{asked}",)
    ]
    assert play.read("SELECT is_admin FROM messages ORDER BY id") == [(0,), (1,)]
