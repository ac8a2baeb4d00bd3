"""The picture of the rooms is that of the code, and can be read."""

import re
from pkgutil import resolve_name

import pytest

from tests.papers.rooms import PAGE, picture, reduced, with_picture


def test_the_picture_of_the_rooms_is_that_of_the_code():
    page = PAGE.read_text(encoding="utf-8")

    assert page == with_picture(page, picture()), "the imports have changed: run `make picture`, and commit the page"
    assert picture() in page


def test_no_diagram_has_more_arrows_than_can_be_read():
    arrows = [len(re.findall("-->", part)) for part in picture().split("### ")[1:]]

    assert arrows
    assert max(arrows) <= 40


def test_an_arrow_that_a_longer_way_says_already_is_left_out():
    assert reduced({"a": {"b", "c"}, "b": {"c"}}) == {"a": {"b"}, "b": {"c"}}


def test_rooms_that_import_each_other_keep_both_arrows():
    assert reduced({"a": {"b"}, "b": {"a"}}) == {"a": {"b"}, "b": {"a"}}


def test_rooms_that_import_each_other_keep_their_arrows_to_a_third():
    arrows = {"a": {"b", "c"}, "b": {"a", "c"}}

    assert reduced(arrows) == arrows


@pytest.mark.parametrize("what", ["Slack message", "mail"])
def test_the_way_of_a_message_names_fewer_than_ten_functions_and_each_exists(what):
    _, _, rest = PAGE.read_text(encoding="utf-8").partition(f"## The way of a {what}\n")
    names = re.findall(r"`((?:bot|casebook)\.[\w.]+)`", rest.partition("\n## ")[0])

    assert 0 < len(names) < 10
    assert all(callable(resolve_name(name)) for name in names)
