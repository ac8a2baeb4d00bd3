"""The pages name exactly the commands, buttons, shortcuts, addresses and make targets that there are."""

import json
import re

from bot.cli import COMMANDS
from bot.slack.actions import BUTTONS, PLACE
from bot.slack.command_words import WORDS
from bot.slack.screens import doubtful, forwards
from bot.slack.screens.cards import MESSAGE_WHOLE, MOVE, TRY_AGAIN, UNDO
from bot.slack.screens.case_buttons import _LABELS
from bot.slack.screens.claims import CONFIRM, IGNORE
from bot.slack.shortcuts import SHORTCUTS
from bot.web import ADDRESSES
from tests.papers.page import ROOT, code, contributing, how_it_decides, manual, operating, readme, using_slack

LIMITS = readme().section("Limits").text


def test_every_make_target_that_the_papers_name_is_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?m)^([a-z-]+):", makefile))
    papers = "\n".join(page.text for page in [*manual(), contributing()])

    assert set(re.findall(r"(?m)(?:^ *|`)make ([a-z-]+)", papers)) <= targets
    expected = {"install", "demo", "test", "run", "coverage", "lint", "types", "bench"}
    assert expected | {"browser-test", "pictures", "deploy-check"} <= targets


def test_the_page_has_exactly_the_web_addresses_that_there_are():
    table = operating().section("Web addresses").tables[0]

    assert sorted(cell.strip("`") for cell, _ in table) == sorted(ADDRESSES)


def test_the_page_and_the_manifest_have_exactly_the_words_of_the_command():
    (command,) = json.loads((ROOT / "manifest.json").read_text(encoding="utf-8"))["features"]["slash_commands"]
    written = [re.match(r"`/case (\w+)", cell)[1] for cell, _ in using_slack().section("Commands").rows]
    hinted = re.findall(r"(?:^|\| )(\w+)", command["usage_hint"])

    assert sorted(written) == sorted(WORDS)
    assert sorted(hinted) == sorted(WORDS)


def test_the_page_has_exactly_the_shortcuts_that_there_are():
    assert [cell.strip("*") for cell, _ in using_slack().section("Shortcuts").rows] == [
        shortcut.name for shortcut in SHORTCUTS.values()
    ]


def test_the_page_has_exactly_the_buttons_that_there_are():
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
    asked = how_it_decides().section("Which case a message belongs to").text

    assert {cell.strip("*") for cell, _ in using_slack().section("Buttons").rows} == set(labels.values())
    assert {*labels, PLACE} == set(BUTTONS)
    assert "with one button for each case" in asked, "the button PLACE bears a case's name"


def test_the_pages_have_exactly_the_commands_for_the_shell_and_name_none_that_is_not_there():
    said = "\n".join(page.text for page in manual()).replace(LIMITS, "")

    assert {cell.strip("`").removeprefix("casebook ") for cell, _ in operating().section("Shell commands").rows} == set(
        COMMANDS
    )
    assert set(re.findall(r"`casebook ([a-z-]+)", said)) == set(COMMANDS)
    assert set(re.findall(r"(?m)^ *(?:\$ )?(?:\.venv/bin/)?casebook ([a-z][a-z-]+)", said)) <= set(COMMANDS)


def test_what_the_limits_say_is_not_there_is_not_there():
    lacking = {word.removeprefix("/case ") for word in code(LIMITS) if word.isascii()}

    assert not lacking & (set(WORDS) | set(COMMANDS))
    assert {"snooze", "merge"} <= lacking
