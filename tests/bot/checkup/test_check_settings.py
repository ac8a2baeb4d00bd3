"""The check of the settings."""

import pytest

from bot.checkup.settings import check_settings
from bot.reports.findings import Verdict
from bot.settings import survey

NEEDED = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SUPPORT_SLACK_CHANNEL": "#support",
    "ALERTING_SLACK_CHANNEL": "#alerts",
    "LOGGING_SLACK_CHANNEL": "#log",
    "ADMIN_EMAILS": "anna@example.org",
}


async def findings(environment, folder):
    """The findings by variable."""
    return {finding.what: finding async for finding in check_settings(survey(environment, folder))}


async def test_every_problem_is_a_failure_of_its_variable(tmp_path):
    found = await findings(NEEDED | {"PORT": "99999", "IMAP_SERVER": "a b", "SMTP_TLS": "perhaps"}, tmp_path)

    assert {what for what, finding in found.items() if finding.state is Verdict.FAILED} == {
        "PORT",
        "IMAP_SERVER",
        "SMTP_TLS",
        "IMAP_EMAIL",
        "IMAP_PASSWORD",
    }


async def test_a_wrong_value_is_not_reported_as_missing_too(tmp_path):
    found = await findings(NEEDED | {"SLACK_APP_TOKEN": "swordfish"}, tmp_path)

    assert found["SLACK_APP_TOKEN"].state is Verdict.FAILED
    assert not any("stays shut: SLACK" in finding.found for finding in found.values())


async def test_a_remark_is_a_warning(tmp_path):
    found = await findings(NEEDED, tmp_path)

    assert found["values"].state is Verdict.OK
    assert found["IMAP_SERVER"].state is Verdict.WARNING


@pytest.mark.parametrize(("mode", "state"), [(0o600, Verdict.OK), (0o640, Verdict.WARNING), (0o644, Verdict.WARNING)])
async def test_a_file_with_a_secret_that_others_can_read_is_a_warning(tmp_path, mode, state):
    secret = tmp_path / "token"
    secret.write_text("xoxb-2", encoding="utf-8")
    secret.chmod(mode)
    given = {name: value for name, value in NEEDED.items() if name != "SLACK_BOT_TOKEN"}

    found = await findings(given | {"SLACK_BOT_TOKEN_FILE": str(secret)}, tmp_path)

    assert found["SLACK_BOT_TOKEN_FILE"].state is state


async def test_an_env_file_with_a_secret_is_checked(tmp_path):
    (tmp_path / ".env").write_text("SLACK_BOT_TOKEN=xoxb-3\n", encoding="utf-8")
    (tmp_path / ".env").chmod(0o644)

    assert (await findings(NEEDED, tmp_path))[".env"].state is Verdict.WARNING


async def test_an_env_file_without_secrets_may_be_read_by_everybody(tmp_path):
    (tmp_path / ".env").write_text("PORT=8080\n", encoding="utf-8")
    (tmp_path / ".env").chmod(0o644)

    assert ".env" not in await findings(NEEDED, tmp_path)
