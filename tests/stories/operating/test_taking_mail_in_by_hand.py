"""An operator imports mail from files, and handles the quarantine, while the bot runs."""

from datetime import UTC, datetime

import pytest

from casebook import database, ledger
from fixtures.cast import LOG, MAIL_CUSTOMERS, SUPPORT

MIA, _, _ = MAIL_CUSTOMERS
GOOD = f"From: Mia <{MIA}>\r\nSubject: Ink\r\nMessage-ID: <1@customer.example.com>\r\n\r\nIt is empty.\r\n".encode()
BAD = b"From: nobody at all\r\nSubject: \x1b[31m?\r\n\r\nbroken\r\n"
UNREADABLE = "quarantined (ledger row 2): This mail names no sender: no address stands in From, Sender or Reply-To."
YESTERDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def shell(program, play):
    """Runs one shell command while the bot runs; returns its exit status and output."""

    async def run(*arguments):
        environment = play.stage.environment(play.database_url)
        started = await program(environment, module="bot.cli", arguments=arguments)
        printed = (await started.process.stdout.read()).decode()
        return await started.ended(), printed

    return run


@pytest.fixture
def misjudged(sqlite_url):
    """Quarantine a mail that the parser can read now; returns the number of its ledger row."""
    database.open(sqlite_url)
    row = database.work(
        lambda: ledger.quarantine(source="email", external_id="sha256:a", raw=GOOD, reason="no sender", now=YESTERDAY)
    )
    database.close()
    return row.ledger_id


async def test_mail_from_files_becomes_cases_once(play, shell, tmp_path):
    (tmp_path / "good.eml").write_bytes(GOOD)
    (tmp_path / "bad.eml").write_bytes(BAD)
    async with play.performed():
        first, printed = await shell("ingest", "good.eml", "bad.eml", "none.eml")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        await play.until(lambda: play.slack.messages(LOG), "a word in the log channel")
        second, again = await shell("ingest", "good.eml")

    assert first == 1
    assert printed.splitlines() == [
        "good.eml: message of CASE-0001, a new case (ledger row 1)",
        f"bad.eml: {UNREADABLE}",
    ]
    assert (second, again.strip()) == (0, "good.eml: known already: message of CASE-0001 (ledger row 1)")
    assert play.read("SELECT case_id, message_count FROM cases") == [("CASE-0001", 1)]


async def test_mail_that_can_be_parsed_now_leaves_the_quarantine_and_the_rest_stays(play, shell, misjudged, tmp_path):
    (tmp_path / "bad.eml").write_bytes(BAD)
    async with play.performed():
        await shell("ingest", "bad.eml")
        _, listed = await shell("quarantine", "list")
        _, shown = await shell("quarantine", "show", "2")
        status, printed = await shell("quarantine", "retry")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        once_more, told = await shell("quarantine", "retry", str(misjudged))

    assert [line.split()[0] for line in listed.splitlines()] == ["1", "2"]
    assert "no sender" in listed
    assert "names no sender" in shown
    assert "\\x1b[31m?" in shown
    assert "\x1b" not in shown
    assert status == 1
    assert printed.splitlines() == ["1: message of CASE-0001, a new case (ledger row 1)", f"2: {UNREADABLE}"]
    assert (once_more, told.strip()) == (0, "1: Ledger row 1 is not in quarantine.")
    assert play.read("SELECT outcome, external_id FROM ledger ORDER BY id")[0] == ("message", "1@customer.example.com")
    assert play.read("SELECT created_at FROM cases") == [("2026-03-02T12:00:00.000000+00:00",)]


async def test_the_bytes_of_an_unreadable_mail_can_be_printed(shell, misjudged):
    status, printed = await shell("quarantine", "show", str(misjudged), "--raw")
    wrong, _ = await shell("quarantine", "show", "99")

    assert (status, printed.encode()) == (0, GOOD)
    assert wrong == 1
