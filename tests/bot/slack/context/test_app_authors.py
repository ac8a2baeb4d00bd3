"""Posts that an app made: a person's by their own token, a customer's by CUSTOMER_APPS, else left out and told once."""

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
    """A message event as an app's post brings it."""
    ts = f"1772452800.{next(NUMBERS):06d}"
    return {"type": "message", "channel": channel, "ts": ts, "text": text, **PORTAL} | more


def form(text: str, **more: Any) -> dict[str, Any]:
    """A post of no user, as a form of a workflow makes it."""
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
    """Whose the cases are, and what was written first."""
    found: list[tuple[Any, ...]] = at.read("SELECT customer_identifier, customer_name FROM cases ORDER BY number")
    return found


def told(at: Any) -> list[str]:
    """The lines for the log channel."""
    return [payload for (payload,) in at.read("SELECT payload FROM notices WHERE kind = 'log' ORDER BY id")]


@pytest.fixture
def counting(at):
    """An office with apps in CUSTOMER_APPS."""

    def counting(*apps: str) -> Any:
        at.context = replace(at.context, customer_apps=frozenset(apps))
        return at

    return counting


async def test_what_a_tool_posts_with_a_persons_token_is_theirs(at):
    await take_in(at.context, post("login broken", user=DORA.user_id))

    assert cases(at) == [(DORA.user_id, DORA.name)]
    assert told(at) == []


@pytest.mark.parametrize(
    "made", [form, lambda text, **more: post(text, user=ROBOT.user_id, **more)], ids=["form", "bot"]
)
async def test_an_app_is_left_out_and_told_of_once(at, made):
    for text in ("one", "two"):
        received = await take_in(at.context, made(text))
        assert (received.outcome, received.reason) == (Outcome.IGNORED, "a bot wrote it")

    (line,) = told(at)
    assert "Portal (A0THEIRAPP)" in line
    assert "add A0THEIRAPP to CUSTOMER_APPS" in line


async def test_of_an_app_in_a_channel_of_the_team_nothing_is_told(at):
    await take_in(at.context, form("deployed", channel=SUPPORT.channel_id))
    await take_in(at.context, form("deployed", channel=ALERTS.channel_id))

    assert told(at) == []


@pytest.mark.parametrize("name", ["A0THEIRAPP", "B0THEIRAPP", "portal"])
async def test_an_app_of_the_setting_counts_by_its_ids_and_its_name(counting, name):
    at = counting(name)
    await take_in(at.context, form("It does not work"))

    assert cases(at) == [(f"A0THEIRAPP/{SHARED.channel_id}", "Portal")]
    assert told(at) == []


async def test_a_form_is_the_one_customers_whom_it_names(counting):
    at = counting("A0THEIRAPP")
    await take_in(at.context, form(f"<@{DORA.user_id}> needs: help"))

    assert cases(at) == [(DORA.user_id, DORA.name)]


async def test_a_customer_whom_a_form_names_where_they_are_not_has_no_part_in_it(counting):
    at = counting("A0THEIRAPP")
    elsewhere = Person("U0FINN001", "Finn Fremd", "finn@other.example.com", team="T0OTHER01")
    at.slack.add_person(elsewhere, SECOND)
    await take_in(at.context, form(f"<@{elsewhere.user_id}> needs: help"))
    await take_in(at.context, form(f"<@{elsewhere.user_id}> needs: help", channel=SECOND.channel_id))

    assert cases(at) == [
        (f"A0THEIRAPP/{SHARED.channel_id}", "Portal"),
        (elsewhere.user_id, elsewhere.name),
    ]


async def test_a_form_waits_until_slack_says_who_is_in_the_channel(counting):
    at = counting("A0THEIRAPP")
    event = form(f"<@{DORA.user_id}> needs: help")
    at.slack.faults.fail("conversations.members", "internal_error", times=1)
    with pytest.raises(LookupFailedError):
        await take_in(at.context, event)
    assert cases(at) == []

    await take_in(at.context, event)

    assert cases(at) == [(DORA.user_id, DORA.name)]


async def test_who_is_in_a_channel_is_asked_for_nobody_but_a_customer_whom_an_app_names(counting):
    at = counting("A0THEIRAPP")
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
async def test_an_app_has_no_admins_power_and_is_nobodys_where_it_names_several(counting, names):
    at = counting("A0THEIRAPP")
    await take_in(at.context, form(f"{names}: I'm closing this case."))

    assert cases(at) == [(f"A0THEIRAPP/{SHARED.channel_id}", "Portal")]
    assert at.read("SELECT status FROM cases") == [("open",)]


async def test_one_app_in_two_customers_channels_has_a_case_in_each(counting):
    at = counting("A0THEIRAPP")
    await take_in(at.context, form("here"))
    await take_in(at.context, form("there", channel="C0OTHER001"))

    assert [customer for customer, _ in cases(at)] == [f"A0THEIRAPP/{SHARED.channel_id}", "A0THEIRAPP/C0OTHER001"]


async def test_mail_to_a_channel_is_a_case_of_its_writer_in_this_channel_alone(counting):
    at = counting("USLACKBOT")
    await take_in(at.context, mail("wendy@example.org"))

    assert cases(at) == [(f"USLACKBOT/{SHARED.channel_id}/wendy@example.org", "Wendy Writer (wendy@example.org)")]


async def test_mail_to_a_channel_is_told_of_and_slackbots_other_words_are_not(at):
    await take_in(at.context, mail("wendy@example.org", files=[], text="Reminder: lunch"))
    assert told(at) == []
    await take_in(at.context, mail("wendy@example.org"))

    assert "USLACKBOT" in told(at)[0]
    assert cases(at) == []
