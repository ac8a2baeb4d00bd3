"""`casebook check` tests the set-up, before the first start and while the bot runs."""

import json
import re
import signal
import socket

import psycopg

from fixtures.cast import ALERTS, GITA, INBOX, SHARED
from fixtures.mailbox import Mailbox
from fixtures.stage import Stage, set_stage
from tests.bot.slack.checks.test_check_slack import READING

VOUCHED = (
    b"Authentication-Results: mx.example.org; dmarc=pass header.from=customer.example.com\r\n"
    b"From: mia@customer.example.com\r\nSubject: Help\r\nMessage-ID: <1@x>\r\n\r\nThe export is broken.\r\n"
)


async def checked(program, environment, *arguments):
    """Run the check; returns the exit status and the output."""
    check = await program(environment, module="bot.cli", arguments=("check", *arguments))
    status = await check.ended(60)
    assert not any("Traceback" in line for line in check.log), check.log
    return status, (await check.process.stdout.read()).decode()


def found(printed):
    """The findings in a JSON document by area and check; the worst one of repeated checks."""
    worst = ["ok", "skipped", "warning", "failed"]
    by_name = {}
    for finding in sorted(json.loads(printed)["findings"], key=lambda each: worst.index(each["state"])):
        by_name[finding["area"], finding["what"]] = finding
    return by_name


def rows(url):
    """The number of rows of each table."""
    with psycopg.connect(url) as connection:
        names = [name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone() for name in sorted(names)}


def files(folder):
    """Each file with its bytes and modification time."""
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir() if path.is_file()}


async def test_a_good_set_up_is_good_and_nothing_is_changed(program, stage, database_url, tmp_path):
    await stage.mailbox.deliver(VOUCHED)
    on_server = database_url.startswith("postgresql")
    before = files(tmp_path), rows(database_url) if on_server else None, await stage.mailbox.flags()
    environment = stage.environment(
        database_url,
        MAIL_AUTHSERV_ID="mx.example.org",
        ATTACHMENTS="none",
    )

    status, printed = await checked(program, environment)

    assert status == 0
    assert {line.split()[0] for line in printed.splitlines()[:-1]} == {"ok", "skipped"}, printed
    assert re.fullmatch(r"0 failed, 1 skipped, \d+ ok\.", printed.splitlines()[-1])
    assert (files(tmp_path), rows(database_url) if on_server else None, await stage.mailbox.flags()) == before
    assert {call.method for call in stage.workspace.calls} <= READING
    assert stage.workspace.connections == 0
    assert stage.mailbox.sent == []


async def test_a_set_up_without_a_database_is_good_and_creates_none(program, slack_stage, tmp_path):
    status, _ = await checked(program, slack_stage.environment(f"sqlite:///{tmp_path / 'new.db'}"))

    assert status == 0
    assert list(tmp_path.iterdir()) == []


async def test_all_faults_of_a_set_up_are_reported_at_once(program, stage, sqlite_url, tmp_path):
    stage.workspace.scopes.difference_update({"users:read.email", "im:history"})
    stage.workspace.kick(ALERTS)
    stage.workspace.clock_offset = 90
    (tmp_path / "casebook.db").write_text("Dear reader, " * 100, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.listen()
        environment = stage.environment(
            sqlite_url,
            SLACK_APP_TOKEN="xapp-0-dead",
            SUPPORT_SLACK_CHANNEL=SHARED.channel_id,
            LOGGING_SLACK_CHANNEL="the log",
            ADMIN_SLACK_IDS=GITA.user_id,
            ADMIN_SLACK_USERGROUP="nobody-knows",
            IMAP_PASSWORD="swordfish",
            SMTP_SERVER="127.0.0.1",
            SMTP_PORT="1",
            ESCALATION_HOURS="soon",
            ESCALATION_HOUR="48",
            PORT=str(other.getsockname()[1]),
        )

        status, printed = await checked(program, environment, "--json")

    document = found(printed)
    failures = {name for name, finding in document.items() if finding["state"] == "failed"}
    assert status == 1
    assert json.loads(printed)["status"] == "failed"
    assert failures == {
        ("settings", "LOGGING_SLACK_CHANNEL"),
        ("settings", "ESCALATION_HOURS"),
        ("machine", "web port"),
        ("Slack", "app token"),
        ("Slack", "scopes"),
        ("Slack", "clock"),
        ("Slack", "SUPPORT_SLACK_CHANNEL"),
        ("Slack", "ALERTING_SLACK_CHANNEL"),
        ("Slack", "ADMIN_SLACK_IDS"),
        ("Slack", "ADMIN_SLACK_USERGROUP"),
        ("Slack", "ADMIN_EMAILS"),
        ("mail", "login"),
        ("mail", "smtp"),
        ("database", "file"),
    }
    assert document["settings", "ESCALATION_HOUR"]["state"] == "warning"
    assert all(document[name]["advice"] for name in failures if name[0] not in ("settings", "Slack"))
    assert "swordfish" not in printed


async def test_a_set_up_without_settings_is_reported_and_the_rest_is_skipped(program):
    status, printed = await checked(program, {}, "--json")

    states = {name: finding["state"] for name, finding in found(printed).items()}
    assert status == 1
    assert states["settings", "SLACK_BOT_TOKEN"] == "failed"
    assert states["Slack", "channels"] == "skipped"
    assert states["mail", "inbox"] == "skipped"
    assert states["database", "schema"] == "ok"


async def test_a_warning_is_no_failure(program, slack_stage, sqlite_url):
    async with Mailbox.running(idle=False) as box:
        environment = Stage(slack_stage.workspace, box).environment(sqlite_url)

        status, printed = await checked(program, environment, "--json")

    document = found(printed)
    assert status == 0
    assert document["mail", "abilities"]["state"] == "warning"
    assert document["settings", "MAIL_AUTHSERV_ID"]["state"] == "warning"


async def test_beside_the_bot_the_check_sees_it_run(program, stage, sqlite_url):
    environment = stage.environment(sqlite_url)
    bot = await program(environment)
    port = re.search(r"127\.0\.0\.1:(\d+)", await bot.says("casebook is running"))[1]
    await stage.mailbox.deliver(VOUCHED)
    await stage.workspace.until(lambda: stage.workspace.messages("C0SUPPORT"), 15, "the mail has a card")

    status, printed = await checked(program, environment | {"PORT": port}, "--json")

    document = found(printed)
    assert status == 0
    assert "a bot is running" in document["database", "lock"]["found"]
    assert "it is healthy" in document["machine", "web port"]["found"]
    assert document["mail", "mails to take"]["found"] == "none has come since the bot last looked"


async def test_ctrl_c_ends_the_check_at_once_though_a_server_does_not_answer(program, stage, sqlite_url):
    stage.mailbox.blackhole()
    stage.workspace.faults.hang("auth.test")
    check = await program(stage.environment(sqlite_url), module="bot.cli", arguments=("check",))
    await stage.mailbox.until(lambda: stage.mailbox.connections and stage.workspace.calls, 30)

    check.process.send_signal(signal.SIGINT)
    status = await check.ended(5)

    assert status == 130
    assert check.log == []


async def test_a_terminal_gets_columns_and_the_progress(program, slack_stage, sqlite_url):
    status, printed = await checked(program, slack_stage.environment(sqlite_url) | {"FORCE_COLOR": "1"})

    assert status == 0
    assert "Trying: " in printed
    assert "\x1b[" in printed
    assert INBOX not in printed


async def test_a_stage_lets_the_app_do_what_its_manifest_asks_for():
    async with set_stage(mail=False) as stage:
        assert "chat:write" in stage.workspace.scopes
        assert "reactions:write" not in stage.workspace.scopes
