"""Reading what is typed after `/case`, and the help, which has every subcommand."""

import pytest

from bot.slack.command_words import WORDS, Typed
from bot.slack.commands import help_text, read_command
from bot.slack.context.permissions import MAY, Role


@pytest.mark.parametrize(
    ("text", "word", "rest"),
    [
        ("", "help", ""),
        ("   ", "help", ""),
        ("status", "status", ""),
        ("  STATUS  ", "status", ""),
        ("Close 7  all is well ", "close", "7  all is well"),
        ("note 7\nfirst line\nsecond line", "note", "7\nfirst line\nsecond line"),
        ("list\u00a0mine", "list", "mine"),
        ("<!channel> now", "<!channel>", "now"),
    ],
)
def test_the_first_word_is_lowered_and_the_rest_is_kept_as_typed(text, word, rest):
    assert read_command(text, "trigger") == Typed(word, rest, "trigger")


@pytest.mark.parametrize("typed", ["7", "#7", "case-7", "CASE-7", "CASE-0007", "Case#7", "0007"])
def test_a_case_can_be_typed_in_many_ways(typed):
    assert read_command(f"show {typed}").case_id == "CASE-0007"


@pytest.mark.parametrize("typed", ["", "seven", "7th", "-7", "CASE-", "#", "7.5", "1234567890", "<@U0ANNA001>"])
def test_other_text_is_no_case(typed):
    assert read_command(f"show {typed}").case_id is None


def test_the_text_after_the_case_keeps_its_lines():
    assert read_command("note 7  They pay\nin yen ").after_case == "They pay\nin yen"
    assert read_command("note 7").after_case == ""
    assert read_command("note").after_case == ""


@pytest.mark.parametrize("word", WORDS)
def test_help_has_every_subcommand_with_an_example_and_its_meaning(word):
    assert WORDS[word].usage.startswith(f"/case {word}")
    assert WORDS[word].usage in help_text()
    assert WORDS[word].meaning in help_text()


def test_nothing_in_help_needs_escaping_since_it_is_also_sent_as_plain_text():
    assert not set("&<>") & set("".join(word.usage + word.meaning for word in WORDS.values()))


def test_customers_may_use_only_status():
    theirs = [name for name, word in WORDS.items() if any(Role.CUSTOMER in MAY[act] for act in word.acts)]

    assert theirs == ["status"]
