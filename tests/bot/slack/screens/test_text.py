"""Conversion of Slack's markup, and escaping."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.screens.text import clip, escape, mentioned, plain, printable, unescape, without_quotes


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<@U0ANNA001> hello", "@Anna Example hello"),
        ("<@U0NOBODY> hello", "@U0NOBODY hello"),
        ("see <#C0SUPPORT|support>", "see #support"),
        ("<!here> and <!channel>", "@here and @channel"),
        ("<!subteam^S0SUPPORT|@support-team>", "@support-team"),
        ("<!date^1772452800^{date}|2 March>", "2 March"),
        ("<https://example.com/a?b=1&amp;c=2>", "https://example.com/a?b=1&c=2"),
        ("<https://evil.example.com|your bank>", "your bank (https://evil.example.com)"),
        ("<http://example.com|example.com>", "http://example.com"),
        ("<mailto:mia@example.com|mia@example.com>", "mia@example.com"),
        ("5 &lt; 6 &amp;&amp; 7 &gt; 6", "5 < 6 && 7 > 6"),
        ("&lt;@U0ANNA001&gt; typed by hand", "<@U0ANNA001> typed by hand"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_markup_becomes_readable_text(markup, shown):
    assert plain(markup, {"U0ANNA001": "Anna Example"}) == shown


def test_mentions_are_found_once_each():
    assert mentioned("<@U1> <@U2|ben> <@U1> &lt;@U3&gt; <#C1>") == ("U1", "U2")


@given(st.text())
def test_escaped_text_contains_no_markup_and_can_be_unescaped(text):
    escaped = escape(text)

    assert unescape(escaped) == text
    assert "<" not in escaped
    assert ">" not in escaped


@given(st.text(), st.integers(1, 50))
def test_clipped_text_is_never_longer_than_allowed(text, most):
    clipped = clip(text, most)

    assert len(clipped) <= most
    assert clipped == text or clipped.endswith("…")


def test_control_characters_are_removed_and_line_ends_stay():
    assert printable("a\x00b\x1bc\nd\te\x7f") == "abc\nd\te"


def test_right_to_left_text_stays_and_bidirectional_controls_are_removed():
    assert printable("\u202e\u05ea\u05d5\u05d3\u05d4\u202c \u2066ok\u2069") == "\u05ea\u05d5\u05d3\u05d4 ok"


def test_quoted_lines_are_removed():
    assert without_quotes("> is it urgent?\nNo.\n  > really\nThanks") == "No.\nThanks"
