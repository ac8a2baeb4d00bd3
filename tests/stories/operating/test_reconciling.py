"""An operator asks whether anything is missing, and has it stored, with and without a running bot."""

import json
import signal
from datetime import UTC, datetime, timedelta

import pytest

from casebook import database
from casebook.records import cursors
from fixtures.cast import CHANNELS, DORA, HOME_TEAM, MAIL_CUSTOMERS, SHARED, SUPPORT

MIA, _, _ = MAIL_CUSTOMERS
HOUR = timedelta(hours=1)
BROKEN = b"From: nobody at all\r\nSubject: ?\r\n\r\nbroken\r\n"


def mail(number):
    head = f"From: <{MIA}>\r\nSubject: Ink\r\nMessage-ID: <{number}@customer.example.com>\r\n"
    return f"{head}\r\nIt is empty.\r\n".encode()


async def read_once(play):
    """Both doors have been read for two hours, and the bot has stopped; what is written from now on is an hour old."""
    began = (datetime.now(UTC) - 2 * HOUR).timestamp()
    channels = {f"slack:{HOME_TEAM}:{channel.channel_id}": f"{began:.6f}" for channel in CHANNELS}
    database.open(play.database_url)
    database.work(lambda: cursors.keep(channels, now=datetime.now(UTC)))
    database.close()
    async with play.performed():
        await play.stage.mailbox.until(lambda: play.read("SELECT 1 FROM positions WHERE door LIKE 'mail:%'"))
    play.slack.clock_offset = -HOUR.total_seconds()


async def deliver(play, raw):
    """An email arrived an hour ago."""
    await play.stage.mailbox.deliver(raw, received_at=datetime.now(UTC) - HOUR)


@pytest.fixture
def reconcile(program):
    """Runs `casebook reconcile` with these arguments; its exit status, and what it prints."""

    async def run(play, *arguments, **changes):
        environment = play.stage.environment(play.database_url, **changes)
        started = await program(environment, module="bot.cli", arguments=("reconcile", *arguments))
        printed = (await started.process.stdout.read()).decode()
        return await started.ended(), printed

    return run


async def test_what_arrived_while_the_bot_was_away_is_stored_and_then_nothing_is_missing(play_on_both, reconcile):
    play = play_on_both
    await read_once(play)
    ts = await play.slack.write(DORA, SHARED, "It is broken")
    await deliver(play, mail(1))
    await deliver(play, BROKEN)

    mended, printed = await reconcile(play, "--mend", "--json")
    async with play.performed():
        await play.until(lambda: len(play.slack.messages(SUPPORT)) == 2, "two cards")
        again, second = await reconcile(play)

    document = json.loads(printed)
    missing = [each for door in document["doors"] for each in door["differences"]]
    lines = [" ".join(line.split()) for line in second.splitlines()]
    assert (mended, document["status"]) == (0, "ok"), printed
    assert [each["external_id"].partition(":")[0] for each in missing] == [
        HOME_TEAM,
        "1@customer.example.com",
        "sha256",
    ]
    assert missing[0]["external_id"] == f"{HOME_TEAM}:{SHARED.channel_id}:{ts}"
    assert [each["mended"]["outcome"] for each in missing] == ["message", "message", "quarantined"]
    assert (again, lines[-1]) == (0, "0 missing.")
    assert (lines.count("stored 1"), lines.count("quarantined 1")) == (2, 1)
    assert play.read("SELECT case_id, source, body FROM messages ORDER BY id") == [
        ("CASE-0001", "slack", "It is broken"),
        ("CASE-0002", "email", "It is empty."),
    ]
    assert MIA not in printed + second
    assert "broken" not in printed + second


async def test_a_door_that_does_not_answer_does_not_affect_the_other(play, reconcile):
    await read_once(play)
    await deliver(play, mail(1))
    play.slack.faults.server_error("auth.test", times=None)

    status, printed = await reconcile(play)

    assert status == 1
    assert "Not compared: Slack did not answer" in printed
    assert printed.splitlines()[-1] == "1 missing, as far as could be compared; --mend sets that right."


async def test_a_wrong_token_and_a_shut_door_are_reported(slack_play, reconcile):
    status, printed = await reconcile(slack_play, SLACK_BOT_TOKEN="xoxb-somebody-elses")

    assert status == 78
    assert "Not compared: Slack does not take SLACK_BOT_TOKEN" in printed
    assert "mail\n  This door is shut, since IMAP_SERVER is not set.\n" in printed
    assert "xoxb" not in printed


async def test_ctrl_c_ends_it_while_slack_does_not_answer(program, slack_play):
    slack_play.slack.faults.hang("users.conversations")
    environment = slack_play.stage.environment(slack_play.database_url)
    started = await program(environment, module="bot.cli", arguments=("reconcile",))
    asked = slack_play.slack.calls
    await slack_play.until(lambda: any(call.method == "users.conversations" for call in asked), "the question", 30)

    started.process.send_signal(signal.SIGINT)

    assert await started.ended() == 130
    assert "Interrupted." in "\n".join(started.log)
    assert "Traceback" not in "\n".join(started.log)
