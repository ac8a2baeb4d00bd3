"""The Bolt app is built without warnings, whatever the environment that Bolt reads itself."""

import logging

import pytest

from bot.slack.app import build_app


@pytest.mark.parametrize(
    "names",
    [(), ("SLACK_BOT_TOKEN",), ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_VERIFICATION_TOKEN")],
    ids=len,
)
async def test_bolt_logs_no_warning_about_the_environment(at, monkeypatch, caplog, names):
    for name in names:
        monkeypatch.setenv(name, "xoxb-of-the-environment")
    caplog.set_level(logging.INFO)

    build_app(at.context)

    assert [record.getMessage() for record in caplog.records if record.name.startswith("slack_")] == []


async def test_other_warnings_of_bolt_are_logged(at, caplog):
    app = build_app(at.context)

    app.logger.warning("something important")

    assert "something important" in caplog.text
