"""The worked examples of CONTRIBUTING.md work with the code as it is."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bot.settings import read_settings
from bot.slack import case_operations, command_words
from casebook import cases, database, incoming, rules
from fixtures.cast import ANNA, SUPPORT
from tests.casebook.conftest import Book
from tests.papers.page import ROOT, code, contributing

CONTRIBUTING = contributing()


def blocks(title: str) -> list[str]:
    return CONTRIBUTING.section(title).blocks("python")


def run(block: str, names: Mapping[str, Any]) -> dict[str, Any]:
    """Run a block among these names, and return all that there are then."""
    there = dict(names)
    exec(compile(block, "CONTRIBUTING.md", "exec"), there)
    return there


@pytest.fixture
def book(sqlite_url: str):
    """A book in which the operation of the example is tested."""
    with database.opened(sqlite_url):
        yield Book()


def test_the_operation_of_the_example_passes_its_own_test(book):
    operation, test, _, _ = blocks("To add a command")
    there = run(operation, vars(cases))
    written = run(test, {"cases": SimpleNamespace(**there), "ANNA": ANNA})

    written["test_a_dropped_case_is_nobodys"](book)


def test_the_word_of_the_example_is_one_as_the_others_are():
    _, _, operation, entry = blocks("To add a command")
    there = run(operation, vars(case_operations) | {"Act": SimpleNamespace(DROP="drop")})

    word = eval("{" + entry + "}", vars(command_words) | {"DROP": there["DROP"]})["drop"]

    assert isinstance(word, command_words.Word)
    assert (word.acts, word.takes) == (("drop",), "CASE")
    assert "drop" not in command_words.WORDS, "there is such a command now: take another one for the example"


def test_the_rule_of_the_example_passes_its_own_test():
    rule, test = blocks("To add a rule")
    there = run(rule, vars(rules) | {"ReasonKind": SimpleNamespace(SHOUTING="shouting")})
    written = run(test, there | {"pytest": pytest})["test_twenty_capital_letters_and_no_small_one_are_shouting"]
    (mark,) = written.pytestmark

    for text, escalates in mark.args[1]:
        written(text, escalates)


def test_the_door_of_the_example_reads_a_message_as_the_book_takes_it():
    (reading,) = blocks("To add a door")
    names = {"Source": SimpleNamespace(SMS="sms"), "UnreadableTextError": ValueError, "Mapping": Mapping}
    read_text_message = run(reading, vars(incoming) | names)["read_text_message"]
    now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    read = read_text_message({"id": "1", "from": "+49 30 1", "to": "+49 30 2", "text": "Hello"}, received_at=now)

    assert (read.source, read.external_id, read.body, read.timestamp) == ("sms", "1", "Hello", now)
    with pytest.raises(ValueError):  # noqa: PT011 - it stands for the error of the example
        read_text_message({"text": "Hello"}, received_at=now)


def test_the_stage_of_the_example_tells_how_to_start_a_bot_that_reaches_it(tmp_path: Path):
    (script,) = blocks("Running against the stand-ins")
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.kill()
    (folder,) = tmp_path.glob("casebook-stage-*")
    settings = read_settings({}, folder)

    assert line == f"cd {folder} && PYTHONPATH={ROOT} {sys.executable} -m bot\n"
    assert settings.mail_door
    assert settings.support_slack_channel == f"#{SUPPORT.name}"
    assert settings.slack_api_url.startswith("http://127.0.0.1:")


def test_every_function_that_the_paper_names_is_somewhere_in_the_code():
    code_of_ours = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("bot", "casebook", "fixtures", "tests")
        for path in (ROOT / folder).rglob("*.py")
    )
    named = {words for words in code(CONTRIBUTING.prose) if re.fullmatch(r"_?[a-z]+(?:_[a-z]+)+", words)}

    assert {"_customer_wrote", "escalate_due", "read_event"} <= named
    assert [name for name in sorted(named) if not re.search(rf"(?m)\b{name}\b", code_of_ours)] == []
