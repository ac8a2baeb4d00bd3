"""Posts by apps: a person's by their own token, a customer's by CUSTOMER_APPS, otherwise ignored and reported once."""

from dataclasses import replace
from typing import Any

import pytest

from bot.slack.context.people import LookupFailedError
from bot.slack.messages import take_in
from casebook.outcomes import Outcome
from fixtures.cast import ALERTS, ANNA, DORA, EMIL, ROBOT, SECOND, SHARED, SUPPORT, Person

PORTAL = {
    "bot_id": "B0THEIRAPP",
    "app_id": "A0THEIRAPP",
    "bot_profile": {"id": "B0THEIRAPP", "app_id": "A0THEIRAPP", "name": "Portal", "team_id": "T0CUSTOMER"},
}
NUMBERS = iter(range(1, 1000))


def post(text: str, channel: str = SHARED.channel_id, **more: Any) -> dict[str, Any]:
    """The message event of an app's post."""
    ts = f"1772452800.{next(NUMBERS):06d}"
    return {"type": "message", "channel": channel, "ts": ts, "text": text, **PORTAL} | more


def form(text: str, **more: Any) -> dict[str, Any]:
    """A post without a user, as a workflow form makes it."""
    return post(text, subtype="bot_message", username="Portal", **more)


def mail(address: str, **more: Any) -> dict[str, Any]:
    """What Slack posts when somebody sends a mail to a channel's address."""
    file = {
        "id": "F0MAIL0001",
        "mode": "email",
        "filetype": "email",
        "subject": "Broken",
        "from": [{"name": "Wendy Writer", "address": address}],
        "plain_text": "It is broken.",
    }
    return {"type": "message", "channel": SHARED.channel_id, "ts": f"1772452800.{next(NUMBERS):06d}"} | {
        "user": "USLACKBOT",
        "text": "",
        "files": [file],
        **more,
    }


def cases(at: Any) -> list[tuple[Any, ...]]:
    """The customers of the cases, the oldest case first."""
    found: list[tuple[Any, ...]] = at.read("SELECT customer_identifier, customer_name FROM cases ORDER BY number")
    return found


def reported(at: Any) -> list[str]:
    """The lines for the log channel."""
    return [payload for (payload,) in at.read("SELECT payload FROM notices WHERE kind = 'log' ORDER BY id")]


@pytest.fixture
def with_customer_apps(at):
    """Sets CUSTOMER_APPS to these apps."""

    def set_apps(*apps: str) -> Any:
        at.context = replace(at.context, customer_apps=frozenset(apps))
        return at

    return set_apps


async def test_a_tools_post_with_a_persons_token_belongs_to_that_person(at):
    await take_in(at.context, post("login broken", user=DORA.user_id))

    assert cases(at) == [(DORA.user_id, DORA.name)]
    assert reported(at) == []


@pytest.mark.parametrize(
    "made", [form, lambda text, **more: post(text, user=ROBOT.user_id, **more)], ids=["form", "bot"]
)
async def test_an_ignored_app_is_reported_once(at, made):
    for text in ("one", "two"):
        received = await take_in(at.context, made(text))
        assert (received.outcome, received.reason) == (Outcome.IGNORED, "a bot wrote it")

    (line,) = reported(at)
    assert "Portal (A0THEIRAPP)" in line
    assert "add A0THEIRAPP to CUSTOMER_APPS" in line


async def test_apps_in_the_teams_channels_are_not_reported(at):
    await take_in(at.context, form("deployed", channel=SUPPORT.channel_id))
    await take_in(at.context, form("deployed", channel=ALERTS.channel_id))

    assert reported(at) == []


@pytest.mark.parametrize("name", ["A0THEIRAPP", "B0THEIRAPP", "portal"])
async def test_customer_apps_lists_apps_by_id_or_name(with_customer_apps, name):
    at = with_customer_apps(name)
    await take_in(at.context, form("It does not work"))

    assert cases(at) == [(f"A0THEIRAPP/{SHARED.channel_id}", "Portal")]
    assert reported(at) == []


async def test_a_form_belongs_to_the_only_customer_whom_it_mentions(with_customer_apps):
    at = with_customer_apps("A0THEIRAPP")
    await take_in(at.context, form(f"<@{DORA.user_id}> needs: help"))

    assert cases(at) == [(DORA.user_id, DORA.name)]


async def test_a_form_does_not_belong_to_a_customer_who_is_not_in_the_channel(with_customer_apps):
    at = with_customer_apps("A0THEIRAPP")
    elsewhere = Person("U0FINN001", "Finn Fremd", "finn@other.example.com", team="T0OTHER01")
    at.slack.add_person(elsewhere, SECOND)
    await take_in(at.context, form(f"<@{elsewhere.user_id}> needs: help"))
    await take_in(at.context, form(f"<@{elsewhere.user_id}> needs: help", channel=SECOND.channel_id))

    assert cases(at) == [
        (f"A0THEIRAPP/{SHARED.channel_id}", "Portal"),
        (elsewhere.user_id, elsewhere.name),
    ]


async def test_a_form_waits_until_slack_says_who_is_in_the_channel(with_customer_apps):
    at = with_customer_apps("A0THEIRAPP")
    event = form(f"<@{DORA.user_id}> needs: help")
    at.slack.faults.fail("conversations.members", "internal_error", times=1)
    with pytest.raises(LookupFailedError):
        await take_in(at.context, event)
    assert cases(at) == []

    await take_in(at.context, event)

    assert cases(at) == [(DORA.user_id, DORA.name)]


async def test_members_are_looked_up_only_for_a_customer_whom_an_app_mentions(with_customer_apps):
    at = with_customer_apps("A0THEIRAPP")
    for event in (
        form("nobody is named"),
        form(f"<@{ANNA.user_id}>: an admin"),
        form(f"<@{DORA.user_id}> and <@{EMIL.user_id}>"),
        {**form(f"<@{EMIL.user_id}>, see this"), "user": DORA.user_id},
    ):
        await take_in(at.context, event)
    assert at.calls("conversations.members") == []

    for _ in range(3):
        await take_in(at.context, form(f"<@{DORA.user_id}> needs: help"))

    assert len(at.calls("conversations.members")) == 1


@pytest.mark.parametrize("names", [f"<@{ANNA.user_id}>", f"<@{DORA.user_id}> and <@{EMIL.user_id}>"])
async def test_an_app_that_mentions_an_admin_or_several_customers_is_its_own_customer(with_customer_apps, names):
    at = with_customer_apps("A0THEIRAPP")
    await take_in(at.context, form(f"{names}: I'm closing this case."))

    assert cases(at) == [(f"A0THEIRAPP/{SHARED.channel_id}", "Portal")]
    assert at.read("SELECT status FROM cases") == [("open",)]


async def test_one_app_in_two_customers_channels_has_a_case_in_each(with_customer_apps):
    at = with_customer_apps("A0THEIRAPP")
    await take_in(at.context, form("here"))
    await take_in(at.context, form("there", channel="C0OTHER001"))

    assert [customer for customer, _ in cases(at)] == [f"A0THEIRAPP/{SHARED.channel_id}", "A0THEIRAPP/C0OTHER001"]


async def test_email_to_a_channel_is_a_case_of_its_author_in_that_channel_only(with_customer_apps):
    at = with_customer_apps("USLACKBOT")
    await take_in(at.context, mail("wendy@example.org"))

    assert cases(at) == [(f"USLACKBOT/{SHARED.channel_id}/wendy@example.org", "Wendy Writer (wendy@example.org)")]


async def test_email_to_a_channel_is_reported_but_slackbots_other_posts_are_not(at):
    await take_in(at.context, mail("wendy@example.org", files=[], text="Reminder: lunch"))
    assert reported(at) == []
    await take_in(at.context, mail("wendy@example.org"))

    assert "USLACKBOT" in reported(at)[0]
    assert cases(at) == []
