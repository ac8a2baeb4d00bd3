"""manifest.json asks Slack for what the code uses and for nothing else, and the Procfile starts the bot."""

import ast
import json

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.app import EVENTS
from bot.slack.checks.manifest import as_text
from bot.slack.checks.scopes import SCOPES
from bot.slack.shortcuts import SHORTCUTS
from fixtures.workspace.methods import METHODS
from tests.papers.page import ROOT, code, install_slack

TEXT = (ROOT / "manifest.json").read_text(encoding="utf-8")
MANIFEST = json.loads(TEXT)
SLACK_CODE = sorted((ROOT / "bot" / "slack").rglob("*.py"))


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


def test_the_manifest_is_what_the_command_prints():
    assert as_text() == TEXT, "casebook manifest > manifest.json"


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


def test_the_table_of_scopes_has_exactly_those_of_the_manifest():
    (table,) = install_slack().section("Scopes").tables

    assert sorted(word for scopes, _ in table for word in code(scopes)) == sorted(
        MANIFEST["oauth_config"]["scopes"]["bot"]
    )
    assert all(reason for _, reason in table)


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


def test_the_manifest_has_exactly_the_shortcuts_that_there_are():
    offered = MANIFEST["features"]["shortcuts"]

    assert {each["callback_id"]: each["name"] for each in offered} == {
        callback_id: shortcut.name for callback_id, shortcut in SHORTCUTS.items()
    }
    assert {each["type"] for each in offered} == {"message"}


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
