"""Who is an admin on Slack, and how long an answer is believed."""

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
    """A full member of the home workspace, as users.info gives them."""
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
    """A full member of these workspaces of our organisation, whom Slack names with another than ours."""
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
def test_on_grid_a_full_member_of_ours_is_one_whatever_workspace_slack_names_with_them(described, role):
    lists = {"user_ids": frozenset({ANNA.user_id}), "emails": frozenset({BEN.email})}
    rules = AdminRules(**lists, ignore_home_members=True)

    assert role_of(described, home_team=HOME_TEAM, rules=rules, in_group=False) is role


def test_where_the_app_is_installed_for_the_organisation_its_full_members_are_at_home():
    rules = AdminRules(user_ids=frozenset({ANNA.user_id}))
    theirs = {"enterprise_id": "E0OTHER", "teams": ["T0OTHER"]}

    assert role_of(on_grid(SIBLING_TEAM), home_team=ORGANISATION, rules=rules, in_group=False) is Role.ADMIN
    assert (
        role_of(on_grid(enterprise_user=theirs), home_team=ORGANISATION, rules=rules, in_group=False) is Role.CUSTOMER
    )


def test_a_member_of_another_workspace_alone_is_told_from_a_guest_and_a_stranger():
    assert why_never_admin(on_grid(SIBLING_TEAM, HOME_TEAM), HOME_TEAM) == ""
    assert why_never_admin(on_grid(SIBLING_TEAM), HOME_TEAM) == "not a member of this workspace"
    assert why_never_admin(user(team_id="T0PARTNER"), HOME_TEAM) == "of another organisation"
    assert why_never_admin(on_grid(HOME_TEAM, is_restricted=True), HOME_TEAM) == "a guest"


async def test_slack_tells_who_is_of_our_workspace_by_way_of_another():
    rules = AdminRules(user_ids=frozenset({XAVER.user_id}), emails=frozenset({WILMA.email, XAVER.email}))
    async with Workspace.running() as slack:
        slack.add_person(WILMA)
        slack.add_person(XAVER)
        asked = await people(slack, rules)
        found = [await asked.look_up(person.user_id) for person in (WILMA, XAVER)]
        names = await asked.names([WILMA.user_id])

    assert [person.role for person in found] == [Role.ADMIN, Role.CUSTOMER]
    assert names == {WILMA.user_id: "Wilma Weit"}


def test_colleagues_are_customers_unless_the_operator_leaves_them_out():
    ignoring = AdminRules(ignore_home_members=True)

    assert role_of(user(), home_team=HOME_TEAM, rules=AdminRules(), in_group=False) is Role.CUSTOMER
    assert role_of(user(), home_team=HOME_TEAM, rules=ignoring, in_group=False) is Role.COLLEAGUE


def test_the_best_name_there_is():
    assert name_of({"real_name": "Anna Example", "name": "anna"}) == "Anna Example"
    assert name_of({"profile": {"display_name": "anna e"}, "name": "anna"}) == "anna e"
    assert name_of({"id": "U1"}) == "U1"


def test_what_the_table_does_not_name_nobody_may():
    assert set(MAY) == set(Act)
    for act in Act:
        assert not may(Role.BOT, act)
        if act is not Act.WRITE:
            assert not may(Role.GONE, act)


async def people(slack, rules, clock=None, lookup_seconds=2):
    """People who ask this workspace."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    return People(client, home_team=HOME_TEAM, rules=rules, clock=clock or Clock(), lookup_seconds=lookup_seconds)


async def test_the_lists_give_no_power_to_guests_bots_strangers_and_those_who_left():
    async with Workspace.running() as slack:
        asked = await people(slack, EVERYBODY)
        roles = [(await asked.look_up(person.user_id)).role for person in (ANNA, BEN, HUGO, GITA, DORA, ROBOT, GONE)]

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
        asked = await people(slack, AdminRules(usergroup=group))
        carla = await asked.look_up(CARLA.user_id)
        hugo = await asked.look_up(HUGO.user_id)

    assert carla.is_admin
    assert not hugo.is_admin


async def test_slack_is_asked_once_for_everybody_who_wants_to_know_at_the_same_moment():
    async with Workspace.running() as slack:
        asked = await people(slack, AdminRules(usergroup="support-team"))
        found = await asyncio.gather(*(asked.look_up(person.user_id) for person in (CARLA, HUGO) * 25))

    assert [person.is_admin for person in found] == [True, False] * 25
    assert sorted(call.method for call in slack.calls) == [
        "usergroups.list",
        "usergroups.users.list",
        "users.info",
        "users.info",
    ]


async def test_a_failure_is_told_to_all_who_wait_and_forgotten():
    async with Workspace.running() as slack:
        slack.faults.fail("users.info", "fatal_error", times=1)
        asked = await people(slack, EVERYBODY)
        failed = await asyncio.gather(*(asked.look_up(ANNA.user_id) for _ in range(3)), return_exceptions=True)
        found = await asked.look_up(ANNA.user_id)

    assert [type(one) for one in failed] == [LookupFailedError] * 3
    assert found.is_admin


async def test_an_answer_is_believed_for_five_minutes():
    clock = Clock()
    async with Workspace.running() as slack:
        asked = await people(slack, EVERYBODY, clock)
        for pushed in (0, 299, 2):
            clock.push(timedelta(seconds=pushed))
            await asked.look_up(HUGO.user_id)
        calls = [call for call in slack.calls if call.method == "users.info"]

    assert len(calls) == 2


async def test_power_is_believed_for_a_minute_in_a_message_and_wherever_it_is_asked_for():
    clock = Clock()
    async with Workspace.running() as slack:
        asked = await people(slack, AdminRules(usergroup="support-team"), clock)
        before = await asked.look_up(CARLA.user_id), await asked.look_up_for_action(HUGO.user_id)
        slack.change_group("S0SUPPORT", HUGO, silently=True)
        clock.push(timedelta(seconds=59))
        meanwhile = await asked.look_up(CARLA.user_id), await asked.look_up_for_action(HUGO.user_id)
        clock.push(timedelta(seconds=2))
        after = await asked.look_up(CARLA.user_id), await asked.look_up_for_action(HUGO.user_id)

    assert [person.is_admin for person in before] == [True, False]
    assert [person.is_admin for person in meanwhile] == [True, False]
    assert [person.is_admin for person in after] == [False, True]


async def test_what_is_being_asked_when_somebody_changes_is_asked_again():
    async with Workspace.running() as slack:
        slack.faults.slow(0.1)
        asked = await people(slack, EVERYBODY)
        waiting = asyncio.create_task(asked.look_up_for_action(ANNA.user_id))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        slack.change_person(ANNA, silently=True, guest=True)
        asked.forget(ANNA.user_id)
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
async def test_without_an_answer_whoever_writes_is_who_they_were_for_an_hour_and_may_press_nothing(fault):
    clock = Clock()
    async with Workspace.running() as slack:
        asked = await people(slack, AdminRules(usergroup="support-team"), clock, lookup_seconds=0.1)
        await asked.look_up(CARLA.user_id)
        fault(slack)
        clock.push(timedelta(minutes=59))
        written = await asked.look_up(CARLA.user_id)
        names = await asked.names([CARLA.user_id])
        slack.faults.clear()
        slack.faults.fail("users.info", "internal_error")
        pressed = await asked.look_up_for_action(CARLA.user_id)
        clock.push(timedelta(minutes=2))
        with pytest.raises(LookupFailedError):
            await asked.look_up(CARLA.user_id)

    assert written.is_admin
    assert names == {CARLA.user_id: CARLA.name}
    assert pressed.role is Role.GONE


async def test_without_an_answer_from_slack_nobody_has_power():
    async with Workspace.running() as slack:
        asked = await people(slack, EVERYBODY)
        slack.faults.fail("users.info", "internal_error")
        with pytest.raises(LookupFailedError):
            await asked.look_up(ANNA.user_id)
        anna = await asked.look_up_for_action(ANNA.user_id)

    assert anna.role is Role.GONE


async def test_an_unknown_group_gives_nobody_power():
    async with Workspace.running() as slack:
        asked = await people(slack, AdminRules(usergroup="no-such-group"))
        carla = await asked.look_up_for_action(CARLA.user_id)

    assert carla.role is Role.GONE


async def test_names_are_looked_up_and_addresses_stay():
    async with Workspace.running() as slack:
        asked = await people(slack, EVERYBODY)
        names = await asked.names([ANNA.user_id, "mia@customer.example.com", "casebook", None, "U0NOBODY9"])

    assert names == {
        ANNA.user_id: "Anna Example",
        "mia@customer.example.com": "mia@customer.example.com",
        "casebook": "casebook",
        "U0NOBODY9": "U0NOBODY9",
    }
