"""What the pages say somebody sees when something is wrong is what the code says."""

import ast
import re

import pytest

from bot.slack.api.errors import TOKEN_ERRORS
from bot.slack.socket_mode.websocket import AppTokenError
from bot.slack.startup import BotTokenError
from casebook.errors import BookInUseError, DatabaseUrlError, NewerBookError
from tests.papers.page import ROOT, code, database, troubleshooting

TROUBLE = troubleshooting()
REASONS = database().section("`ledger`", level=3).tables[1]


def spoken() -> list[str]:
    """Every text in the code as one sees it, with an ellipsis for what is filled in."""
    found = []
    for path in (*(ROOT / "bot").rglob("*.py"), *(ROOT / "casebook").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found.append("".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return found


SPOKEN = spoken()


def is_said(sentence: str) -> bool:
    """Whether some text of the code holds the pieces of the sentence in their order."""
    pieces = [re.escape(piece) for piece in sentence.split("…")]
    return any(re.search(".*".join(pieces), text) for text in SPOKEN)


SENTENCES = [words for row in TROUBLE.rows for words in code(row[0]) if len(words.split()) > 2]


def test_the_tables_of_trouble_are_whole():
    sections = re.findall(r"(?m)^## (.+)$", TROUBLE.prose)

    assert [len(TROUBLE.section(title).tables) for title in sections] == [1] * len(sections)
    assert {len(row) for row in TROUBLE.rows} == {3}
    assert all(cell for row in TROUBLE.rows for cell in row)
    assert len(TROUBLE.section("The program does not start").rows) > 10
    assert len(TROUBLE.rows) > 50
    assert len(SENTENCES) > 50


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_sentence_that_the_page_explains_is_one_that_the_code_says(sentence):
    assert is_said(sentence)


def test_a_sentence_that_the_code_does_not_say_is_seen():
    assert not is_said("The moon is in the way of …")


@pytest.mark.parametrize(("reason", "meaning"), REASONS)
def test_every_reason_for_leaving_out_that_the_page_explains_is_one_that_the_code_gives(reason, meaning):
    assert meaning
    assert is_said(reason.strip("`"))


@pytest.mark.parametrize("error", [AppTokenError, BookInUseError, BotTokenError, DatabaseUrlError, NewerBookError])
def test_the_page_explains_every_error_that_ends_the_start_with_a_sentence_of_its_own(error):
    assert f"`{error()}`" in TROUBLE.text


def test_the_words_of_slack_for_a_token_are_those_that_the_code_knows():
    for title in ("The program does not start", "Posts and mail that go out"):
        named = {word for row in TROUBLE.section(title).rows for word in code(row[0]) if word in TOKEN_ERRORS}

        assert named == {"invalid_auth", "account_inactive", "token_revoked"}, title
