import pytest

from bot.files.limits import LARGEST, MOST_FILES, Allowance


@pytest.mark.parametrize(("size", "why_not"), [(LARGEST, ""), (LARGEST + 1, "too large, the most is 25 MB"), (0, "")])
def test_a_file_may_be_so_large_and_no_larger(size, why_not):
    assert Allowance().why_not(size) == why_not


def test_a_message_may_bring_so_many_files_and_no_more():
    allowance = Allowance()

    said = [allowance.why_not(1) for _ in range(MOST_FILES + 1)]

    assert said == [""] * MOST_FILES + ["more than 20 files"]


def test_a_message_may_bring_so_many_bytes_and_no_more_but_a_smaller_file_may_still_come():
    allowance = Allowance()

    said = [allowance.why_not(size) for size in (LARGEST, LARGEST - 1, 2, 1)]

    assert said == ["", "", "more than 50 MB together", ""]
