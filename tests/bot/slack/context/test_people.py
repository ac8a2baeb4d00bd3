"""Who is an admin on Slack, and how long answers are cached."""

import asyncio
from datetime import timedelta

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.slack.context.membership import AdminRules, name_of, role_of, why_never_admin
from bot.slack.context.people import LookupFailedError, People
from bot.slack.context.permissions import MAY, Act, Role, may
from fixtures.cast import (
    ANNA,
    BEN,
    CARLA,
    DORA,
    GITA,
    GONE,
    HOME_TEAM,
    HUGO,
    ORGANISATION,
    ROBOT,
    SIBLING_TEAM,
    WILMA,
    XAVER,
)
from fixtures.workspace import Workspace

EVERYBODY = AdminRules(
    user_ids=frozenset(person.user_id for person in (ANNA, GITA, DORA, ROBOT, GONE)),
    emails=frozenset(person.email for person in (BEN, GITA, DORA, ROBOT, GONE)),
)


def user(**changes):
    """The `user` object of a full member of the home workspace."""
    return {"id": ANNA.user_id, "team_id": HOME_TEAM, "name": "anna", "profile": {"email": ANNA.email}} | changes


@pytest.mark.parametrize(
    ("changes", "role"),
    [
        ({}, Role.ADMIN),
        ({"id": "U0OTHER"}, Role.CUSTOMER),
        ({"id": "U0OTHER", "profile": {"email": BEN.email.upper()}}, Role.ADMIN),
        ({"is_restricted": True}, Role.CUSTOMER),
        ({"is_ultra_restricted": True}, Role.CUSTOMER),
        ({"team_id": "T0PARTNER"}, Role.CUSTOMER),
        ({"is_stranger": True}, Role.CUSTOMER),
        ({"is_bot": True}, Role.BOT),
        ({"deleted": True}, Role.GONE),
        ({"id": "U0OTHER", "profile": None}, Role.CUSTOMER),
    ],
)
def test_an_admin_is_a_full_member_of_the_home_workspace_on_one_of_the_lists(changes, role):
    rules = AdminRules(user_ids=frozenset({ANNA.user_id}), emails=frozenset({BEN.email}))

    assert role_of(user(**changes), home_team=HOME_TEAM, rules=rules, in_group=False) is role


def test_a_member_of_the_user_group_is_an_admin_but_a_guest_in_it_is_not():
    rules = AdminRules(usergroup="support-team")

    assert role_of(user(), home_team=HOME_TEAM, rules=rules, in_group=True) is Role.ADMIN
    assert role_of(user(is_restricted=True), home_team=HOME_TEAM, rules=rules, in_group=True) is Role.CUSTOMER


def on_grid(*workspaces, **changes):
    """A full member of these workspaces of our organisation, with the team_id of another workspace."""
    enterprise = {"enterprise_id": ORGANISATION, "teams": list(workspaces)}
    return user(team_id=SIBLING_TEAM, enterprise_user=enterprise, is_restricted=False) | changes


@pytest.mark.parametrize(
    ("described", "role"),
    [
        (on_grid(SIBLING_TEAM, HOME_TEAM), Role.ADMIN),
        (on_grid(SIBLING_TEAM, HOME_TEAM, team_id=ORGANISATION), Role.ADMIN),
        (on_grid(SIBLING_TEAM, HOME_TEAM, team_id=None), Role.ADMIN),
        (on_grid(HOME_TEAM, team_id=HOME_TEAM), Role.ADMIN),
        (on_grid(SIBLING_TEAM), Role.CUSTOMER),
        (on_grid(SIBLING_TEAM, team_id=ORGANISATION), Role.CUSTOMER),
        (on_grid(), Role.CUSTOMER),
        (on_grid(SIBLING_TEAM, HOME_TEAM, is_stranger=True), Role.CUSTOMER),
        (on_grid(SIBLING_TEAM, HOME_TEAM, is_restricted=True), Role.CUSTOMER),
        (on_grid(SIBLING_TEAM, HOME_TEAM, is_ultra_restricted=True), Role.CUSTOMER),
        (on_grid(SIBLING_TEAM, HOME_TEAM, is_bot=True), Role.BOT),
        (on_grid(SIBLING_TEAM, HOME_TEAM, deleted=True), Role.GONE),
        (on_grid(SIBLING_TEAM, HOME_TEAM, enterprise_user=None), Role.CUSTOMER),
        (on_grid(SIBLING_TEAM, HOME_TEAM, id="W0OTHER", profile={"email": BEN.email}), Role.ADMIN),
        (on_grid(SIBLING_TEAM, HOME_TEAM, id="W0OTHER"), Role.COLLEAGUE),
    ],
)
def test_on_grid_a_full_member_is_recognised_whatever_team_id_slack_sends(described, role):
    lists = {"user_ids": frozenset({ANNA.user_id}), "emails": frozenset({BEN.email})}
    rules = AdminRules(**lists, ignore_home_members=True)

    assert role_of(described, home_team=HOME_TEAM, rules=rules, in_group=False) is role


def test_for_an_organisation_wide_app_all_full_members_are_home_members():
    rules = AdminRules(user_ids=frozenset({ANNA.user_id}))
    theirs = {"enterprise_id": "E0OTHER", "teams": ["T0OTHER"]}

    assert role_of(on_grid(SIBLING_TEAM), home_team=ORGANISATION, rules=rules, in_group=False) is Role.ADMIN
    assert (
        role_of(on_grid(enterprise_user=theirs), home_team=ORGANISATION, rules=rules, in_group=False) is Role.CUSTOMER
    )


def test_members_of_other_workspaces_guests_and_outsiders_have_different_reasons():
    assert why_never_admin(on_grid(SIBLING_TEAM, HOME_TEAM), HOME_TEAM) == ""
    assert why_never_admin(on_grid(SIBLING_TEAM), HOME_TEAM) == "not a member of this workspace"
    assert why_never_admin(user(team_id="T0PARTNER"), HOME_TEAM) == "of another organisation"
    assert why_never_admin(on_grid(HOME_TEAM, is_restricted=True), HOME_TEAM) == "a guest"


async def test_a_home_member_with_another_team_id_is_looked_up_as_one():
    rules = AdminRules(user_ids=frozenset({XAVER.user_id}), emails=frozenset({WILMA.email, XAVER.email}))
    async with Workspace.running() as slack:
        slack.add_person(WILMA)
        slack.add_person(XAVER)
        people = await people_in(slack, rules)
        found = [await people.look_up(person.user_id) for person in (WILMA, XAVER)]
        names = await people.names([WILMA.user_id])

    assert [person.role for person in found] == [Role.ADMIN, Role.CUSTOMER]
    assert names == {WILMA.user_id: "Wilma Weit"}


def test_colleagues_are_customers_unless_the_settings_ignore_them():
    ignoring = AdminRules(ignore_home_members=True)

    assert role_of(user(), home_team=HOME_TEAM, rules=AdminRules(), in_group=False) is Role.CUSTOMER
    assert role_of(user(), home_team=HOME_TEAM, rules=ignoring, in_group=False) is Role.COLLEAGUE


def test_the_best_available_name_is_used():
    assert name_of({"real_name": "Anna Example", "name": "anna"}) == "Anna Example"
    assert name_of({"profile": {"display_name": "anna e"}, "name": "anna"}) == "anna e"
    assert name_of({"id": "U1"}) == "U1"


def test_acts_that_are_not_in_the_table_are_allowed_for_nobody():
    assert set(MAY) == set(Act)
    for act in Act:
        assert not may(Role.BOT, act)
        if act is not Act.WRITE:
            assert not may(Role.GONE, act)


async def people_in(slack, rules, clock=None, lookup_seconds=2):
    """A People that looks people up in this workspace."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    return People(client, home_team=HOME_TEAM, rules=rules, clock=clock or Clock(), lookup_seconds=lookup_seconds)


async def test_lists_make_no_admins_of_guests_bots_outsiders_and_deactivated_people():
    async with Workspace.running() as slack:
        people = await people_in(slack, EVERYBODY)
        roles = [(await people.look_up(person.user_id)).role for person in (ANNA, BEN, HUGO, GITA, DORA, ROBOT, GONE)]

    assert roles == [
        Role.ADMIN,
        Role.ADMIN,
        Role.CUSTOMER,
        Role.CUSTOMER,
        Role.CUSTOMER,
        Role.BOT,
        Role.GONE,
    ]


@pytest.mark.parametrize("group", ["S0SUPPORT", "support-team", "@support-team"])
async def test_a_user_group_is_found_by_id_and_by_handle(group):
    async with Workspace.running() as slack:
        people = await people_in(slack, AdminRules(usergroup=group))
        carla = await people.look_up(CARLA.user_id)
        hugo = await people.look_up(HUGO.user_id)

    assert carla.is_admin
    assert not hugo.is_admin


async def test_concurrent_lookups_of_a_person_share_one_call():
    async with Workspace.running() as slack:
        people = await people_in(slack, AdminRules(usergroup="support-team"))
        found = await asyncio.gather(*(people.look_up(person.user_id) for person in (CARLA, HUGO) * 25))

    assert [person.is_admin for person in found] == [True, False] * 25
    assert sorted(call.method for call in slack.calls) == [
        "usergroups.list",
        "usergroups.users.list",
        "users.info",
        "users.info",
    ]


async def test_a_failed_lookup_reaches_all_callers_and_is_not_cached():
    async with Workspace.running() as slack:
        slack.faults.fail("users.info", "fatal_error", times=1)
        people = await people_in(slack, EVERYBODY)
        failed = await asyncio.gather(*(people.look_up(ANNA.user_id) for _ in range(3)), return_exceptions=True)
        found = await people.look_up(ANNA.user_id)

    assert [type(one) for one in failed] == [LookupFailedError] * 3
    assert found.is_admin


async def test_an_answer_is_cached_for_five_minutes():
    clock = Clock()
    async with Workspace.running() as slack:
        people = await people_in(slack, EVERYBODY, clock)
        for pushed in (0, 299, 2):
            clock.push(timedelta(seconds=pushed))
            await people.look_up(HUGO.user_id)
        calls = [call for call in slack.calls if call.method == "users.info"]

    assert len(calls) == 2


async def test_admins_and_people_who_act_are_cached_for_a_minute():
    clock = Clock()
    async with Workspace.running() as slack:
        people = await people_in(slack, AdminRules(usergroup="support-team"), clock)
        before = await people.look_up(CARLA.user_id), await people.look_up_for_action(HUGO.user_id)
        slack.change_group("S0SUPPORT", HUGO, silently=True)
        clock.push(timedelta(seconds=59))
        meanwhile = await people.look_up(CARLA.user_id), await people.look_up_for_action(HUGO.user_id)
        clock.push(timedelta(seconds=2))
        after = await people.look_up(CARLA.user_id), await people.look_up_for_action(HUGO.user_id)

    assert [person.is_admin for person in before] == [True, False]
    assert [person.is_admin for person in meanwhile] == [True, False]
    assert [person.is_admin for person in after] == [False, True]


async def test_a_lookup_is_repeated_if_the_person_changes_meanwhile():
    async with Workspace.running() as slack:
        slack.faults.slow(0.1)
        people = await people_in(slack, EVERYBODY)
        waiting = asyncio.create_task(people.look_up_for_action(ANNA.user_id))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        slack.change_person(ANNA, silently=True, guest=True)
        people.forget(ANNA.user_id)
        anna = await waiting

    assert not anna.is_admin
    assert len([call for call in slack.calls if call.method == "users.info"]) == 2


@pytest.mark.parametrize(
    "fault",
    [
        lambda slack: slack.faults.fail("users.info", "internal_error"),
        lambda slack: slack.faults.hang("users.info"),
        lambda slack: slack.faults.fail("usergroups.users.list", "internal_error"),
    ],
    ids=["refused", "hanging", "group refused"],
)
async def test_without_an_answer_authors_keep_their_role_for_an_hour_and_may_not_act(fault):
    clock = Clock()
    async with Workspace.running() as slack:
        people = await people_in(slack, AdminRules(usergroup="support-team"), clock, lookup_seconds=0.1)
        await people.look_up(CARLA.user_id)
        fault(slack)
        clock.push(timedelta(minutes=59))
        written = await people.look_up(CARLA.user_id)
        names = await people.names([CARLA.user_id])
        slack.faults.clear()
        slack.faults.fail("users.info", "internal_error")
        pressed = await people.look_up_for_action(CARLA.user_id)
        clock.push(timedelta(minutes=2))
        with pytest.raises(LookupFailedError):
            await people.look_up(CARLA.user_id)

    assert written.is_admin
    assert names == {CARLA.user_id: CARLA.name}
    assert pressed.role is Role.GONE


async def test_without_an_answer_from_slack_nobody_may_act():
    async with Workspace.running() as slack:
        people = await people_in(slack, EVERYBODY)
        slack.faults.fail("users.info", "internal_error")
        with pytest.raises(LookupFailedError):
            await people.look_up(ANNA.user_id)
        anna = await people.look_up_for_action(ANNA.user_id)

    assert anna.role is Role.GONE


async def test_an_unknown_group_makes_nobody_an_admin():
    async with Workspace.running() as slack:
        people = await people_in(slack, AdminRules(usergroup="no-such-group"))
        carla = await people.look_up_for_action(CARLA.user_id)

    assert carla.role is Role.GONE


async def test_names_are_looked_up_and_addresses_stay():
    async with Workspace.running() as slack:
        people = await people_in(slack, EVERYBODY)
        names = await people.names([ANNA.user_id, "mia@customer.example.com", "casebook", None, "U0NOBODY9"])

    assert names == {
        ANNA.user_id: "Anna Example",
        "mia@customer.example.com": "mia@customer.example.com",
        "casebook": "casebook",
        "U0NOBODY9": "U0NOBODY9",
    }
