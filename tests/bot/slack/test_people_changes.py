"""Changed people and groups: the cache is dropped at once, and the Home tab of a former admin shows no cases."""

import pytest

from bot.slack import home, people_changes
from fixtures.cast import ANNA, BEN, CARLA, HUGO


@pytest.fixture
async def context(at):
    """A context with cached people, and admins whose Home tabs show a case."""
    for person in (ANNA, BEN, CARLA, HUGO):
        await at.context.people.look_up(person.user_id)
    await at.asked("a secret of a customer")
    for person in (ANNA, BEN, CARLA):
        await home.publish(at.context, person.user_id)
    return at.context


async def handle(at, sent):
    """Handle the events that Slack sent after the first `sent`."""
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
async def test_somebody_who_is_no_longer_an_admin_loses_the_cases_on_their_home(at, context, person, changes):
    sent, others = len(at.slack.envelopes), [each for each in (ANNA, BEN, CARLA) if each != person]
    assert shows_cases(at.slack, person)
    at.slack.change_group("S0SUPPORT") if changes is None else at.slack.change_person(person, **changes)

    await handle(at, sent)

    assert not (await context.people.look_up_for_action(person.user_id)).is_admin
    assert not shows_cases(at.slack, person)
    assert all(shows_cases(at.slack, each) for each in others)
    assert at.read("SELECT COUNT(*) FROM notices WHERE payload LIKE '%Refused%'") == [(0,)]


async def test_a_new_member_of_the_group_is_an_admin_at_once(at, context):
    sent = len(at.slack.envelopes)
    at.slack.change_group("S0SUPPORT", CARLA, HUGO)

    await handle(at, sent)

    assert (await context.people.look_up_for_action(HUGO.user_id)).is_admin
    assert shows_cases(at.slack, CARLA)


async def test_a_removed_member_who_was_not_cached_loses_the_cases_too(at, context):
    sent = len(at.slack.envelopes)
    context.people.forget(CARLA.user_id)
    at.slack.change_group("S0SUPPORT")

    await handle(at, sent)

    assert not shows_cases(at.slack, CARLA)


async def test_a_changed_profile_of_somebody_else_costs_no_call(at, context):
    sent, calls = len(at.slack.envelopes), len(at.slack.calls)
    at.slack.change_person(HUGO, name="Hugo Neuname")

    await handle(at, sent)

    assert len(at.slack.calls) == calls
    assert (await context.people.names([HUGO.user_id])) == {HUGO.user_id: "Hugo Neuname"}


@pytest.mark.parametrize("event", [{}, {"type": "user_change"}, {"type": "subteam_updated", "subteam": None}])
async def test_an_event_that_names_nobody_changes_nothing(at, context, event):
    await people_changes.handle(context, event)

    assert (await context.people.look_up_for_action(ANNA.user_id)).is_admin
