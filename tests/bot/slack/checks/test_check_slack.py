"""The checks against a Slack that is set up well, badly, or silent; none of them changes anything there."""

import aiohttp
import pytest

from bot.clock import Clock
from bot.reports.findings import Finding, Verdict
from bot.settings import read_settings
from bot.slack.checks.access import Access, check_access, check_app_token
from bot.slack.checks.admins import check_admins
from bot.slack.checks.channels import check_channels
from bot.slack.checks.scopes import SCOPES
from bot.slack.startup import BotTokenError, open_context
from fixtures.cast import (
    ALERTS,
    ANNA,
    BEN,
    DORA,
    GITA,
    GONE,
    ORGANISATION,
    ROBOT,
    SECOND,
    SHARED,
    SUPPORT,
    WILMA,
    XAVER,
    Channel,
)
from fixtures.stage import Stage

READING = {
    "auth.test",
    "apps.connections.open",
    "conversations.info",
    "conversations.list",
    "users.conversations",
    "users.info",
    "users.lookupByEmail",
    "usergroups.list",
    "usergroups.users.list",
}


class SlackChecks:
    """Runs the checks against one stand-in Slack."""

    def __init__(self, slack, session, folder):
        self.slack = slack
        self._session = session
        self._folder = folder

    def access(self, token=None):
        """A new client with its identity not asked for yet."""
        url = self.slack.api_url
        token = token or self.slack.bot_token
        return Access(bot_token=token, api_url=url, session=self._session, clock=Clock())

    def settings(self, **changes):
        """The settings of the stage, with changes."""
        environment = Stage(self.slack, None).environment("sqlite:///book.db", **changes)
        return read_settings(environment, self._folder)

    async def channels(self, **changes):
        """The findings about the channels."""
        return await by_name(check_channels(self.access(), self.settings(**changes)))

    async def admins(self, **changes):
        """The findings about the admins."""
        nobody = {"ADMIN_SLACK_IDS": "", "ADMIN_EMAILS": "", "ADMIN_SLACK_USERGROUP": ""}
        return [finding async for finding in check_admins(self.access(), self.settings(**nobody | changes))]


async def by_name(findings) -> dict[str, Finding]:
    """The findings by name; the failed one where there are several."""
    found: dict[str, Finding] = {}
    async for finding in findings:
        if finding.what not in found or finding.state is Verdict.FAILED:
            found[finding.what] = finding
    return found


@pytest.fixture
async def checks(slack, tmp_path):
    """The checks; asserts afterwards that they only read."""
    slack.scopes.clear()
    slack.scopes.update(SCOPES)
    async with aiohttp.ClientSession() as session:
        yield SlackChecks(slack, session, tmp_path)
    assert {call.method for call in slack.calls} <= READING
    assert slack.refused == []
    assert slack.connections == 0


# Tokens and scopes


async def test_a_good_bot_token_is_reported_with_its_owner_and_complete_scopes(checks):
    found = await by_name(check_access(checks.access()))

    assert {finding.state for finding in found.values()} == {Verdict.OK}
    assert "Casebook Example" in found["bot token"].found


async def test_the_kind_of_workspace_is_reported_with_its_consequences(checks):
    alone = await by_name(check_access(checks.access()))
    checks.slack.join_organisation()
    one_of_several = await by_name(check_access(checks.access()))
    checks.slack.join_organisation(org_wide=True)
    all_of_it = await by_name(check_access(checks.access()))

    assert alone["workspace"].state is Verdict.OK
    assert "by itself" in alone["workspace"].found
    assert one_of_several["workspace"].state is Verdict.OK
    assert ORGANISATION in one_of_several["workspace"].found
    assert all_of_it["workspace"].state is Verdict.FAILED
    assert "#names of channels" in all_of_it["workspace"].found
    assert "install it to the one workspace" in all_of_it["workspace"].advice


async def test_admins_are_looked_up_in_every_workspace_of_our_organisation(checks):
    checks.slack.join_organisation()
    checks.slack.add_person(WILMA)
    checks.slack.add_person(XAVER)

    good, bad = await checks.admins(ADMIN_SLACK_IDS=f"{WILMA.user_id},{XAVER.user_id}")
    (by_mail,) = await checks.admins(ADMIN_EMAILS=WILMA.email)

    assert (good.state, bad.state, by_mail.state) == (Verdict.OK, Verdict.FAILED, Verdict.OK)
    assert "Xaver Fern, not a member of this workspace" in bad.found


async def test_an_invalid_bot_token_is_reported_with_where_to_get_another(checks):
    found = await by_name(check_access(checks.access("xoxb-0-dead")))

    assert list(found) == ["bot token"]
    assert "invalid_auth" in found["bot token"].found
    assert "OAuth & Permissions" in found["bot token"].advice


async def test_missing_scopes_are_reported_with_their_purpose(checks):
    checks.slack.scopes.difference_update({"users:read.email", "groups:history"})

    found = await by_name(check_access(checks.access()))

    assert found["scopes"].state is Verdict.FAILED
    assert "users:read.email (ADMIN_EMAILS on Slack)" in found["scopes"].found
    assert "groups:history" in found["scopes"].found
    assert "casebook manifest" in found["scopes"].advice


async def test_unneeded_scopes_are_a_warning(checks):
    checks.slack.scopes.add("reactions:write")

    found = await by_name(check_access(checks.access()))

    assert found["scopes"].state is Verdict.WARNING
    assert "reactions:write" in found["scopes"].found


@pytest.mark.parametrize(("seconds", "state"), [(-3, Verdict.OK), (20, Verdict.WARNING), (-90, Verdict.FAILED)])
async def test_slacks_clock_is_compared_with_ours(checks, seconds, state):
    checks.slack.clock_offset = seconds

    found = await by_name(check_access(checks.access()))

    assert found["clock"].state is state


async def test_a_silent_slack_is_distinguished_from_a_refusal(checks):
    checks.slack.faults.server_error("auth.test", status=503)

    found = await by_name(check_access(checks.access()))

    assert found["bot token"].state is Verdict.FAILED
    assert "HTTP 503" in found["bot token"].found
    assert "See that this machine reaches 127.0.0.1" in found["bot token"].advice


async def test_the_identity_is_asked_for_once_for_all_checks(checks):
    access = checks.access()

    for check in (check_access(access), check_channels(access, checks.settings())):
        await by_name(check)

    assert [call.method for call in checks.slack.calls].count("auth.test") == 1


async def test_a_good_app_token_gets_a_socket_url_and_opens_no_socket(checks):
    found = await by_name(check_app_token(checks.access(), checks.slack.app_token))

    assert found["app token"].state is Verdict.OK


async def test_an_invalid_app_token_and_a_missing_scope_are_reported(checks):
    dead = await by_name(check_app_token(checks.access(), "xapp-0-dead"))
    checks.slack.backend.app_scopes.clear()
    powerless = await by_name(check_app_token(checks.access(), checks.slack.app_token))

    assert "invalid_auth" in dead["app token"].found
    assert "connections:write" in powerless["app token"].found


async def test_without_an_app_token_the_check_is_skipped(checks):
    found = await by_name(check_app_token(checks.access(), ""))

    assert found["app token"].state is Verdict.SKIPPED


# Channels


async def test_good_channels_and_the_customers_channels_are_listed(checks):
    found = await checks.channels()

    assert {finding.state for finding in found.values()} == {Verdict.OK}
    assert "#support (C0SUPPORT)" in found["SUPPORT_SLACK_CHANNEL"].found
    assert "#acme-and-partner, #beta-customers" in found["customers' channels"].found


async def test_each_channel_that_cannot_be_used_has_its_own_finding(checks):
    checks.slack.kick(ALERTS)

    found = await checks.channels(
        SUPPORT_SLACK_CHANNEL=SHARED.channel_id, LOGGING_SLACK_CHANNEL="#nowhere", CUSTOMER_SLACK_CHANNELS="C0NOWHERE"
    )

    assert "shared with another organisation" in found["SUPPORT_SLACK_CHANNEL"].found
    assert found["ALERTING_SLACK_CHANNEL"].found == "the bot is not in #alerts"
    assert found["ALERTING_SLACK_CHANNEL"].advice == "Write /invite @casebook there."
    assert "#nowhere" in found["LOGGING_SLACK_CHANNEL"].found
    assert "C0NOWHERE" in found["CUSTOMER_SLACK_CHANNELS"].found


async def test_a_staff_channel_listed_by_id_among_the_customers_is_reported(checks):
    found = await checks.channels(CUSTOMER_SLACK_CHANNELS=f"#{SHARED.name},{SUPPORT.channel_id}")

    assert found["CUSTOMER_SLACK_CHANNELS"].state is Verdict.FAILED
    assert "#support is a staff channel" in found["CUSTOMER_SLACK_CHANNELS"].found


async def test_an_archived_channel_cannot_be_used(checks):
    checks.slack.archive(ALERTS)

    assert "#alerts is archived" in (await checks.channels())["ALERTING_SLACK_CHANNEL"].found


async def test_ignored_channels_are_listed(checks):
    found = await checks.channels(CUSTOMER_SLACK_CHANNELS=SECOND.channel_id)

    text = found["customers' channels"].found
    assert text.startswith("what is written in #beta-customers becomes cases")
    assert "left alone" in text
    assert text.endswith("#acme-and-partner")


async def test_a_bot_in_no_customers_channel_is_a_warning(checks):
    for channel in (SHARED, SECOND):
        checks.slack.kick(channel)

    found = await checks.channels()

    assert found["customers' channels"].state is Verdict.WARNING
    assert "/invite @casebook" in found["customers' channels"].advice


async def test_all_pages_of_channels_are_read(checks):
    for number in range(250):
        checks.slack.add_channel(Channel(f"C0MANY{number:03}", f"customer-{number:03}"))

    text = (await checks.channels())["customers' channels"].found

    assert "and 232 more" in text


async def test_without_a_valid_token_channels_and_admins_are_skipped(checks):
    access = checks.access("xoxb-0-dead")
    channels = await by_name(check_channels(access, checks.settings()))
    admins = await by_name(check_admins(access, checks.settings()))

    assert [finding.state for finding in (*channels.values(), *admins.values())] == [Verdict.SKIPPED, Verdict.SKIPPED]


# Admins


async def test_admins_of_every_kind_are_listed(checks):
    found = await checks.admins(
        ADMIN_SLACK_USERGROUP="@support-team", ADMIN_SLACK_IDS=ANNA.user_id, ADMIN_EMAILS=BEN.email
    )

    assert [(finding.state, finding.found) for finding in found] == [
        (Verdict.OK, "support-team has 1 member"),
        (Verdict.OK, "U0ANNA001 is Anna Example"),
        (Verdict.OK, "ben@casebook.example.org is Ben Beispiel"),
    ]


@pytest.mark.parametrize(
    ("person", "why"),
    [(GITA, "a guest"), (ROBOT, "a bot"), (GONE, "deactivated"), (DORA, "of another organisation")],
)
async def test_somebody_who_cannot_be_an_admin_is_reported_with_the_reason(checks, person, why):
    (finding,) = await checks.admins(ADMIN_SLACK_IDS=person.user_id)

    assert finding.state is Verdict.FAILED
    assert f"{person.name}, {why}" in finding.found


async def test_an_unknown_user_id_is_reported(checks):
    (finding,) = await checks.admins(ADMIN_SLACK_IDS="U0NOBODY1")

    assert finding.state is Verdict.FAILED


async def test_an_address_that_nobody_on_slack_has_is_no_fault(checks):
    (finding,) = await checks.admins(ADMIN_EMAILS="outside@example.net")

    assert finding.state is Verdict.OK
    assert "by mail only" in finding.found


async def test_an_unknown_an_empty_and_a_mixed_user_group_are_reported(checks):
    checks.slack.state.groups |= {"S0EMPTY": ("empty", ()), "S0MIXED": ("mixed", (BEN.user_id, GITA.user_id))}

    (unknown,) = await checks.admins(ADMIN_SLACK_USERGROUP="nobody-knows")
    (empty,) = await checks.admins(ADMIN_SLACK_USERGROUP="empty")
    (mixed,) = await checks.admins(ADMIN_SLACK_USERGROUP="S0MIXED")

    assert [unknown.state, empty.state, mixed.state] == [Verdict.FAILED, Verdict.WARNING, Verdict.WARNING]
    assert "Gita Guest (a guest)" in mixed.found


async def test_a_rate_limit_is_reported_with_the_time_to_wait(checks):
    checks.slack.faults.rate_limit("users.info", retry_after=7)

    (finding,) = await checks.admins(ADMIN_SLACK_IDS=ANNA.user_id)

    assert finding.advice == "Try again in 7 s."


# What stops the start


async def test_a_fault_that_stops_the_start_is_reported_in_the_same_words(checks):
    dead = checks.access("xoxb-0-dead")
    (token,) = (await by_name(check_access(dead))).values()

    with pytest.raises(BotTokenError) as stopped:
        await open_context(checks.settings(), dead.client, desk=None, clock=Clock(), wake=None, count=None)

    assert f"{token.found}. {token.advice}" == (
        "Slack does not take SLACK_BOT_TOKEN. Slack says: invalid_auth. "
        'Copy it anew from "OAuth & Permissions" of the app.'
    )
    assert str(stopped.value) == (
        'Slack does not take SLACK_BOT_TOKEN; copy it anew from "OAuth & Permissions" of the app. '
        "Slack says: invalid_auth."
    )
