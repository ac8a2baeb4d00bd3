"""Slack, a proxy or a login page sends invalid responses: the bot keeps running and answers each press."""

import pytest

from fixtures.cast import ANNA, DORA, EMIL, LOG, SHARED, SUPPORT, Channel
from fixtures.workspace.http.odd_answers import BROKEN, LIMITED
from fixtures.workspace.methods import METHODS

ODD = BROKEN | LIMITED
KINDS = ("503, a text", "a page", "a list")


@pytest.mark.parametrize(
    "method", ["auth.test", "conversations.list", "conversations.info", "apps.connections.open", "users.conversations"]
)
async def test_the_bot_starts_as_soon_as_slack_answers(slack_play, method):
    for kind in ("503, a text", "a list"):
        slack_play.slack.faults.answer(method, ODD[kind], times=1)
    async with slack_play.performed() as play:
        await play.until(lambda: play.slack.connections == 1, "the socket", 30)
        await play.slack.write(DORA, SHARED, "Hello")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card", 30)

    assert play.read("SELECT body FROM messages") == [("Hello",)]


@pytest.mark.parametrize("kind", KINDS)
async def test_every_press_is_acknowledged_and_nothing_is_lost_while_no_method_answers(slack_play, kind):
    async with slack_play.performed(UNDO_SECONDS="0") as play:
        await play.slack.write(DORA, SHARED, "The export is broken")
        (card,) = await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        note = (await play.slack.press(ANNA, card, "case_note")).view  # the user is in the cache from now on
        for method in (*METHODS, "response_url", "upload", "download"):
            play.slack.faults.answer(method, ODD[kind])
        form = await play.slack.press(ANNA, card, "case_reply")
        stranger = await play.slack.command(EMIL, SHARED, "/case", "status")
        listed = await play.slack.command(ANNA, SUPPORT, "/case", "list")
        await play.slack.press(ANNA, card, "case_take")
        await play.slack.submit(ANNA, note, {"text": "They are new here"})
        shortcut = await play.slack.shortcut(ANNA, "open_case", SHARED, play.slack.messages(SHARED)[0].ts)
        await play.slack.write(DORA, SHARED, "Is anybody there?")
        play.slack.faults.clear()
        await play.until(lambda: "Is anybody there?" in "".join(play.shown(SUPPORT)), "the message", 30)

    assert form.view is None
    assert shortcut.view is None
    assert "could not find out who you are" in stranger.text
    assert "CASE-0001" in play.slack.shows(listed)
    assert play.read("SELECT kind, body FROM messages ORDER BY id") == [
        ("message", "The export is broken"),
        ("note", "They are new here"),
        ("message", "Is anybody there?"),
    ]
    assert play.read("SELECT assigned_to FROM cases") == [(ANNA.user_id,)]
    assert play.read("SELECT id FROM ledger WHERE outcome = 'quarantined'") == []
    assert len([post for post in play.slack.messages(SUPPORT) if "The export is broken" in play.slack.shows(post)]) == 1


async def test_a_shortcut_on_a_message_without_a_known_author_is_answered(slack_play):
    async with slack_play.performed() as play:
        await play.slack.command(ANNA, SUPPORT, "/case", "status")  # she is in the cache from now on
        play.slack.faults.answer("users.info", ODD["a page"])
        emils = await play.slack.write(EMIL, SHARED, "Hello")
        asked = await play.slack.shortcut(ANNA, "open_case", SHARED, emils)
        await play.until(lambda: asked.posts, "a private word")

    assert "Slack did not tell me what I need for that" in play.slack.shows(asked.posts[0])


async def test_an_invitation_is_logged_though_slack_does_not_return_the_channels_name(slack_play):
    async with slack_play.performed() as play:
        fresh = Channel("C0FRESH01", "fresh")
        play.slack.add_channel(fresh, (DORA,))
        play.slack.faults.answer("conversations.info", ODD["a page"])
        play.slack.invite(fresh)
        await play.until(lambda: play.slack.messages(LOG), "a line in the log")

    assert "I am now in the channel C0FRESH01" in play.shown(LOG)[0]
