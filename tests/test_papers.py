"""The papers agree with the code: README, .env.example, manifest.json, Procfile, Makefile."""

import ast
import json
import re
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.cli import COMMANDS
from bot.settings import SECRETS, VARIABLES, read_settings
from bot.slack.actions import BUTTONS, PLACE
from bot.slack.app import EVENTS
from bot.slack.command_words import WORDS
from bot.slack.manifest import as_text
from bot.slack.scopes import SCOPES
from bot.slack.screens import doubtful, forwards
from bot.slack.screens.cards import MESSAGE_WHOLE, MOVE, TRY_AGAIN, UNDO
from bot.slack.screens.case_buttons import _LABELS
from bot.slack.screens.claims import CONFIRM, IGNORE
from bot.slack.shortcuts import SHORTCUTS
from bot.web import ADDRESSES
from fixtures.workspace.methods import METHODS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MANIFEST = json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))

SLACK_CODE = sorted((ROOT / "bot" / "slack").rglob("*.py"))

NEEDED = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SUPPORT_SLACK_CHANNEL": "#support",
    "ALERTING_SLACK_CHANNEL": "#alerts",
    "LOGGING_SLACK_CHANNEL": "#log",
}


def calls() -> list[tuple[str, set[str]]]:
    """Every call of the Web API in the code: the method as the SDK spells it, and its arguments by name."""
    found = []
    for path in SLACK_CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
                if name.strip("_") == "client" and hasattr(AsyncWebClient, node.func.attr):
                    found.append((node.func.attr, {keyword.arg or "" for keyword in node.keywords}))
    return found


def section(title: str) -> str:
    return README.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def rows(title: str) -> list[list[str]]:
    """The cells of a section's first table, without its head."""
    table = re.search(r"(?m)(?:^\|.*\n)+", section(title))[0]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()[2:]]


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


def test_the_readme_says_of_exactly_those_settings_without_effect_that_they_have_none(tmp_path):
    everything = {
        "SLACK_SIGNING_SECRET": "hidden",
        "IMAP_SERVER": "imap.example.org",
        "IMAP_EMAIL": "support@example.org",
        "IMAP_PASSWORD": "hidden",
        "SMTP_SERVER": "smtp.example.org",
        "UNDO_SECONDS": "5",
        "TELL_CUSTOMER_ON_CLOSE": "true",
        "AUTO_ACKNOWLEDGE": "true",
    }
    remarked = {words.split()[0] for words in read_settings(NEEDED | everything, tmp_path).remarks if " yet" in words}

    assert {cell.strip("`") for cell, _, meaning in rows("Settings") if " yet" in meaning} == remarked
    assert "UNDO_SECONDS" not in remarked


def test_the_manifest_is_what_the_command_prints():
    assert (ROOT / "manifest.json").read_text(encoding="utf-8") == as_text(), "casebook manifest > manifest.json"


def test_the_manifest_keeps_to_the_lengths_that_slack_allows():
    (command,) = MANIFEST["features"]["slash_commands"]
    shortcuts = MANIFEST["features"]["shortcuts"]

    assert len(MANIFEST["display_information"]["description"]) <= 140
    assert len(command["usage_hint"]) <= 1000
    assert [each["name"] for each in shortcuts if len(each["name"]) > 24] == []
    assert [each["name"] for each in shortcuts if not 0 < len(each["description"]) <= 150] == []


def test_every_scope_says_why_it_is_needed():
    assert set(SCOPES) == set(MANIFEST["oauth_config"]["scopes"]["bot"])
    assert [scope for scope, why in SCOPES.items() if not why] == []


def test_the_manifest_asks_for_the_events_that_the_app_listens_to_over_the_socket():
    asked = MANIFEST["settings"]["event_subscriptions"]["bot_events"]

    assert {event.partition(".")[0] for event in asked} == set(EVENTS)
    assert {event for event in asked if event.startswith("message")} == {
        "message.channels",
        "message.groups",
        "message.im",
        "message.mpim",
    }
    assert MANIFEST["settings"]["socket_mode_enabled"] is True
    assert MANIFEST["settings"]["interactivity"]["is_enabled"] is True


def test_the_manifest_has_the_home_tab_and_direct_messages_in_which_people_can_write():
    home = MANIFEST["features"]["app_home"]

    assert home["home_tab_enabled"] is True
    assert home["messages_tab_enabled"] is True
    assert home["messages_tab_read_only_enabled"] is False


def test_the_manifest_has_one_command_that_names_people_by_their_ids():
    (command,) = MANIFEST["features"]["slash_commands"]

    assert command["command"] == "/case"
    assert command["should_escape"] is True, "without it /case assign 7 @ben does not say which Ben"


def test_the_manifest_and_the_readme_have_exactly_the_shortcuts_that_there_are():
    offered = MANIFEST["features"]["shortcuts"]

    assert {each["callback_id"]: each["name"] for each in offered} == {
        callback_id: shortcut.name for callback_id, shortcut in SHORTCUTS.items()
    }
    assert {each["type"] for each in offered} == {"message"}
    assert [cell.strip("*") for cell, _ in rows("Shortcuts")] == [shortcut.name for shortcut in SHORTCUTS.values()]


def test_the_manifest_asks_for_what_the_code_uses_and_for_nothing_else():
    asked = set(MANIFEST["oauth_config"]["scopes"]["bot"])
    spelled = {name.replace(".", "_"): method for name, method in METHODS.items()}
    needed = {name: set(spelled[name].scopes) for name, _ in calls() if not spelled[name].app_token}
    lacking = {name: scopes for name, scopes in needed.items() if scopes and not scopes & asked}
    histories = {
        f"{event.partition('.')[2]}:history" for event in MANIFEST["settings"]["event_subscriptions"]["bot_events"]
    }
    borrowed_names = {"chat:write.customize"} if any("username" in given for _, given in calls()) else set()
    others = (histories - {":history"}) | {"commands", "users:read.email"} | borrowed_names

    assert {"chat_postMessage", "chat_postEphemeral", "users_info", "views_open"} <= set(needed)
    assert lacking == {}
    assert others <= asked
    assert asked - others <= set().union(*needed.values())


def test_the_procfile_starts_the_bot():
    assert (ROOT / "Procfile").read_text(encoding="utf-8") == "worker: python -m bot\n"


def test_every_make_target_that_the_papers_name_is_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?m)^([a-z-]+):", makefile))
    papers = README + CONTRIBUTING

    assert set(re.findall(r"(?m)(?:^|`)make ([a-z-]+)", papers)) <= targets
    expected = {"install", "demo", "test", "run", "coverage", "lint", "types", "bench"}
    assert expected | {"browser-test", "pictures", "deploy-check"} <= targets


def test_the_readme_has_exactly_the_web_addresses_that_there_are():
    assert sorted(cell.strip("`") for cell, _ in rows("Web addresses")) == sorted(ADDRESSES)


def test_the_readme_and_the_manifest_have_exactly_the_words_of_the_command():
    (command,) = MANIFEST["features"]["slash_commands"]
    written = [re.match(r"`/case (\w+)", cell)[1] for cell, _ in rows("Commands")]
    hinted = re.findall(r"(?:^|\| )(\w+)", command["usage_hint"])

    assert sorted(written) == sorted(WORDS)
    assert sorted(hinted) == sorted(WORDS)


def test_the_readme_has_exactly_the_buttons_that_there_are():
    labels = {
        **_LABELS,
        MESSAGE_WHOLE: "Whole message",
        UNDO: "Undo",
        TRY_AGAIN: "Try again",
        CONFIRM: "Confirm",
        IGNORE: "Ignore",
        forwards.TAKE: "It is a message of …",
        forwards.LEAVE: "Leave it out",
        doubtful.MAKE_CASE: "Make it a case",
        doubtful.NO_CASE: "Leave it out",
        MOVE: "Put it into …",
    }

    assert {cell.strip("*") for cell, _ in rows("Buttons")} == set(labels.values())
    assert {*labels, PLACE} == set(BUTTONS)
    assert "with one button for each case" in section("Whose case it is"), "the button PLACE bears a case's name"


def test_the_readme_has_exactly_the_commands_for_the_shell_and_names_none_that_is_not_there():
    promised = set(re.findall(r"`casebook ([a-z-]+)", README.replace(section("Limits"), "")))

    assert {cell.strip("`").removeprefix("casebook ") for cell, _ in rows("At the shell")} == set(COMMANDS)
    assert promised == set(COMMANDS)


def test_what_the_limits_say_is_not_there_is_not_there():
    lacking = {word.removeprefix("/case ") for word in code(section("Limits")) if word.isascii()}

    assert not lacking & (set(WORDS) | set(COMMANDS))
    assert {"snooze", "merge"} <= lacking


def test_every_file_that_the_papers_name_is_there():
    named = re.findall(r"`((?:bot|casebook|fixtures|tests|benchmarks|deploy)/[\w./]*)`", CONTRIBUTING)

    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_one_sentence_stands_on_a_line_of_the_readme():
    prose = [line for line in README.splitlines() if line and line[0] not in "|`#"]
    crowded = [line for line in prose if re.search(r"[a-z)`]\. [A-Z]", line.replace("case.` closes", ""))]

    assert crowded == []
