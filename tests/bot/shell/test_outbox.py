"""`casebook outbox` lists, retries and drops notices, on either database."""

import json
from datetime import timedelta

import pytest

from bot.cli import main
from bot.clock import Clock
from casebook import database, notices
from casebook.models import Notice
from casebook.outcomes import NoticeKind

SETTINGS = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SUPPORT_SLACK_CHANNEL": "#support",
    "ALERTING_SLACK_CHANNEL": "#alerts",
    "LOGGING_SLACK_CHANNEL": "#case-log",
    "ATTACHMENTS": "none",
}


@pytest.fixture
def outbox(monkeypatch, tmp_path, database_url, capsys):
    """`outbox(word, *ids)` runs the command on a database with one refused and one pending notice."""
    monkeypatch.chdir(tmp_path)
    for name, value in (SETTINGS | {"DATABASE_URL": database_url}).items():
        monkeypatch.setenv(name, value)
    with database.opened(database_url):
        now = Clock().now() - timedelta(minutes=5)
        database.work(lambda: notices.log("SECRET WORDS", now=now))
        claimed = database.work(lambda: notices.claim(notices.LOG, now=now))
        later = now + timedelta(hours=1)
        database.work(lambda: notices.mark_failed(claimed, error="not_in_\x1b[31mchannel", retry_at=later))
        payload = {"text": "SECRET WORDS"}
        database.work(lambda: notices.put(NoticeKind.PRIVATE, lane="C0SHARED1", now=now, payload=payload))

    def run(*words):
        status = main(["outbox", *words])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def states(database_url):
    with database.opened(database_url):
        return database.work(
            lambda: [(row.state, row.due_at <= Clock().now()) for row in Notice.select().order_by(Notice.id)]
        )


def test_what_waits_and_what_is_refused_is_shown_without_what_it_says(outbox):
    status, printed, _ = outbox("list")

    head, refused, waits = [line.split() for line in printed.splitlines()]
    assert status == 0
    assert head == ["ID", "age", "state", "tries", "where", "what", "case", "why"]
    assert refused == ["1", "5", "min", "refused", "1", "log", "log", "not_in_", "[31mchannel"]
    assert waits == ["2", "5", "min", "waits", "0", "C0SHARED1", "private"]
    assert "SECRET" not in printed
    assert "\x1b" not in printed


def test_programs_get_it_as_json(outbox):
    status, printed, _ = outbox("list", "--json")

    refused, waits = json.loads(printed)
    assert (status, refused["id"], refused["state"], refused["attempts"]) == (0, 1, "refused", 1)
    assert (waits["lane"], waits["kind"], waits["case_id"]) == ("C0SHARED1", "private", None)


def test_all_that_is_refused_is_due_now_when_no_number_is_given(outbox, database_url):
    status, printed, _ = outbox("retry")

    assert (status, printed) == (0, "Notice 1 is due now.\n")
    assert states(database_url)[0] == ("failed", True)


def test_what_is_dropped_is_gone_and_an_unknown_number_gets_a_sentence(outbox, database_url):
    status, printed, told = outbox("drop", "2", "99")
    _, _, again = outbox("drop", "2")
    retried, _, _ = outbox("retry", "99")

    assert (status, printed) == (1, "Notice 2 is dropped: private, which was for C0SHARED1.\n")
    assert told == "There is no notice 99 in the outbox.\n"
    assert again == "There is no notice 2 in the outbox.\n"
    assert retried == 1
    assert states(database_url)[1][0] == "dropped"


def test_an_empty_outbox_says_so(outbox):
    outbox("drop", "1", "2")

    assert outbox("list")[:2] == (0, "Nothing waits in the outbox.\n")
    assert outbox("retry")[:2] == (0, "Nothing in the outbox is refused.\n")
