"""Case IDs, and the ways in which people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.records.case_ids import case_id, cases_named, typed_case


@pytest.mark.parametrize(
    ("number", "name"), [(1, "CASE-0001"), (42, "CASE-0042"), (9999, "CASE-9999"), (10000, "CASE-10000")]
)
def test_a_name_has_at_least_four_digits(number, name):
    assert case_id(number) == name


@pytest.mark.parametrize(
    "word", ["7", "#7", "case-7", "CASE-0007", "Case-7", "case7", "case 7", "case #7", "#case-7", "# 7", " 0007 "]
)
def test_every_way_of_typing_a_case_works(word):
    assert typed_case(word) == "CASE-0007"


@pytest.mark.parametrize(
    "word", ["", "case", "seven", "7a", "CASE-", "-7", "7.5", "CASE-7 CASE-8", "1" * 10, "CASE--7", "show7"]
)
def test_other_words_name_no_case(word):
    assert typed_case(word) is None


@given(st.integers(min_value=0, max_value=999_999_999))
def test_a_name_that_is_typed_back_is_the_same_case(number):
    assert typed_case(case_id(number)) == case_id(number)
    assert typed_case(f"#{number}") == case_id(number)
    assert cases_named(f"about {case_id(number)}.") == (number,)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("[CASE-0007] Re: printer", (7,)),
        ("Re: CASE-0007, CASE-0008 and case-7", (7, 8)),
        ("It is case #12.", (12,)),
        ("It is case#12", (12,)),
        ("Case #CASE-0007 closed", (7,)),
        ("CASE-0012: done", (12,)),
    ],
)
def test_a_text_names_cases_by_their_names(text, numbers):
    assert cases_named(text) == numbers


@pytest.mark.parametrize(
    "text", ["", "#7", "in case 7 of us come", "SHOWCASE-7", "my-case-7", "CASE-7a", "CASE-" + "1" * 10, "case seven"]
)
def test_a_text_that_holds_only_a_number_names_no_case(text):
    assert cases_named(text) == ()
