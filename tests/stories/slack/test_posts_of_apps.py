"""Posts of an app in customers' channels: whose case they join, and what the card shows."""

from fixtures.cast import ROBOT, SECOND, SHARED, SUPPORT, Person

FINN = Person("U0FINN001", "Finn Fremd", "finn@other.example.com", team="T0OTHER01")  # only in the second channel
APP = "A0ROBOT01"


def whose(play):
    """The customer and the messages of each case."""
    return play.read(
        "SELECT customer_identifier, body FROM messages JOIN cases USING (case_id) WHERE kind = 'message' ORDER BY id"
    )


async def test_a_post_of_an_app_does_not_join_a_case_of_another_channel(slack_play):
    async with slack_play.performed(CUSTOMER_APPS=APP) as play:
        play.slack.add_person(FINN, SECOND)
        await play.slack.write(FINN, SECOND, "The export is broken")
        await play.until(lambda: play.slack.messages(SUPPORT), "Finn's card")
        await play.slack.write(ROBOT, SHARED, f"<@{FINN.user_id}> reports: our own secret", markup=True)
        await play.slack.write(ROBOT, SECOND, f"<@{FINN.user_id}> reports: it is broken again", markup=True)
        await play.until(lambda: len(whose(play)) == 3, "the posts of the app")
        await play.until(lambda: len(play.slack.messages(SUPPORT)) == 2, "a card of its own")

    assert sorted(whose(play)) == [
        (f"{APP}/{SHARED.channel_id}", f"@{FINN.name} reports: our own secret"),
        (FINN.user_id, f"@{FINN.name} reports: it is broken again"),
        (FINN.user_id, "The export is broken"),
    ]
