"""Message events are read from payloads as Slack sends them."""

import json
from pathlib import Path

import pytest

from bot.slack.payloads.events import EventKind, MalformedEventError, read_event
from fixtures.cast import CASEBOOK, DORA, SHARED

PAYLOADS = Path(__file__).parents[4] / "fixtures" / "slack"
OURS = {"our_user": CASEBOOK.user_id, "our_bot": "B0CASEBK1"}


def event(name):
    """The event inside one of the payload files."""
    return json.loads((PAYLOADS / f"{name}.json").read_text())["event"]


def message(**changes):
    """A plain message event."""
    return {
        "type": "message",
        "channel": SHARED.channel_id,
        "user": DORA.user_id,
        "text": "Hello",
        "ts": "1772452800.000100",
    } | changes


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("slack_message_new", EventKind.WRITTEN),
        ("slack_followup", EventKind.WRITTEN),
        ("slack_urgent", EventKind.WRITTEN),
        ("slack_admin_close", EventKind.WRITTEN),
        ("slack_thread_reply", EventKind.WRITTEN),
        ("slack_me_message", EventKind.WRITTEN),
        ("slack_thread_broadcast", EventKind.WRITTEN),
        ("slack_file_share", EventKind.WRITTEN),
        ("slack_direct_message", EventKind.WRITTEN),
        ("slack_edit", EventKind.EDITED),
        ("slack_delete", EventKind.DELETED),
        ("slack_join", EventKind.IGNORED),
        ("slack_bot_message", EventKind.WRITTEN),
    ],
)
def test_each_kind_of_message_event_is_recognised(name, kind):
    parsed = read_event(event(name), **OURS)

    assert parsed.kind is kind
    assert bool(parsed.reason) is (kind is EventKind.IGNORED)


def test_an_edit_has_the_time_at_which_its_author_made_it():
    edit = event("slack_edit")

    parsed = read_event(edit, **OURS)

    assert parsed.edited_at is not None
    assert f"{parsed.edited_at.timestamp():.6f}" == edit["message"]["edited"]["ts"]


def test_a_change_without_an_edit_has_the_time_of_the_message():
    edit = event("slack_edit")
    del edit["message"]["edited"]

    parsed = read_event(edit, **OURS)

    assert parsed.edited_at == parsed.written_at


def test_an_edit_is_read_as_the_edited_message():
    edit = event("slack_edit")

    parsed = read_event(edit, **OURS)

    assert parsed.ts == edit["message"]["ts"]
    assert parsed.text == edit["message"]["text"]
    assert parsed.user == edit["message"]["user"]


def test_a_deletion_names_the_deleted_message():
    deletion = event("slack_delete")

    parsed = read_event(deletion, **OURS)

    assert parsed.ts == deletion["deleted_ts"]
    assert parsed.text == ""


def test_a_tombstone_is_a_deletion():
    tombstone = {"type": "message", "subtype": "tombstone", "ts": "1772452800.000100", "user": "USLACKBOT"}
    changed = message(
        subtype="message_changed",
        message=tombstone,
        previous_message=message(thread_ts="1772452800.000100"),
        ts="1772452999.000100",
    )

    parsed = read_event(changed, **OURS)

    assert parsed.kind is EventKind.DELETED
    assert parsed.ts == "1772452800.000100"


def test_a_reply_has_its_thread_and_a_first_message_has_none():
    reply = read_event(message(thread_ts="1772452000.000100"), **OURS)
    first = read_event(message(thread_ts="1772452800.000100"), **OURS)

    assert reply.thread_ts == "1772452000.000100"
    assert first.thread_ts == ""


def test_a_message_with_only_files_names_them():
    parsed = read_event(message(text="", subtype="file_share", files=[{"name": "log.txt"}, {}]), **OURS)

    assert parsed.kind is EventKind.WRITTEN
    assert parsed.text == "[file: log.txt]\n[file: without a name]"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"text": "  "}, "it is empty"),
        ({"text": None}, "it is empty"),
        ({"user": None}, "nobody is named as its author"),
        ({"subtype": "channel_topic"}, "it is a channel_topic message"),
        ({"subtype": "invented_tomorrow"}, "it is a invented_tomorrow message"),
    ],
)
def test_an_ignored_event_has_a_reason(changes, reason):
    parsed = read_event(message(**changes), **OURS)

    assert (parsed.kind, parsed.reason) == (EventKind.IGNORED, reason)


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"channel": "C1"},
        {"channel": "C1", "ts": "yesterday"},
        {"channel": "C1", "ts": "²³.5"},
        {"channel": "C1", "ts": "1772452800.²"},
        {"ts": "1772452800.000100"},
        {"channel": "C1", "subtype": "message_changed", "ts": "1772452800.000100"},
        {"channel": "C1", "subtype": "message_changed", "message": "text", "ts": "1772452800.000100"},
        {"channel": "C1", "subtype": "message_deleted"},
    ],
)
def test_an_event_without_a_message_is_malformed(broken):
    with pytest.raises(MalformedEventError):
        read_event(broken, **OURS)


def test_our_own_posts_are_recognised():
    by_user = read_event(message(user=CASEBOOK.user_id, bot_id="B0CASEBK1"), **OURS)
    by_bot = read_event(message(user=None, subtype="bot_message", bot_id="B0CASEBK1"), **OURS)

    assert by_user.is_our_own
    assert by_bot.is_our_own


def test_the_ledger_id_consists_of_home_team_channel_and_ts():
    parsed = read_event(message(team="T0ELSE"), **OURS)

    assert parsed.external_id("T0HOME001") == f"T0HOME001:{SHARED.channel_id}:1772452800.000100"
