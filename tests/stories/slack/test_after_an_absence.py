"""After an outage, what people wrote, edited and deleted meanwhile is in the database once, and the bot reports it."""

from fixtures.cast import ANNA, DORA, EMIL, LOG, SHARED, SUPPORT

CHANNELS = (SHARED.channel_id, SUPPORT.channel_id)
BODIES = "SELECT body FROM messages ORDER BY id"


def read_so_far(play):
    """The channels whose position is stored."""
    doors = [door.split(":") for (door,) in play.read("SELECT door FROM positions WHERE door LIKE 'slack:%'")]
    return {parts[2] for parts in doors if len(parts) == 3}


async def test_after_an_outage_everything_is_in_the_database_once_in_order_and_the_log_channel_says_so(play_on_both):
    play, slack = play_on_both, play_on_both.slack
    async with play.performed():
        first = await slack.write(DORA, SHARED, "It does not work")
        (card,) = await play.until(lambda: slack.messages(SUPPORT), "the card is in the support channel")
        wrong = await slack.write(DORA, SHARED, "My password is swordfish")
        await play.until(lambda: len(slack.thread(SUPPORT, card.ts)) == 1, "the second message is under it")
        await play.stage.mailbox.until(lambda: set(CHANNELS) <= read_so_far(play))

    await slack.write(EMIL, SHARED, "With me neither")
    await slack.edit(SHARED, first, "It does not work at all")
    await slack.write(ANNA, SUPPORT, "looks like last week", thread_ts=card.ts)
    await slack.write(DORA, SHARED, "and now it is worse", thread_ts=first)
    await slack.delete(SHARED, wrong)
    await slack.write(ANNA, SUPPORT, "reply: try again now", thread_ts=card.ts)
    slack.clock_offset += 90  # newer messages may still be delivered by an event, and are not checked for deletion
    async with play.performed(UNDO_SECONDS="0"):
        posted = await play.until(
            lambda: [text for text in play.shown(LOG) if "I was away" in text], "the log channel reports the outage"
        )
        await play.until(lambda: "try again now" in str(slack.thread(SHARED, first)), "the answer goes out")
        await play.until(lambda: "swordfish" not in str(play.shown(SUPPORT)), "what was deleted is gone")

    assert len(posted) == 1
    assert "and have caught up 6 messages" in posted[0]
    assert [body for (body,) in play.read(BODIES)] == [
        "It does not work at all",
        "",
        "With me neither",
        "looks like last week",
        "and now it is worse",
        "try again now",
    ]
    async with play.performed():
        await play.until(lambda: slack.connections, "the bot listens again")
    assert len(play.read(BODIES)) == 6
