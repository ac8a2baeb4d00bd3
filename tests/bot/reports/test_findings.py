"""A finding made of the error that stops the start."""

import pytest

from bot.reports.findings import Finding, Verdict, failed_by
from casebook.errors import CasebookError


@pytest.mark.parametrize(
    ("what", "sentence", "separator", "found", "advice"),
    [
        ("schema", "It is newer; install another.", "; ", "It is newer", "Install another."),
        ("schema", "It is newer; install another. It has X.", "; ", "It is newer. It has X", "Install another."),
        ("schema", "It is newer.", "; ", "It is newer.", ""),
        ("NAME", "NAME: it is archived; choose another.", "; ", "it is archived", "Choose another."),
        ("NAME", "NAME is X, which is gone; write Y.", "; ", "it is X, which is gone", "Write Y."),
        ("login", "It is refused: check NAME.", ": ", "It is refused", "Check NAME."),
    ],
)
def test_the_sentence_of_an_error_is_divided_into_what_is_wrong_and_what_to_do(
    what, sentence, separator, found, advice
):
    finding = failed_by(what, CasebookError(sentence), separator)

    assert finding == Finding(Verdict.FAILED, what, found, advice)
