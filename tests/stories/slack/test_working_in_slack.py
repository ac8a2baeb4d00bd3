"""The team works: commands, buttons, the Home tab, and who may do what."""

from fixtures.cast import ALERTS, ANNA, CASEBOOK, DORA, EMIL, GITA, HUGO, LOG, SHARED, SUPPORT, Channel


async def test_an_admin_works_through_a_case_with_commands(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, SHARED, "The export is broken")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        status = await play.slack.command(ANNA, SUPPORT, "/case", "status")
        one = await play.slack.command(ANNA, SUPPORT, "/case", "status #1")
        listed = await play.slack.command(ANNA, SUPPORT, "/case", "list waiting")
        shown = await play.slack.command(ANNA, SUPPORT, "/case", "show case-1")
        escalated = await play.slack.command(ANNA, SUPPORT, "/case", "escalate 1 they leave us")
        again = await play.slack.command(ANNA, SUPPORT, "/case", "escalate 1")
        closed = await play.slack.command(ANNA, SUPPORT, "/case", "close CASE-0001 all is well")
        twice = await play.slack.command(ANNA, SUPPORT, "/case", "close 1")
        reopened = await play.slack.command(ANNA, SUPPORT, "/case", "reopen 1")
        await play.until(lambda: len(play.slack.messages(LOG)) >= 1, "the log")

    assert "1 open case" in status.text
    assert "CASE-0001 is open" in one.text
    assert "The export is broken" in play.slack.shows(listed)
    assert "The export is broken" in play.slack.shows(shown)
    assert "is escalated" in escalated.text
    assert again.text == "CASE-0001 is escalated already."
    assert closed.text == "CASE-0001 is closed."
    assert twice.text == "CASE-0001 is closed already."
    assert reopened.text == "CASE-0001 is open again."


async def test_wrong_commands_get_a_sentence_with_the_right_form(slack_play):
    async with slack_play.performed() as play:
        unknown = await play.slack.command(ANNA, SUPPORT, "/case", "frobnicate")
        lacking = await play.slack.command(ANNA, SUPPORT, "/case", "close")
        wrong = await play.slack.command(ANNA, SUPPORT, "/case", "show banana")
        absent = await play.slack.command(ANNA, SUPPORT, "/case", "close 99")
        helped = await play.slack.command(ANNA, SUPPORT, "/case", "")

    assert unknown.text.startswith("I do not know /case frobnicate. Possible are: status, list")
    assert lacking.text == "Say which case, for example: /case close 7"
    assert wrong.text == "banana is no case. Say which case, for example: /case show 7"
    assert absent.text == "There is no case CASE-0099."
    assert "/case reopen 7" in helped.text


async def test_a_customer_sees_their_own_case_and_nothing_else(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, SHARED, "The export is broken")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        own = await play.slack.command(DORA, SHARED, "/case", "status")
        none = await play.slack.command(EMIL, SHARED, "/case", "status")
        guest = await play.slack.command(GITA, SHARED, "/case", "close 1")
        home = await play.slack.open_home(EMIL)
        await play.until(lambda: play.slack.messages(LOG), "the refusal in the log")

    assert "Your case CASE-0001 is open" in own.text
    assert "You have no open case" in none.text
    assert "You can use /case status" in guest.text
    assert "CASE-0001" not in play.slack.shows(home)
    assert "Gita Guest" in play.slack.messages(LOG)[0].text
    assert play.read("SELECT status FROM cases") == [("open",)]


async def test_the_close_button_of_the_home_tab_closes_and_the_home_is_shown_anew(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, SHARED, "The export is broken")
        await play.slack.write(EMIL, SHARED, "This is critical")
        await play.until(lambda: len(play.slack.messages(SUPPORT)) == 2, "two cards")
        home = await play.slack.open_home(ANNA)
        before = play.slack.shows(home)
        pressed = await play.slack.press(ANNA, home, "case_close", "CASE-0001")
        await play.slack.submit(ANNA, pressed.view, {"reason": "it works again"})
        await play.until(lambda: "CASE-0001 is closed" in play.slack.shows(play.slack.home(ANNA)), "a fresh Home")
        await play.until(lambda: play.slack.messages(LOG), "the closing in the log")

    assert before.index("CASE-0002") < before.index("CASE-0001"), "what is escalated stands first"
    assert "CASE-0001 ·" not in play.slack.shows(play.slack.home(ANNA))


async def test_a_button_in_an_alert_pressed_by_a_stranger_does_nothing(slack_play):
    async with slack_play.performed(ALERTING_SLACK_CHANNEL="#support") as play:
        await play.slack.write(DORA, SHARED, "This is urgent")
        await play.until(lambda: len(play.slack.messages(SUPPORT)) == 2, "card and alert")
        card = play.slack.messages(SUPPORT)[0]
        answer = await play.slack.press(HUGO, card, "case_close")
        await play.until(lambda: answer.posts, "a private word")

    assert "for the support team" in play.slack.shows(answer.posts[0])
    assert play.slack.messages(ALERTS) == ()
    assert play.read("SELECT status FROM cases") == [("open",)]


async def test_colleagues_are_ignored_if_the_setting_says_so(slack_play):
    async with slack_play.performed(HOME_MEMBERS="ignore") as play:
        asked = await play.slack.write(DORA, SHARED, "The export is broken")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        await play.slack.write(HUGO, SHARED, "Works for me", thread_ts=asked)
        await play.slack.write(HUGO, SHARED, "Lunch, anybody?")
        await play.until(lambda: "Works for me" in play.shown(SUPPORT)[0], "the remark under the card")

    assert play.read("SELECT kind, body FROM messages ORDER BY id")[1] == ("note", "Works for me")
    assert play.read("SELECT COUNT(*) FROM cases") == [(1,)]


async def test_the_log_channel_gets_a_line_when_the_bot_is_invited(slack_play):
    async with slack_play.performed() as play:
        play.slack.kick(SHARED)
        play.slack.invite(SHARED)
        await play.until(lambda: play.slack.messages(LOG), "a line in the log channel")

    assert "I am now in #acme-and-partner" in play.slack.messages(LOG)[0].text


async def test_a_private_channel_gets_another_id_and_the_case_goes_on_there(play_on_both):
    private = Channel("G0PRIVATE", "quiet-customers", private=True)
    play_on_both.slack.add_channel(private, (DORA, ANNA, CASEBOOK))
    async with play_on_both.performed(CUSTOMER_SLACK_CHANNELS=private.channel_id) as play:
        asked = await play.slack.write(DORA, private, "The export is broken")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        play.slack.change_id(private, "C0PRIVATE", shared=True)
        await play.until(lambda: any("C0PRIVATE" in line for line in play.shown(LOG)), "a line in the log channel")
        await play.slack.write(DORA, "C0PRIVATE", "It is for Friday", thread_ts=asked)
        await play.until(lambda: "2 messages" in play.shown(SUPPORT)[0], "the second message in the same case")
        (card,) = play.slack.messages(SUPPORT)
        await play.slack.write(ANNA, SUPPORT, "reply: Mended", thread_ts=card.ts)
        await play.until(lambda: play.slack.thread("C0PRIVATE", asked)[1:], "the answer in the new channel", 20)

    (line,) = [line for line in play.shown(LOG) if "C0PRIVATE" in line]
    assert "Write C0PRIVATE for it in CUSTOMER_SLACK_CHANNELS" in line
    assert "Mended" in play.slack.shows(play.slack.thread("C0PRIVATE", asked)[1])
    assert play.read("SELECT DISTINCT place FROM messages WHERE standing = 'customer'") == [("C0PRIVATE",)]


async def test_an_admin_who_is_made_a_guest_loses_the_buttons_at_once(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, SHARED, "The export is broken")
        (card,) = await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        before = await play.slack.open_home(ANNA)
        taken = await play.slack.press(ANNA, card, "case_take")
        await play.until(lambda: taken.own, "the answer to the button")
        play.slack.change_person(ANNA, guest=True)
        await play.until(lambda: "CASE-0001" not in str(play.slack.state.homes[ANNA.user_id]), "the Home without cases")
        refused = await play.slack.press(ANNA, play.slack.messages(SUPPORT)[0], "case_escalate")
        await play.until(lambda: refused.own, "the refusal")

    assert "CASE-0001" in str(before)
    assert "for the support team" in play.slack.shows(refused)
    assert play.read("SELECT escalated FROM cases") == [(0,)]
