"""The table of settings and .env.example agree with the settings that the code reads."""

import re

import pytest

from bot.settings import SECRETS, VARIABLES, read_settings
from tests.papers.page import ROOT, code, readme, settings

ROWS = settings().rows
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")

NEEDED = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SUPPORT_SLACK_CHANNEL": "#support",
    "ALERTING_SLACK_CHANNEL": "#alerts",
    "LOGGING_SLACK_CHANNEL": "#log",
}


def test_the_page_has_every_setting_once_in_the_order_of_the_code():
    assert [cell for cell, _, _ in ROWS] == [f"`{name}`" for name in VARIABLES]


@pytest.mark.parametrize(("cell", "default", "meaning"), ROWS)
def test_the_page_gives_each_setting_its_default_and_a_meaning(cell, default, meaning):
    metadata = VARIABLES[cell.strip("`")].metadata

    assert meaning
    if metadata["default"]:
        assert default == f"`{metadata['default']}`"
    else:
        assert not re.fullmatch(r"`[^`]*`", default)
        assert (default == "needed") is metadata["required"]


def test_the_page_names_every_secret_that_a_file_may_hold():
    (sentence,) = [line for line in settings().text.splitlines() if line.startswith("The secrets")]

    assert set(code(sentence.split(" can ")[0])) == SECRETS


def test_the_example_has_every_setting_once_and_shows_its_default():
    shown = [found for line in EXAMPLE.splitlines() if (found := re.fullmatch(r"#?([A-Z_]+)=(.*)", line))]

    assert sorted(found[1] for found in shown) == sorted(VARIABLES)
    assert {found[1]: found[2] for found in shown} == {
        name: item.metadata["default"] for name, item in VARIABLES.items()
    }


def test_the_example_with_every_line_in_use_means_the_defaults(tmp_path):
    (tmp_path / ".env").write_text(re.sub(r"(?m)^#(?=[A-Z_]+=)", "", EXAMPLE), encoding="utf-8")
    (tmp_path / "bare").mkdir()

    assert read_settings(NEEDED, tmp_path) == read_settings(NEEDED, tmp_path / "bare")


def test_the_example_holds_no_secret():
    lines = EXAMPLE.splitlines()
    filled = [line for line in lines if re.match(r"#?(\w+)=.", line) and line.strip("#").split("=")[0] in SECRETS]

    assert filled == ["#DATABASE_URL=sqlite:///casebook.db"]


def test_the_page_says_of_exactly_those_settings_without_effect_that_they_have_none(tmp_path):
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

    assert {cell.strip("`") for cell, _, meaning in ROWS if " yet" in meaning} == remarked
    assert "UNDO_SECONDS" not in remarked


def test_the_lines_that_the_readme_asks_for_are_enough_to_read_slack_with_an_admin(tmp_path):
    (block,) = [block for block in readme().section("Run your own bot").blocks() if block.startswith("SLACK_")]
    (tmp_path / ".env").write_text(block, encoding="utf-8")

    read = read_settings({}, tmp_path)

    assert (read.support_slack_channel, read.slack_door) == ("#support", "socket")
    assert [words for words in read.remarks if "admin" in words] == []
