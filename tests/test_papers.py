"""The papers agree with the code: README, .env.example, manifest.json, Procfile, Makefile."""

import ast
import json
import re
from pathlib import Path

import pytest

from bot.settings import SECRETS, VARIABLES, read_settings
from bot.slack.commands import WORDS
from bot.web import ADDRESSES
from casebook import models
from fixtures.workspace.methods import METHODS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MANIFEST = json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))

SLACK_CODE = sorted((ROOT / "bot" / "slack").glob("*.py"))

NEEDED = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SUPPORT_SLACK_CHANNEL": "#support",
    "ALERTING_SLACK_CHANNEL": "#alerts",
    "LOGGING_SLACK_CHANNEL": "#log",
}


def attributes(path: Path) -> set[str]:
    """Every name that the file reaches for after a dot."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def section(title: str) -> str:
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(title: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_the_readme_has_every_setting_once_in_the_order_of_the_code():
    assert [cell for cell, _, _ in rows("Settings")] == [f"`{name}`" for name in VARIABLES]


@pytest.mark.parametrize(("cell", "default", "meaning"), rows("Settings"))
def test_the_readme_gives_each_setting_its_default_and_a_meaning(cell, default, meaning):
    metadata = VARIABLES[cell.strip("`")].metadata

    assert meaning
    if metadata["default"]:
        assert default == f"`{metadata['default']}`"
    else:
        assert not re.fullmatch(r"`[^`]*`", default)
        assert (default == "needed") is metadata["required"]


def test_the_readme_names_every_secret_that_a_file_may_hold():
    (sentence,) = [line for line in section("Settings").splitlines() if line.startswith("The secrets")]

    assert set(code(sentence.split(" can ")[0])) == SECRETS


def test_the_example_has_every_setting_once_and_shows_its_default():
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    shown = [found for line in lines if (found := re.fullmatch(r"#?([A-Z_]+)=(.*)", line))]

    assert sorted(found[1] for found in shown) == sorted(VARIABLES)
    assert {found[1]: found[2] for found in shown} == {
        name: item.metadata["default"] for name, item in VARIABLES.items()
    }


def test_the_example_with_every_line_in_use_means_the_defaults(tmp_path):
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    (tmp_path / ".env").write_text(re.sub(r"(?m)^#(?=[A-Z_]+=)", "", text), encoding="utf-8")
    (tmp_path / "bare").mkdir()

    assert read_settings(NEEDED, tmp_path) == read_settings(NEEDED, tmp_path / "bare")


def test_the_example_holds_no_secret():
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    filled = [line for line in lines if re.match(r"#?(\w+)=.", line) and line.strip("#").split("=")[0] in SECRETS]

    assert filled == ["#DATABASE_URL=sqlite:///casebook.db"]


def test_the_manifest_listens_to_every_kind_of_conversation_over_the_socket():
    assert set(MANIFEST["settings"]["event_subscriptions"]["bot_events"]) == {
        "app_home_opened",
        "member_joined_channel",
        "message.channels",
        "message.groups",
        "message.im",
        "message.mpim",
    }
    assert MANIFEST["settings"]["socket_mode_enabled"] is True
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True


def test_the_manifest_has_the_home_tab_direct_messages_and_one_command():
    home = MANIFEST["features"]["app_home"]
    (command,) = MANIFEST["features"]["slash_commands"]

    assert home["home_tab_enabled"] is True
    assert home["messages_tab_enabled"] is True
    assert home["messages_tab_read_only_enabled"] is False
    assert command["command"] == "/case"


def test_the_manifest_asks_for_what_the_code_uses_and_for_nothing_else():
    asked = set(MANIFEST["oauth_config"]["scopes"]["bot"])
    named = set().union(*(attributes(path) for path in SLACK_CODE))
    called = {name: set(method.scopes) for name, method in METHODS.items() if name.replace(".", "_") in named}
    lacking = {name: scopes for name, scopes in called.items() if scopes and not scopes & asked}
    events = {"channels:history", "groups:history", "im:history", "mpim:history", "commands", "users:read.email"}

    assert {"chat.postMessage", "users.info", "conversations.info"} <= set(called)
    assert lacking == {}
    assert asked - events <= set().union(*called.values())
    assert events <= asked


def test_the_procfile_starts_the_bot():
    assert (ROOT / "Procfile").read_text(encoding="utf-8") == "worker: python -m bot\n"


def test_every_make_target_that_the_papers_name_is_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?m)^([a-z]+):", makefile))
    papers = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

    assert set(re.findall(r"(?m)(?:^|`)make ([a-z]+)", papers)) <= targets
    assert {"install", "demo", "test", "run", "coverage", "lint", "types", "bench"} <= targets


def test_the_readme_has_exactly_the_web_addresses_that_there_are():
    assert sorted(cell.strip("`") for cell, _ in rows("Web addresses")) == sorted(ADDRESSES)


def test_the_readme_and_the_manifest_have_exactly_the_words_of_the_command():
    (command,) = MANIFEST["features"]["slash_commands"]
    written = [re.match(r"`/case (\w+)", cell)[1] for cell, _ in rows("In Slack")]
    hinted = re.findall(r"(?:^|\| )(\w+)", command["usage_hint"])

    assert sorted(written) == sorted(WORDS)
    assert sorted(hinted) == sorted(WORDS)


@pytest.mark.parametrize(("table", "columns"), rows("Data"))
def test_every_column_that_the_readme_promises_is_in_the_book(table, columns):
    (model,) = [model for model in models.TABLES if model._meta.table_name == table.strip("`")]

    assert set(code(columns)) <= set(model._meta.columns)


def test_one_sentence_stands_on_a_line_of_the_readme():
    prose = [line for line in README.splitlines() if line and line[0] not in "|`#"]
    crowded = [line for line in prose if re.search(r"[a-z)`]\. [A-Z]", line.replace("case.` closes", ""))]

    assert crowded == []
