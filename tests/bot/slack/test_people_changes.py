"""Somebody is no admin any more, or becomes one: what was known is forgotten at once, and their Home shows no cases."""

import pytest

from bot.slack import home, people_changes
from fixtures.cast import ANNA, BEN, CARLA, HUGO


@pytest.fixture
async def context(at):
    """An office whose people were met, and whose admins have their Homes open."""
    for person in (ANNA, BEN, CARLA, HUGO):
        await at.context.people.look_up(person.user_id)
    await at.asked("a secret of a customer")
    for person in (ANNA, BEN, CARLA):
        await home.publish(at.context, person.user_id)
    return at.context


async def hear(at, sent):
    """The events that Slack sent since then."""
    for envelope in at.slack.envelopes[sent:]:
        await people_changes.handle(at.context, envelope.payload["event"])
    await at.context.background.finish(5)


def shows_cases(slack, person):
    return "CASE-0001" in str(slack.state.homes[person.user_id])


@pytest.mark.parametrize(
    ("person", "changes"),
    [
        (ANNA, {"deactivated": True}),
        (ANNA, {"guest": True}),
        (BEN, {"email": "ben@elsewhere.example.org"}),
        (CARLA, None),
    ],
    ids=["deactivated", "guest", "another address", "out of the group"],
)
async def test_whoever_loses_their_power_loses_the_buttons_and_the_cases_on_their_home(at, context, person, changes):
    sent, others = len(at.slack.envelopes), [each for each in (ANNA, BEN, CARLA) if each != person]
    assert shows_cases(at.slack, person)
    at.slack.change_group("S0SUPPORT") if changes is None else at.slack.change_person(person, **changes)

    await hear(at, sent)

    assert not (await context.people.look_up_for_action(person.user_id)).is_admin
    assert not shows_cases(at.slack, person)
    assert all(shows_cases(at.slack, each) for each in others)
    assert at.read("SELECT COUNT(*) FROM notices WHERE payload LIKE '%Refused%'") == [(0,)]


async def test_whoever_comes_into_the_group_has_its_power_at_once(at, context):
    sent = len(at.slack.envelopes)
    at.slack.change_group("S0SUPPORT", CARLA, HUGO)

    await hear(at, sent)

    assert (await context.people.look_up_for_action(HUGO.user_id)).is_admin
    assert shows_cases(at.slack, CARLA)


async def test_whoever_left_the_group_while_we_did_not_know_them_loses_the_cases_too(at, context):
    sent = len(at.slack.envelopes)
    context.people.forget(CARLA.user_id)
    at.slack.change_group("S0SUPPORT")

    await hear(at, sent)

    assert not shows_cases(at.slack, CARLA)


async def test_what_others_change_in_their_profiles_costs_no_call(at, context):
    sent, calls = len(at.slack.envelopes), len(at.slack.calls)
    at.slack.change_person(HUGO, name="Hugo Neuname")

    await hear(at, sent)

    assert len(at.slack.calls) == calls
    assert (await context.people.names([HUGO.user_id])) == {HUGO.user_id: "Hugo Neuname"}


@pytest.mark.parametrize("event", [{}, {"type": "user_change"}, {"type": "subteam_updated", "subteam": None}])
async def test_an_event_that_names_nobody_harms_nobody(at, context, event):
    await people_changes.handle(context, event)

    assert (await context.people.look_up_for_action(ANNA.user_id)).is_admin
