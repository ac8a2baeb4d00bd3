"""The subcommands of `casebook`: what each needs, and their exit statuses."""

import json

import pytest

from bot.cli import COMMANDS, main


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """No setting at all."""
    monkeypatch.chdir(tmp_path)
    for name in ("SLACK_BOT_TOKEN", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)


def test_the_manifest_needs_no_setting(capsys):
    assert main(["manifest"]) == 0
    assert json.loads(capsys.readouterr().out)["features"]["bot_user"]["display_name"] == "casebook"


@pytest.mark.parametrize("command", ["migrate", "escalate-due"])
def test_a_command_on_the_book_is_not_begun_without_settings(capsys, command, tmp_path):
    assert main([command]) == 78

    said = capsys.readouterr()
    assert "SLACK_BOT_TOKEN is missing" in said.err
    assert list(tmp_path.iterdir()) == []


def test_every_command_says_in_one_line_what_it_does():
    for command in COMMANDS.values():
        first = (command.run.__doc__ or "").splitlines()[0]
        assert first.endswith(".")
        assert len(first) < 110


@pytest.mark.parametrize("arguments", [[], ["fly"], ["migrate", "--json"]])
def test_what_is_not_understood_ends_with_status_2(capsys, arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
