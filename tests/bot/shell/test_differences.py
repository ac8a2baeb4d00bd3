"""The text, the JSON and the exit status of a comparison."""

import json

import pytest

from bot.reports.reconciliation import Difference, DoorReport, Gap
from bot.shell.differences import as_json, as_lines, status_of
from casebook.outcomes import Outcome, Received

MISSING = Difference(gap=Gap.MISSING, external_id="T:C:1.000100", place="#acme")
EDITED = Difference(gap=Gap.CHANGED, external_id="T:C:2.000100", place="#acme")
MENDED = Difference(
    gap=Gap.MISSING,
    external_id="1@customer.example.com",
    place="INBOX",
    received=Received(ledger_id=7, outcome=Outcome.MESSAGE, case_id="CASE-0001", opened=True),
)
HEALTHY = DoorReport(door="mail", seen=1_204, stored=1_200, ignored={"a bot wrote it": 4})
DEAF = DoorReport(door="Slack", error="Slack did not answer at start-up: HTTP 500")
WRONG = DoorReport(door="Slack", error="Slack does not take SLACK_BOT_TOKEN.", permanent=True)


def test_every_count_has_its_place():
    lines = as_lines([HEALTHY]).splitlines()

    assert lines == [
        "mail",
        "  seen           1,204",
        "  stored         1,200",
        "  ignored            4",
        "          4  a bot wrote it",
        "  quarantined        0",
        "  missing            0",
        "",
        "0 missing.",
    ]


def test_what_differs_is_named_and_what_became_of_it_is_said():
    said = as_lines([DoorReport(door="Slack", seen=2, differences=(MISSING, EDITED, MENDED))])

    assert "      #acme  T:C:1.000100\n" in said
    assert "  changed            1\n      #acme  T:C:2.000100" in said
    assert "1@customer.example.com: message of CASE-0001, a new case (ledger row 7)" in said
    assert said.endswith("\n\n2 missing, 1 changed or deleted there; --mend sets that right.")


def test_of_very_many_only_the_first_are_named_except_to_programs():
    many = tuple(Difference(gap=Gap.MISSING, external_id=f"T:C:{number}", place="#acme") for number in range(60))
    report = DoorReport(door="Slack", seen=60, differences=many)

    assert "      and 10 more; --json names them all\n" in as_lines([report])
    assert len(json.loads(as_json([report]))["doors"][0]["differences"]) == 60


def test_control_characters_in_names_are_escaped():
    evil = Difference(gap=Gap.MISSING, external_id="1\x1b[31m\n@customer.example.com", place="INBOX")

    said = as_lines([DoorReport(door="mail", seen=1, differences=(evil,))])

    assert "INBOX  1\\x1b[31m\\n@customer.example.com" in said


def test_a_comparison_that_stopped_early_shows_what_it_counted():
    half = DoorReport(door="Slack", seen=3, stored=3, error="Slack does not let the bot read #acme: missing_scope.")

    assert "Not compared: Slack did not answer" in as_lines([DEAF])
    assert "seen" not in as_lines([DEAF])
    assert "Not compared to its end: Slack does not let" in as_lines([half])
    assert "  stored             3" in as_lines([half])
    assert as_lines([half]).endswith("0 missing, as far as could be compared.")


@pytest.mark.parametrize(
    ("reports", "status", "word"),
    [
        ([HEALTHY], 0, "ok"),
        ([HEALTHY, DoorReport(door="Slack", differences=(MENDED,))], 0, "ok"),
        ([HEALTHY, DoorReport(door="Slack", differences=(MENDED, MISSING))], 1, "differs"),
        ([HEALTHY, DEAF], 1, "failed"),
        ([HEALTHY, WRONG], 78, "failed"),
    ],
)
def test_the_status_says_whether_anything_is_left(reports, status, word):
    assert status_of(reports) == status
    assert json.loads(as_json(reports))["status"] == word


def test_the_json_shows_what_was_mended_and_how():
    (door,) = json.loads(as_json([DoorReport(door="mail", seen=1, differences=(MENDED,))]))["doors"]

    assert (door["seen"], door["missing"], door["changed"], door["deleted_there"]) == (1, 1, 0, 0)
    assert door["differences"] == [
        {
            "gap": "missing",
            "place": "INBOX",
            "external_id": "1@customer.example.com",
            "mended": {"outcome": "message", "reason": "", "ledger_id": 7, "case_id": "CASE-0001"},
        }
    ]
