"""Messages written while the connection to Slack fails are stored once, though Slack never sends them again."""

from fixtures.cast import DORA, SHARED, SUPPORT


async def test_messages_written_while_no_socket_was_open_are_read_back_once(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, SHARED, "The export is broken")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        play.slack.faults.server_error("apps.connections.open")
        await play.slack.cut()
        await play.until(lambda: play.slack.connections == 0, "the socket to be gone")
        await play.slack.write(DORA, SHARED, "And the import as well")
        unheard = play.slack.envelopes[-1]
        await play.until(lambda: "And the import as well" in "".join(play.shown(SUPPORT)), "the second message", 30)

    assert play.read("SELECT message_count FROM cases") == [(2,)]
    assert unheard.connection is None


async def test_messages_that_could_not_be_stored_are_read_back_when_storing_works_again(slack_play):
    async with slack_play.performed() as play:
        play.slack.faults.fail("users.info", "internal_error")
        await play.slack.write(DORA, SHARED, "The export is broken")
        await play.until(lambda: any(call.error == "internal_error" for call in play.slack.calls), "the failure")
        play.slack.faults.clear()
        await play.until(lambda: play.slack.messages(SUPPORT), "a card", 30)

    assert play.slack.envelopes[0].acknowledged_at is None
    assert play.read("SELECT message_count FROM cases") == [(1,)]
