"""Edge cases of forms and of messages under a card: errors are shown where the text was typed."""

import pytest

from bot.slack.forms import handle_submission
from bot.slack.messages import take_in
from bot.slack.payloads.submissions import Submission
from bot.slack.screens import modals
from casebook import queries
from casebook.outcomes import Outcome
from fixtures.cast import ANNA, SHARED, SUPPORT


def submission(form, **values):
    """A form about the first case, submitted by Anna."""
    about = {"case": "CASE-0001", "origin": SHARED.channel_id}
    return Submission(user=ANNA.user_id, name="", form=form, view_id="V0000001", about=about, values=values)


@pytest.mark.parametrize("form", [modals.REPLY, modals.NOTE])
async def test_an_empty_form_is_rejected(at, form):
    await at.asked()

    assert await handle_submission(at.context, submission(form, **{modals.TEXT: ""})) == {
        "response_action": "errors",
        "errors": {modals.TEXT: "Type a few words."},
    }
    assert at.outbox("kind") == [("card",)]


async def test_a_form_that_is_submitted_twice_sends_one_answer(at):
    await at.asked()
    for _ in range(2):
        assert await handle_submission(at.context, submission(modals.REPLY, **{modals.TEXT: "It is mended"})) == {}
    await at.context.background.finish(5)

    assert [kind for (kind,) in at.outbox("kind")].count("answer") == 1


@pytest.mark.parametrize("words", ["reply:", "Reply:  \n "])
async def test_an_empty_reply_becomes_a_note_and_its_author_is_told_so(at, words):
    await at.asked()
    at.start()
    (card,) = await at.until(lambda: at.slack.messages(SUPPORT))
    event = {
        "type": "message",
        "channel": SUPPORT.channel_id,
        "channel_type": "channel",
        "user": ANNA.user_id,
        "text": words,
        "ts": "1772452900.000100",
        "thread_ts": card.ts,
    }
    received = await take_in(at.context, event)
    at.courier.wake()
    (post,) = await at.until(lambda: at.slack.ephemerals(ANNA))
    history = await at.context.desk.do(queries.history, "CASE-0001")

    assert received.outcome is Outcome.MESSAGE
    assert at.slack.shows(post) == "Not sent, and kept as a note: An answer needs words."
    assert [message.is_note for message in history.messages].count(True) == 1
    assert "answer" not in [kind for (kind,) in at.outbox("kind")]
