"""The Bolt app is built without a remark, whatever stands in the environment that Bolt reads by itself."""

import logging

import pytest

from bot.slack.app import build_app


@pytest.mark.parametrize(
    "names",
    [(), ("SLACK_BOT_TOKEN",), ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_VERIFICATION_TOKEN")],
    ids=len,
)
async def test_bolt_has_nothing_to_remark_on_the_environment(at, monkeypatch, caplog, names):
    for name in names:
        monkeypatch.setenv(name, "xoxb-of-the-environment")
    caplog.set_level(logging.INFO)

    build_app(at.context)

    assert [record.getMessage() for record in caplog.records if record.name.startswith("slack_")] == []


async def test_what_else_bolt_has_to_say_is_heard(at, caplog):
    app = build_app(at.context)

    app.logger.warning("something of weight")

    assert "something of weight" in caplog.text
