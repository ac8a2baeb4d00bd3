"""Soft line breaks are removed, everything else stays."""

from bot.mail.mime.flowed import unflow


def test_flowed_lines_are_joined():
    assert unflow("one \ntwo \nthree\nfour") == "one two three\nfour"


def test_quotes_flow_only_within_their_depth():
    assert unflow(">> a \n>> b\n> c \nd") == ">> a b\n> c\nd"


def test_the_signature_rule_never_flows():
    assert unflow("text\n-- \nMia") == "text\n-- \nMia"


def test_stuffed_spaces_are_removed():
    assert unflow(" >no quote\n From here") == ">no quote\nFrom here"


def test_delsp_joins_without_a_space():
    assert unflow("日本 \n語", delsp=True) == "日本語"
