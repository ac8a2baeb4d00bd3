"""Two versions of one text, of which one has the names of mentioned people, are the same."""

import time

import pytest

from casebook.conversation.mentions import same_words


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("@U0DORA001 is it broken?", "@Dora Demo is it broken?", True),
        ("@Dora Demo is it broken?", "@U0DORA001 is it broken?", True),
        ("@U0DORA001 @W0WILMA01 hello", "@Dora Demo @Wilma Weit hello", True),
        ("@U0DORA001 @U0EMIL001 @W0WILMA01 hello", "@Dora Demo @U0EMIL001 @Wilma Weit hello", True),
        ("a (b) @U0DORA001 [c] $", "a (b) @Dora [c] $", True),
        ("plain", "plain", True),
        ("@U0DORA001 is it broken?", "@Dora Demo is it mended?", False),
        ("@U0DORA001 hello", "@U0EMIL001 hello", False),
        ("@U0DORA001 hello", "@Dora\nand more hello", False),
        ("@U0DORA001 hello", "hello", False),
        ("no mention", "another text", False),
        ("@Dora hello", "@Emil hello", False),
    ],
)
def test_texts_may_differ_only_in_names(one, other, same):
    assert same_words(one, other) is same
    assert same_words(other, one) is same


def test_thousands_of_mentions_cost_little():
    nameless = "@U0DORA001 " * 2000
    named = "@Dora Demo " * 1999 + "!"
    before = time.process_time()

    assert not same_words(nameless, named)
    assert time.process_time() - before < 5
