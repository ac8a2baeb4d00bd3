"""The text in blocks is used if it says more than `text`, and is never repeated."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.payloads.rich_text import block_texts, merged
from bot.slack.screens.text import plain

PAYLOADS = Path(__file__).parents[4] / "fixtures" / "slack"


def rich(*elements):
    """A rich_text block with these elements."""
    return {"type": "rich_text", "block_id": "b", "elements": list(elements)}


def section(*elements, kind="rich_text_section", **more):
    """A section with these inline elements; a string is a text element."""
    elements = [{"type": "text", "text": element} if isinstance(element, str) else element for element in elements]
    return {"type": kind, "elements": elements} | more


def listed(*items, style="bullet", **more):
    return {"type": "rich_text_list", "style": style, "elements": [section(item) for item in items]} | more


def shown(*blocks):
    """The text of these blocks, as people read it."""
    return plain("\n".join(block_texts(list(blocks))), {"U0DORA001": "Dora"})


LINK = {"type": "link", "url": "https://example.org/a?b=1&c=2"}


@pytest.mark.parametrize(
    ("block", "text"),
    [
        (rich(section("Hello ", {"type": "text", "text": "there", "style": {"bold": True}})), "Hello there"),
        (rich(section("a < b & c")), "a < b & c"),
        (rich(section("a &lt; b")), "a < b"),
        (rich(section("one"), section("two")), "one\ntwo"),
        (rich(section("said\nso", kind="rich_text_quote"), section("mine")), "> said\n> so\nmine"),
        (rich(section("x = 1", kind="rich_text_preformatted")), "```x = 1```"),
        (rich(listed("one", "two"), listed("three", indent=1)), "• one\n• two\n    • three"),
        (rich(listed("one", "two", style="ordered", offset=3)), "4. one\n5. two"),
        (rich(section(LINK)), "https://example.org/a?b=1&c=2"),
        (rich(section(LINK | {"text": "the page"})), "the page (https://example.org/a?b=1&c=2)"),
        (rich(section({"type": "user", "user_id": "U0DORA001"}, " and all")), "@Dora and all"),
        (rich(section({"type": "channel", "channel_id": "C0SHARED1"})), "#C0SHARED1"),
        (rich(section({"type": "usergroup", "usergroup_id": "S0SUPPORT"})), "@subteam"),
        (rich(section({"type": "broadcast", "range": "channel"})), "@channel"),
        (rich(section({"type": "emoji", "name": "wave::skin-tone-2"})), ":wave::skin-tone-2:"),
        (rich(section({"type": "date", "timestamp": 1, "fallback": "on Monday"})), "on Monday"),
        (rich(section({"type": "color", "value": "#F405B3"})), "#F405B3"),
        (rich(section({"type": "tomorrow", "text": "new"})), "new"),
        ({"type": "header", "text": {"type": "plain_text", "text": "Order & more"}}, "Order & more"),
        (
            {
                "type": "section",
                "text": {"type": "mrkdwn", "text": "*Bold* <https://example.org|here>"},
                "fields": [{"type": "mrkdwn", "text": "Field"}],
                "accessory": {"type": "button", "action_id": "a", "text": {"type": "plain_text", "text": "Press"}},
            },
            "*Bold* here (https://example.org)\nField",
        ),
        ({"type": "context", "elements": [{"type": "mrkdwn", "text": "small"}]}, "small"),
        ({"type": "markdown", "text": "**a** <!channel>"}, "**a** <!channel>"),
        (
            {"type": "image", "image_url": "https://x", "alt_text": "a chart", "title": {"text": "Chart"}},
            "a chart\nChart",
        ),
        ({"type": "video", "title": {"type": "plain_text", "text": "How to"}, "alt_text": "film"}, "How to\nfilm"),
        ({"type": "unheard_of", "inside": [{"deep": {"text": "found"}}]}, "found"),
        ({"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Go"}}]}, ""),
        ({"type": "divider"}, ""),
    ],
)
def test_the_text_of_a_block(block, text):
    assert shown(block) == text


def test_a_table_is_one_line_for_each_row():
    cell = rich(section("E-99 critical\nfailure"))
    rows = [[{"type": "raw_text", "text": "Order"}, cell], [{"type": "raw_number", "value": 4711}, {"type": "x"}]]

    assert shown({"type": "table", "rows": rows}) == "Order | E-99 critical failure\n4711 |"
    assert shown({"type": "data_table", "caption": "Orders", "rows": rows[:1]}).startswith("Orders\nOrder | ")


TYPED = [
    (
        "see <https://example.org/x> please",
        [rich(section("see ", {"type": "link", "url": "https://example.org/x"}, " please"))],
    ),
    (
        "<http://example.org|example.org>",
        [rich(section({"type": "link", "url": "http://example.org", "text": "example.org"}))],
    ),
    (
        "<mailto:mia@example.org|mia@example.org>",
        [rich(section({"type": "link", "url": "mailto:mia@example.org", "text": "mia@example.org"}))],
    ),
    ("*Bold* and _all_ `code` ~no~", [rich(section("Bold and all code no"))]),
    ("&gt; quoted\nmine", [rich(section("quoted", kind="rich_text_quote"), section("mine"))]),
    (
        "<@U0DORA001|dora> &amp; <!here|here> <#C0SHARED1|shared>",
        [
            rich(
                section(
                    {"type": "user", "user_id": "U0DORA001"},
                    " & ",
                    {"type": "broadcast", "range": "here"},
                    " ",
                    {"type": "channel", "channel_id": "C0SHARED1"},
                )
            )
        ],
    ),
    (
        "1. one\n2. two\n    a. deep",
        [rich(listed("one", "two", style="ordered"), listed("deep", style="ordered", indent=1))],
    ),
    ("• one\n• two", [rich(listed("one", "two"))]),
    (":wave::skin-tone-2: hi", [rich(section({"type": "emoji", "name": "wave::skin-tone-2"}, " hi"))]),
    ("```x = 1```", [rich(section("x = 1", kind="rich_text_preformatted"))]),
    ("a &lt; b", [rich(section("a < b"))]),
    ("", []),
]


@pytest.mark.parametrize(("text", "blocks"), TYPED)
def test_typed_text_is_not_changed_by_its_blocks(text, blocks):
    assert merged(text, block_texts(blocks)) == text


@pytest.mark.parametrize("path", sorted(PAYLOADS.glob("*.json")), ids=lambda path: path.stem)
def test_nothing_is_repeated_in_real_payloads(path):
    event = json.loads(path.read_text()).get("event", {})
    message = event.get("message", event)

    assert merged(message.get("text") or "", block_texts(message.get("blocks"))) == (message.get("text") or "")


@pytest.mark.parametrize(
    ("text", "parts", "whole"),
    [
        ("", ["in blocks"], "in blocks"),
        ("New order…", ["New order of 30 pumps"], "New order of 30 pumps"),
        ("these fail:", ["Order | Error"], "these fail:\nOrder | Error"),
        ("Alert: the server is down", ["The server is down", "since eight"], "Alert: the server is down\nsince eight"),
        (":wave:", ["Order | Error"], ":wave:\nOrder | Error"),
        ("12", ["112"], "12\n112"),
    ],
)
def test_text_that_is_only_in_blocks_is_added(text, parts, whole):
    assert merged(text, parts) == whole


def test_an_invalid_mention_in_a_block_pings_nobody():
    hostile = rich(section({"type": "user", "user_id": "U1> <!channel"}, {"type": "broadcast", "range": "x> <!here"}))

    assert block_texts([hostile]) == []


KEYS = (
    "type", "text", "elements", "rows", "fields", "title", "user_id", "url", "style", "indent", "is_share", "message",
    "message_blocks", "files", "attachments", "blocks", "author_name", "id", "name", "mode", "from", "subject",
    "transcription", "status", "preview", "content",
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["type", "text", "elements", "rows", "fields", "title", "user_id", "url", "style", "indent"]
            ),
            inner | st.sampled_from(["rich_text", "rich_text_list", "rich_text_section", "table", "link", "mrkdwn"]),
            max_size=5,
        )
    ),
    max_leaves=30,
)


@given(JSON, st.text(max_size=40))
def test_any_value_can_be_read(value, text):
    assert isinstance(merged(text, block_texts(value)), str)


def test_deeply_nested_blocks_are_read_safely():
    nested = {"type": "section", "text": "deep"}
    for _ in range(900):
        nested = {"type": "rich_text", "elements": [nested]}

    assert block_texts([nested]) == []
    assert len(shown(rich(listed("x", indent=10**12, offset=10**12)))) < 100
