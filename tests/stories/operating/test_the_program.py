"""`python -m bot`: settings, start-up, signals and crashes."""

import asyncio
import fcntl
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from casebook import database
from fixtures.cast import ALERTS, ANNA, DORA, SHARED, SUPPORT


async def test_everything_that_is_wrong_is_said_at_once_and_no_secret_is_shown(program):
    bot = await program({"SLACK_BOT_TOKEN": "swordfish", "ESCALATION_HOURS": "soon", "PORT": "99999"}, afresh=True)

    status = await bot.ended()

    said = "\n".join(bot.log)
    assert status == 78
    for name in ("SLACK_BOT_TOKEN", "ESCALATION_HOURS", "PORT", "SUPPORT_SLACK_CHANNEL", "LOGGING_SLACK_CHANNEL"):
        assert name in said
    assert "swordfish" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-0-wrong"}, "Slack does not take SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-0-wrong"}, "Slack does not take SLACK_APP_TOKEN"),
        ({"SUPPORT_SLACK_CHANNEL": "#nowhere"}, "SUPPORT_SLACK_CHANNEL names #nowhere"),
        ({"ALERTING_SLACK_CHANNEL": "C0NOWHERE"}, "ALERTING_SLACK_CHANNEL is C0NOWHERE"),
        ({"LOGGING_SLACK_CHANNEL": "#acme-and-partner"}, "is shared with another organisation"),
        ({"CUSTOMER_SLACK_CHANNELS": "C0SUPPORT"}, "is a staff channel and stands in CUSTOMER_SLACK_CHANNELS"),
    ],
)
async def test_settings_that_slack_refuses_end_the_start_with_one_sentence(
    program, slack_stage, tmp_path, changes, sentence
):
    url = f"sqlite:///{tmp_path / 'untouched.db'}"
    bot = await program(slack_stage.environment(url, **changes))

    status = await bot.ended()

    said = "\n".join(bot.log)
    assert status == 78
    assert sentence in said
    assert "Traceback" not in said
    assert "xoxb-0-wrong" not in said
    assert not (tmp_path / "untouched.db").exists()


async def test_no_library_remarks_on_the_tokens_of_the_environment(program, slack_stage, sqlite_url):
    bot = await program(slack_stage.environment(sqlite_url, LOG_LEVEL="INFO"), afresh=True)
    await slack_stage.workspace.until(lambda: slack_stage.workspace.connections == 1, 20, "a socket")
    await slack_stage.workspace.write(DORA, SHARED, "Hello")
    await slack_stage.workspace.until(lambda: slack_stage.workspace.messages(SUPPORT), 20, "a card")
    bot.process.send_signal(signal.SIGTERM)

    status = await bot.ended()

    assert status == 0
    assert [line for line in bot.log if "slack_bolt" in line or "slack_sdk" in line] == []


async def test_a_channel_that_the_bot_is_not_in_is_named_with_what_to_do(program, slack_stage, sqlite_url):
    slack_stage.workspace.kick(ALERTS)
    bot = await program(slack_stage.environment(sqlite_url))

    status = await bot.ended()

    assert status == 78
    assert any("the bot is not in #alerts; write /invite @casebook there" in line for line in bot.log)


async def test_a_signing_secret_without_an_app_token_ends_the_start_with_a_sentence(program, slack_stage, sqlite_url):
    environment = slack_stage.environment(sqlite_url, SLACK_SIGNING_SECRET="0123456789abcdef")
    del environment["SLACK_APP_TOKEN"]
    bot = await program(environment)

    status = await bot.ended()

    assert status == 78
    assert any("SLACK_SIGNING_SECRET" in line for line in bot.log)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
async def test_a_signal_ends_it_in_order_with_status_0(program, stage, sqlite_url, name):
    bot = await program(stage.environment(sqlite_url), afresh=True)
    await bot.says("casebook is running")

    bot.process.send_signal(getattr(signal, name))
    status = await bot.ended(10)

    assert status == 0
    assert not any("Traceback" in line for line in bot.log)


async def test_a_signal_while_it_is_being_loaded_ends_it_with_status_0(program, stage, sqlite_url):
    bot = await program(stage.environment(sqlite_url), afresh=True)
    state = Path(f"/proc/{bot.process.pid}/status")
    await stage.workspace.until(lambda: catches(state, signal.SIGTERM), 20, "a program that listens to signals")

    bot.process.send_signal(signal.SIGTERM)
    status = await bot.ended(10)

    assert status == 0
    assert not any("casebook is running" in line for line in bot.log)


def catches(state, number):
    """Whether a process handles a signal: https://www.man7.org/linux/man-pages/man5/proc_pid_status.5.html"""
    caught = next(line for line in state.read_text().splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


async def test_a_program_that_only_tests_the_lock_of_a_file_does_not_keep_a_bot_from_starting(slack_play):
    looked_at = database.lock_file(slack_play.database_url).open("a")
    fcntl.flock(looked_at, fcntl.LOCK_SH)
    asyncio.get_running_loop().call_later(0.2, looked_at.close)

    async with slack_play.performed():
        started = looked_at.closed

    assert started


async def test_a_second_bot_on_the_same_file_refuses_to_start(program, slack_stage, sqlite_url):
    first = await program(slack_stage.environment(sqlite_url))
    await first.says("casebook is running")
    second = await program(slack_stage.environment(sqlite_url))

    status = await second.ended()

    assert status == 78
    assert any("Another bot is already running on this database file" in line for line in second.log)


async def test_a_database_of_a_newer_casebook_is_refused_and_unchanged(program, slack_stage, sqlite_url):
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as connection:
        connection.execute(
            "INSERT INTO schema_migration (name, applied) VALUES ('9999_flying_cars', '2030-01-01 00:00:00')"
        )
    bot = await program(slack_stage.environment(sqlite_url))

    status = await bot.ended()

    assert status == 78
    assert any("newer Casebook" in line and "9999_flying_cars" in line for line in bot.log)


async def test_after_a_kill_between_storing_and_acknowledging_each_message_is_stored_once(program, slack_play):
    play = slack_play
    environment = play.stage.environment(play.database_url)
    doomed = await program(environment, module="tests.faults.processes.crash_before_acknowledging")
    await doomed.says("casebook is running")
    await play.slack.write(DORA, SHARED, "The export is broken")
    await play.slack.write(DORA, SHARED, "and now die now")
    status = await doomed.ended()
    unacknowledged = [sent for sent in play.slack.envelopes if not sent.acknowledged_at]

    heir = await program(environment)
    await heir.says("casebook is running")
    await play.slack.redeliver()
    await play.until(lambda: play.slack.envelopes[-1].acknowledged_at, "the redelivery to be acknowledged")
    await play.until(lambda: "die now" in "".join(play.shown(SUPPORT)), "the second message under the card")

    assert status == -signal.SIGKILL
    assert unacknowledged
    assert play.read("SELECT body FROM messages ORDER BY id") == [("The export is broken",), ("and now die now",)]
    assert play.read("SELECT message_count FROM cases") == [(2,)]
    assert len(play.slack.messages(SUPPORT)) == 1


async def test_the_casebook_command_works_beside_the_bot(program, slack_play):
    play = slack_play
    environment = play.stage.environment(play.database_url, ESCALATION_HOURS="0.0001", ESCALATION_CHECK_INTERVAL="3600")
    bot = await program(environment)
    await bot.says("casebook is running")
    await play.slack.write(DORA, SHARED, "The export is broken")
    await play.until(lambda: play.slack.messages(SUPPORT), "a card")
    await play.slack.write(ANNA, SHARED, "One moment")
    await play.until(lambda: "2 messages" in play.shown(SUPPORT)[0], "the answer on the card")

    migrated = await program(environment, module="bot.cli", arguments=("migrate",))
    status = await migrated.ended()
    escalated = await program(environment, module="bot.cli", arguments=("escalate-due",))
    await escalated.ended()
    await play.until(lambda: play.slack.messages(ALERTS), "an alert")

    assert status == 0
    assert "quiet for" in play.shown(ALERTS)[0]


async def test_the_command_creates_the_schema(program, slack_stage, tmp_path):
    url = f"sqlite:///{tmp_path / 'new.db'}"
    made = await program(slack_stage.environment(url), module="bot.cli", arguments=("migrate",), afresh=True)

    status = await made.ended()

    assert status == 0
    database.open(url)
    assert database.work(database.pending) == ()
    database.close()


async def test_it_ends_in_time_though_no_server_answers_while_it_stops(program, stage, sqlite_url):
    bot = await program(stage.environment(sqlite_url))
    await bot.says("casebook is running")
    stage.workspace.mute()
    stage.workspace.faults.hang("chat.postMessage")
    stage.mailbox.blackhole()
    await stage.workspace.write(DORA, SHARED, "The export is broken")

    bot.process.send_signal(signal.SIGTERM)
    status = await bot.ended(10)

    assert status == 0


async def test_a_signal_ends_it_while_slack_does_not_answer_at_the_start(program, slack_stage, sqlite_url):
    slack_stage.workspace.faults.hang("auth.test")
    bot = await program(slack_stage.environment(sqlite_url))
    until = slack_stage.workspace.until
    await until(lambda: any(call.method == "auth.test" for call in slack_stage.workspace.calls), 20, "the first call")

    bot.process.send_signal(signal.SIGTERM)
    status = await bot.ended(10)

    assert status == 0


async def test_a_notice_that_was_claimed_when_it_was_killed_is_sent_once_and_soon(program, slack_play):
    play = slack_play
    environment = play.stage.environment(play.database_url)
    doomed = await program(environment)
    await doomed.says("casebook is running")
    play.slack.faults.hang("chat.postMessage")
    await play.slack.write(DORA, SHARED, "The export is broken")
    await play.until(lambda: any(call.method == "chat.postMessage" for call in play.slack.calls), "the post in hand")
    doomed.process.kill()
    await doomed.ended()
    play.slack.faults.clear()

    heir = await program(environment)
    await heir.says("casebook is running")
    await play.until(lambda: play.slack.messages(SUPPORT), "the card", 15)

    assert len(play.slack.messages(SUPPORT)) == 1
    assert any(call.method == "conversations.history" for call in play.slack.calls)
