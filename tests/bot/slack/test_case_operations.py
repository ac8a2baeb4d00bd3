"""Buttons, commands and forms carry out the same operations, and answer with the same sentences."""

import pytest

from bot.slack.actions import BUTTONS, Press
from bot.slack.command_words import WORDS
from bot.slack.commands import answer, read_command
from bot.slack.forms import FORMS
from bot.slack.payloads.submissions import Origin, Submission
from bot.slack.screens import case_buttons, modals
from casebook import cases
from casebook.errors import NotEscalatedError
from fixtures.cast import ANNA, DORA, EMIL


async def press(at, button, case_id):
    """What the button answers to Anna."""
    pressed = Press(ANNA.user_id, button, case_id, Origin(), "")
    return await BUTTONS[button].run(at.context, pressed)


async def submit(at, form, case_id, **values):
    """What the form answers to Anna."""
    sent = Submission(ANNA.user_id, ANNA.name, form, "V0FORM", {"case": case_id}, values)
    return await FORMS[form].run(at.context, sent)


async def command(at, text):
    """What the command answers to Anna."""
    return (await answer(at.context, user_id=ANNA.user_id, typed=read_command(text, "trigger"))).text


@pytest.fixture
async def both(at):
    """Two escalated cases."""
    return [(await at.asked("It is urgent", person)).case_id for person in (DORA, EMIL)]


@pytest.mark.parametrize(
    ("word", "button", "sentence"),
    [
        ("take", case_buttons.TAKE, "{} is yours."),
        ("calm", case_buttons.CALM, "{} is calm again."),
        ("reopen", case_buttons.REOPEN, "{} is open again."),
    ],
)
async def test_a_button_and_a_command_do_the_same_and_answer_the_same(at, both, word, button, sentence):
    if word == "reopen":
        for case_id in both:
            await at.do(cases.close_case, case_id, by=ANNA.user_id, limits=at.context.limits)

    pressed, typed = await press(at, button, both[0]), await command(at, f"{word} {both[1]}")

    assert WORDS[word].acts == (BUTTONS[button].act,)
    assert (pressed, typed) == tuple(map(sentence.format, both))
    states = at.read("SELECT status, escalated, assigned_to FROM cases ORDER BY number")
    assert states[0] == states[1]


async def test_a_command_escalates_for_a_reason_and_says_where_that_is_reported(at, both):
    for case_id in both:
        await at.do(cases.calm_case, case_id, by=ANNA.user_id)

    pressed = await press(at, case_buttons.ESCALATE, both[0])
    typed = await command(at, f"escalate {both[1]} the contract ends today")

    assert pressed == f"{both[0]} is escalated."
    assert typed == f"{both[1]} is escalated, and the alerts channel says so."
    assert "the contract ends today" in str(at.read("SELECT evidence FROM reasons ORDER BY id")[-1])


async def test_a_form_and_a_command_close_with_their_reasons(at, both):
    submitted = await submit(at, modals.CLOSE, both[0], **{modals.REASON: "it is mended"})
    typed = await command(at, f"close {both[1]} it is mended")

    assert [submitted, typed] == [f"{case_id} is closed." for case_id in both]
    assert [detail for (detail,) in at.read("SELECT detail FROM events WHERE kind = 'closed'")] == ["it is mended"] * 2


@pytest.mark.parametrize(
    ("word", "form", "sentence"),
    [
        ("note", modals.NOTE, "Your note is kept with {}."),
        ("reply", modals.REPLY, "Your answer is on its way; it stands under the card of {}, with Undo."),
    ],
)
async def test_a_form_and_a_command_take_the_same_text(at, both, word, form, sentence):
    submitted = await submit(at, form, both[0], **{modals.TEXT: "We are on it"})
    typed = await command(at, f"{word} {both[1]} We are on it")

    assert (submitted, typed) == tuple(map(sentence.format, both))
    first, second = at.read("SELECT body, sender, kind, standing FROM messages ORDER BY id")[2:]
    assert first == second
    assert first[:2] == ("We are on it", ANNA.user_id)


async def test_the_error_of_an_operation_is_raised_to_whoever_called_it(at, both):
    await press(at, case_buttons.CALM, both[0])

    with pytest.raises(NotEscalatedError):
        await press(at, case_buttons.CALM, both[0])

    assert await command(at, f"calm {both[0]}") == "CASE-0001 is not escalated."
