"""Findings on a terminal, as plain lines and as JSON."""

import io
import json
from dataclasses import replace

from rich.console import Console

from bot.checkup import report as check_report
from bot.reports.findings import failed, ok, skipped, warning

FINDINGS = [
    replace(ok("bot token", "casebook in [bold]Example[/bold]"), area="Slack"),
    replace(failed("scopes", "missing: users:read", "Reinstall the app."), area="Slack"),
    replace(warning("abilities", "no IDLE"), area="mail"),
    replace(skipped("smtp", "not set"), area="mail"),
]


def shown(findings):
    """The text that a terminal shows."""
    out = io.StringIO()
    check_report.show(Console(file=out, width=60, force_terminal=True, color_system=None), findings)
    return out.getvalue()


def test_a_finding_is_one_line_with_its_name_result_and_advice():
    lines = check_report.as_lines(FINDINGS).splitlines()

    assert lines[1] == "failed   Slack, scopes: missing: users:read. Reinstall the app."
    assert lines[-1] == "1 failed, 1 warning, 1 skipped, 1 ok."


def test_a_finding_is_one_line_even_if_a_server_answers_several():
    lines = check_report.as_lines([failed("connection", "FATAL:\n  no such role")]).splitlines()

    assert len(lines) == 2
    assert "FATAL: no such role." in lines[0]


def test_a_terminal_shows_each_area_once_and_reads_no_markup():
    text = shown(FINDINGS)

    assert text.count("Slack") == 1
    assert "[bold]Example[/bold]" in text
    assert "Reinstall the app." in text


def test_programs_get_one_json_document():
    document = json.loads(check_report.as_json(FINDINGS))

    assert document["status"] == "failed"
    assert document["findings"][1] == {
        "state": "failed",
        "area": "Slack",
        "what": "scopes",
        "found": "missing: users:read",
        "advice": "Reinstall the app.",
    }


def test_no_secret_is_shown_in_any_text():
    found = [failed("connection", "no login with swordfish42", "not swordfish")]

    (clean,) = check_report.without_secrets(found, ["swordfish", "swordfish42", "no"])

    assert (clean.found, clean.advice) == ("no login with ***", "not ***")
