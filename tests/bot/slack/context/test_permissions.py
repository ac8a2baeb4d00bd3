"""The permission table, and the function through which every permission is checked."""

import pytest

from bot.slack.actions import BUTTONS
from bot.slack.command_words import WORDS
from bot.slack.context.authorization import authorize, carry_out
from bot.slack.context.permissions import Act, Role, may
from bot.slack.forms import FORMS
from bot.slack.shortcuts import SHORTCUTS
from casebook.errors import CasebookError, DatabaseUnavailableError
from fixtures.cast import ANNA, DORA, GITA, HUGO, LOG, ROBOT, Person

FOR_CUSTOMERS_TOO = {Act.OWN_STATUS, Act.OWN_HOME}


@pytest.mark.parametrize("act", Act)
def test_admins_may_do_everything_customers_see_their_own_and_nobody_else_may_anything_but_write(act):
    others = {role for role in Role if role is not Role.ADMIN and may(role, act)}

    assert may(Role.ADMIN, act)
    if act is Act.WRITE:
        assert others == {Role.CUSTOMER, Role.GONE}
    else:
        assert others == ({Role.CUSTOMER} if act in FOR_CUSTOMERS_TOO else set())


def test_all_buttons_forms_and_shortcuts_are_for_admins_only():
    acts = [thing.act for table in (BUTTONS, FORMS, SHORTCUTS) for thing in table.values()]

    assert FOR_CUSTOMERS_TOO.isdisjoint(acts)
    assert Act.WRITE not in acts


def test_a_command_lists_the_admins_act_first():
    for word in WORDS.values():
        assert not set(word.acts[:-1]) & FOR_CUSTOMERS_TOO


async def test_the_first_allowed_act_is_chosen(at):
    anna = await authorize(at.context, ANNA.user_id, Act.STATUS, Act.OWN_STATUS, what="/case status")
    dora = await authorize(at.context, DORA.user_id, Act.STATUS, Act.OWN_STATUS, what="/case status")

    assert (anna.act, dora.act) == (Act.STATUS, Act.OWN_STATUS)
    assert at.outbox() == []


@pytest.mark.parametrize(("person", "role"), [(GITA, "customer"), (DORA, "customer"), (ROBOT, "bot")])
async def test_a_refusal_is_reported_in_the_log_channel(at, person, role):
    authorization = await authorize(at.context, person.user_id, Act.CLOSE, what="/case close")
    at.start()
    (line,) = await at.until(lambda: at.slack.messages(LOG))

    assert authorization.act is None
    assert authorization.refusal
    assert line.text == f"Refused: {person.name} ({person.user_id}), {role}, tried /case close."


async def test_somebody_who_cannot_be_looked_up_is_refused_and_reported_by_id(at):
    at.slack.faults.fail("users.info", "internal_error")
    authorization = await authorize(at.context, ANNA.user_id, Act.CLOSE, what="/case close")
    at.start()
    (line,) = await at.until(lambda: at.slack.messages(LOG))

    assert authorization.act is None
    assert "I could not find out who you are" in authorization.refusal
    assert line.text == f"Refused: {ANNA.user_id}, gone, tried /case close."


@pytest.mark.parametrize("method", ["usergroups.list", "usergroups.users.list"])
async def test_nothing_is_allowed_while_the_user_group_cannot_be_looked_up(at, method):
    at.slack.faults.fail(method, "internal_error")
    authorization = await authorize(at.context, HUGO.user_id, Act.CLOSE, what="/case close")

    assert authorization.act is None


async def test_names_and_typed_text_are_escaped_in_the_log_channel(at):
    villain = Person("U0VILLAIN", "<!channel> *Vil* <https://evil.example.com|lain>", "", team="T0PARTNER")
    at.slack.add_person(villain)
    await authorize(at.context, villain.user_id, Act.CLOSE, what="/case <!here>")
    at.start()
    (line,) = await at.until(lambda: at.slack.messages(LOG))

    assert line.text == (
        "Refused: &lt;!channel&gt; *Vil* &lt;https://evil.example.com|lain&gt; (U0VILLAIN), customer, "
        "tried /case &lt;!here&gt;."
    )
    assert not line.mrkdwn
    assert set(at.slack.live_markup(line)) == {"https://evil.example.com"}, "Slack shows where a bare address leads"


async def test_a_permanent_error_becomes_a_sentence_and_a_temporary_one_is_raised(at):
    async def refuses(_person):
        raise CasebookError("That cannot be.")

    async def fails_temporarily(_person):
        raise DatabaseUnavailableError

    answer = await carry_out(at.context, ANNA.user_id, Act.CLOSE, what="a test", run=refuses)
    with pytest.raises(DatabaseUnavailableError):
        await carry_out(at.context, ANNA.user_id, Act.CLOSE, what="a test", run=fails_temporarily)

    assert answer == "That cannot be."


async def test_a_refused_operation_is_not_run(at):
    async def never(_person):
        raise AssertionError("it was carried out")

    answer = await carry_out(at.context, DORA.user_id, Act.CLOSE, what="a test", run=never)

    assert answer.startswith("That is for the support team.")
