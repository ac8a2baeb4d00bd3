"""Slack refuses, limits or does not answer calls: nothing is dropped and nothing is posted twice."""

import asyncio
import itertools

import aiohttp

from fixtures.cast import ALERTS, ANNA, DORA, EMIL, FAYE, LOG, SHARED, SUPPORT


async def health(play):
    """Status code and body of /health."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{play.bot.web.port}/health") as answer,
    ):
        return answer.status, await answer.json()


async def test_a_post_to_a_channel_without_the_bot_is_kept_and_sent_after_an_invitation(slack_play):
    async with slack_play.performed() as play:
        play.slack.kick(ALERTS)
        await play.slack.write(DORA, SHARED, "This is urgent")
        await play.until(lambda: any(call.error == "not_in_channel" for call in play.slack.calls), "the refusal")
        await play.slack.write(EMIL, SHARED, "Hello")
        await play.until(lambda: len(play.slack.messages(SUPPORT)) == 2, "other channels to go on")
        refused = play.read("SELECT kind, state, error FROM notices WHERE state = 'failed'")
        status, body = await health(play)
        play.slack.invite(ALERTS)
        await play.until(lambda: play.slack.messages(ALERTS), "the alert at last", 30)
        await play.until(lambda: play.read("SELECT id FROM notices WHERE state = 'failed'") == [], "nothing refused")
        healed = (await health(play))[1]["status"]

    assert refused == [("alert", "failed", "not_in_channel")]
    assert (status, body["status"]) == (200, "degraded")
    assert healed == "healthy"


async def test_the_retry_after_of_slack_is_respected(slack_play):
    async with slack_play.performed() as play:
        play.slack.faults.rate_limit("chat.postMessage", 2, channel=SUPPORT, times=1)
        await play.slack.write(DORA, SHARED, "The export is broken")
        await play.slack.command(EMIL, SHARED, "/case", "close 1")
        await play.until(lambda: play.slack.messages(LOG), "the log channel, which is not held up")
        no_card_yet = play.slack.messages(SUPPORT)
        await play.until(lambda: play.slack.messages(SUPPORT), "the card")

    tries = [
        call
        for call in play.slack.calls
        if call.method == "chat.postMessage" and call.payload["channel"] == SUPPORT.channel_id
    ]
    assert no_card_yet == ()
    assert tries[1].at - tries[0].at >= 2
    assert play.read("SELECT attempts FROM notices WHERE kind = 'card' AND state = 'sent'")[0] == (1,)


async def test_a_post_without_a_response_is_looked_up_and_not_repeated(slack_play):
    async with slack_play.performed() as play:
        play.slack.faults.drop_after_accept("chat.postMessage", times=1)
        await play.slack.write(DORA, SHARED, "The export is broken")
        looked_up = lambda: any(call.payload.get("include_all_metadata") for call in play.slack.calls)  # noqa: E731
        await play.until(looked_up, "the card to be looked up")

    assert len(play.slack.messages(SUPPORT)) == 1
    assert play.read("SELECT kind, state FROM notices") == [("card", "sent")]


async def test_a_server_error_is_tried_again(slack_play):
    async with slack_play.performed() as play:
        play.slack.faults.server_error("chat.postMessage", times=2)
        await play.slack.write(DORA, SHARED, "The export is broken")
        await play.until(lambda: play.slack.messages(SUPPORT), "the card after two errors", 30)

    assert len(play.slack.messages(SUPPORT)) == 1


async def test_one_post_a_second_and_channel_and_a_burst_of_one_case_is_one_post(slack_play):
    async with slack_play.performed(tempo=None, ESCALATION_FOLLOWUPS="99") as play:
        await play.slack.write(DORA, SHARED, "The export is broken")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        for number in range(6):
            await play.slack.write(DORA, SHARED, f"and point {number}")
        for person in (EMIL, FAYE):
            await play.slack.write(person, SHARED, "Me too")
        await play.until(lambda: len(play.slack.messages(SUPPORT)) == 3, "three cards")

    said = [call for call in play.slack.calls if call.method in ("chat.postMessage", "chat.update")]
    times = [call.at for call in said if call.payload["channel"] == SUPPORT.channel_id]
    replies = play.slack.thread(SUPPORT, play.slack.messages(SUPPORT)[0].ts)
    assert all(later - earlier > 0.95 for earlier, later in itertools.pairwise(times))
    assert len(replies) <= 2
    assert "and point 5" in play.slack.shows(replies[-1])


async def test_a_card_that_somebody_deleted_is_posted_anew(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, SHARED, "The export is broken")
        (card,) = await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        await play.slack.delete(SUPPORT, card.ts)
        await play.slack.write(ANNA, SHARED, "I'm closing this case.")
        await play.until(lambda: "· closed" in "".join(play.shown(SUPPORT)), "a new card that is closed")
        await play.until(lambda: play.slack.messages(LOG), "the closing in the log")

    assert play.read("SELECT status FROM cases") == [("closed",)]


async def test_a_user_who_cannot_be_looked_up_is_refused_and_told_so(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, SHARED, "The export is broken")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        play.slack.faults.fail("users.info", "internal_error")
        answer = await play.slack.command(ANNA, SUPPORT, "/case", "close 1")

    assert "I could not find out who you are" in answer.text
    assert play.read("SELECT status FROM cases") == [("open",)]


async def test_a_message_whose_author_cannot_be_looked_up_is_not_acknowledged_and_comes_again(slack_play):
    async with slack_play.performed() as play:
        play.slack.faults.fail("users.info", "internal_error", times=1)
        await play.slack.write(DORA, SHARED, "The export is broken")
        await play.until(lambda: any(call.error == "internal_error" for call in play.slack.calls), "the failure")
        unacknowledged = play.slack.envelopes[0].acknowledged_at
        await play.slack.redeliver()
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")

    assert unacknowledged is None
    assert play.read("SELECT message_count FROM cases") == [(1,)]


async def test_the_socket_is_reopened_and_health_shows_it(slack_play):
    async with slack_play.performed() as play:
        before = await health(play)
        await play.slack.cut()
        await play.until(lambda: play.slack.connections == 0, "the socket to be gone")
        await play.until(lambda: play.slack.connections == 1, "a new socket", 60)
        await play.slack.write(DORA, SHARED, "Hello again")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")

    assert before[1]["services"] == {
        "database": "connected",
        "email_listener": "off",
        "scheduler": "running",
        "slack": "connected",
    }
    assert before[0] == 200


async def test_slack_that_is_silent_at_the_start_is_tried_again_while_mail_is_taken_in(play):
    play.slack.faults.server_error("auth.test", times=2)
    async with play.performed():
        status, body = await health(play)
        await play.mail("The invoice is wrong.", sender="mia@customer.example.com")
        await play.until(lambda: play.slack.messages(SUPPORT), "the card, once Slack answers", 30)
        await play.slack.write(DORA, SHARED, "Hello")
        await play.until(lambda: len(play.slack.messages(SUPPORT)) == 2, "a card for Slack")

    assert (status, body["services"]["slack"]) == (503, "disconnected")
    assert "did not answer at start-up" in body["details"]["slack"]["last_error"]


async def test_a_socket_that_slack_does_not_give_at_the_start_is_asked_for_again(slack_play):
    slack_play.slack.faults.server_error("apps.connections.open", times=2)
    async with slack_play.performed() as play:
        await play.until(lambda: play.slack.connections == 1, "the socket", 30)
        await play.slack.write(DORA, SHARED, "Hello")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")


async def test_waiting_notices_are_sent_after_a_restart(slack_play):
    async with slack_play.performed() as play:
        play.slack.kick(LOG)
        await play.slack.write(DORA, SHARED, "The export is broken")
        await play.slack.write(ANNA, SHARED, "I'm closing this case.")
        await play.until(lambda: any(call.error == "not_in_channel" for call in play.slack.calls), "the refusal")
    slack_play.slack.invite(LOG)
    async with slack_play.performed() as play:
        await play.until(lambda: play.slack.messages(LOG), "the closing in the log", 70)

    assert len(play.slack.messages(LOG)) == 1


async def test_a_burst_of_first_messages_stays_within_slacks_rate_limits(slack_play):
    async with slack_play.performed() as play:
        play.slack.faults.tiers()
        await asyncio.gather(*(play.slack.write(DORA, SHARED, f"Message {number}") for number in range(60)))
        await play.until(lambda: all(sent.acknowledged_at for sent in play.slack.envelopes), "every acknowledgement")

    assert play.read("SELECT COUNT(*) FROM messages") == [(60,)]
    assert [call for call in play.slack.calls if call.error == "ratelimited"] == []
