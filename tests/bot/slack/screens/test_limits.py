"""Posts and views that Slack would refuse are found before they are sent."""

import pytest

from bot.slack.screens.limits import broken_limits, broken_view_limits


def section(text="Hello", **more):
    """A section of plain text."""
    return {"type": "section", "text": {"type": "plain_text", "text": text}} | more


def button(**changes):
    """A button."""
    return {"type": "button", "text": {"type": "plain_text", "text": "Go"}, "action_id": "go", "value": "1"} | changes


def actions(*elements):
    """A row of buttons."""
    return {"type": "actions", "elements": list(elements)}


def test_an_ordinary_post_exceeds_no_limit():
    assert broken_limits("Hello", [section(), actions(button(), button(action_id="stay"))]) == []


@pytest.mark.parametrize(
    ("text", "blocks", "words"),
    [
        ("", [], "the text is empty"),
        ("x" * 40_001, [], "40000 are possible"),
        ("Hello", [section()] * 51, "50 are possible"),
        ("Hello", [section("x" * 3001)], "1 to 3000"),
        ("Hello", [section("")], "1 to 3000"),
        ("Hello", [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "1 to 150"),
        ("Hello", [section(fields=[{"type": "plain_text", "text": "x" * 2001}])], "1 to 2000"),
        ("Hello", [section(fields=[{"type": "plain_text", "text": "x"}] * 11)], "10 are possible"),
        ("Hello", [{"type": "context", "elements": [{"type": "plain_text", "text": "x"}] * 11}], "1 to 10"),
        ("Hello", [actions()], "1 to 25"),
        ("Hello", [actions(*(button(action_id=str(n)) for n in range(26)))], "1 to 25"),
        ("Hello", [actions(button(value="x" * 2001))], "a button's value is longer"),
        ("Hello", [actions(button(action_id="x" * 256))], "an action_id is longer"),
        ("Hello", [actions(button(text={"type": "plain_text", "text": "x" * 76}))], "1 to 75"),
        ("Hello", [section(block_id="a"), section(block_id="a")], "block_id a stands 2 times"),
        ("Hello", [section("x" * 2900)] * 4, "characters together"),
    ],
)
def test_each_limit_has_its_sentence(text, blocks, words):
    problems = broken_limits(text, blocks)

    assert any(words in problem for problem in problems), problems


def test_a_view_may_have_a_hundred_blocks_and_250_kilobytes():
    assert broken_view_limits({"type": "home", "blocks": [section()] * 100}) == []
    assert broken_view_limits({"type": "home", "blocks": [section()] * 101})
    assert any("bytes" in problem for problem in broken_view_limits({"blocks": [section("x" * 2999)] * 90}))
