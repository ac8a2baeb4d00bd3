"""Reading message events, with payloads as Slack sends them."""

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
    ("name", "what"),
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
        ("slack_join", EventKind.NOTHING),
        ("slack_bot_message", EventKind.WRITTEN),
    ],
)
def test_each_kind_of_message_is_read_as_what_it_is(name, what):
    reading = read_event(event(name), **OURS)

    assert reading.kind is what
    assert bool(reading.reason) is (what is EventKind.NOTHING)


def test_an_edit_tells_when_its_writer_made_it():
    edit = event("slack_edit")

    reading = read_event(edit, **OURS)

    assert reading.edited_at is not None
    assert f"{reading.edited_at.timestamp():.6f}" == edit["message"]["edited"]["ts"]


def test_a_change_in_which_nobody_changed_the_words_is_as_old_as_the_message():
    edit = event("slack_edit")
    del edit["message"]["edited"]

    reading = read_event(edit, **OURS)

    assert reading.edited_at == reading.written_at


def test_an_edit_is_read_as_the_message_that_it_leaves():
    edit = event("slack_edit")

    reading = read_event(edit, **OURS)

    assert reading.ts == edit["message"]["ts"]
    assert reading.text == edit["message"]["text"]
    assert reading.user == edit["message"]["user"]


def test_a_deletion_names_the_message_that_is_gone():
    deletion = event("slack_delete")

    reading = read_event(deletion, **OURS)

    assert reading.ts == deletion["deleted_ts"]
    assert reading.text == ""


def test_a_tombstone_is_a_deletion():
    tombstone = {"type": "message", "subtype": "tombstone", "ts": "1772452800.000100", "user": "USLACKBOT"}
    changed = message(
        subtype="message_changed",
        message=tombstone,
        previous_message=message(thread_ts="1772452800.000100"),
        ts="1772452999.000100",
    )

    reading = read_event(changed, **OURS)

    assert reading.kind is EventKind.DELETED
    assert reading.ts == "1772452800.000100"


def test_a_reply_knows_its_thread_and_a_first_message_has_none():
    reply = read_event(message(thread_ts="1772452000.000100"), **OURS)
    first = read_event(message(thread_ts="1772452800.000100"), **OURS)

    assert reply.thread_ts == "1772452000.000100"
    assert first.thread_ts == ""


def test_files_are_named_so_that_a_file_alone_is_no_empty_message():
    reading = read_event(message(text="", subtype="file_share", files=[{"name": "log.txt"}, {}]), **OURS)

    assert reading.kind is EventKind.WRITTEN
    assert reading.text == "[file: log.txt]\n[file: without a name]"


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
def test_what_means_nothing_says_why(changes, reason):
    reading = read_event(message(**changes), **OURS)

    assert (reading.kind, reading.reason) == (EventKind.NOTHING, reason)


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"channel": "C1"},
        {"channel": "C1", "ts": "yesterday"},
        {"channel": "C1", "ts": "²³.5"},
        {"ts": "1772452800.000100"},
        {"channel": "C1", "subtype": "message_changed", "ts": "1772452800.000100"},
        {"channel": "C1", "subtype": "message_changed", "message": "text", "ts": "1772452800.000100"},
        {"channel": "C1", "subtype": "message_deleted"},
    ],
)
def test_an_event_without_a_message_is_malformed_and_nothing_worse(broken):
    with pytest.raises(MalformedEventError):
        read_event(broken, **OURS)


def test_our_own_posts_are_known_as_ours():
    by_user = read_event(message(user=CASEBOOK.user_id, bot_id="B0CASEBK1"), **OURS)
    by_bot = read_event(message(user=None, subtype="bot_message", bot_id="B0CASEBK1"), **OURS)

    assert by_user.is_our_own
    assert by_bot.is_our_own


def test_the_name_in_the_ledger_is_the_home_team_the_channel_and_the_ts():
    reading = read_event(message(team="T0ELSE"), **OURS)

    assert reading.external_id("T0HOME001") == f"T0HOME001:{SHARED.channel_id}:1772452800.000100"
