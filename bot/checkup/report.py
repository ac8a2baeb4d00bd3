"""Writes findings in columns for a terminal, as plain lines, and as JSON for programs."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.checkup.running import is_good
from bot.reports.findings import Finding, Verdict

_COLOURS = {Verdict.OK: "green", Verdict.WARNING: "yellow", Verdict.FAILED: "bold red", Verdict.SKIPPED: "dim"}
_SHORTEST_SECRET = 4  # shorter ones would be removed from ordinary words


def without_secrets(findings: Iterable[Finding], secrets: Iterable[str]) -> list[Finding]:
    """The findings without any known secret: error messages may quote what they were given."""
    # The longest first, so that nothing is left of a secret that contains another.
    hidden = sorted({secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}, key=len, reverse=True)

    def cleaned(text: str) -> str:
        for secret in hidden:
            text = text.replace(secret, "***")
        return text

    return [
        replace(finding, what=cleaned(finding.what), found=cleaned(finding.found), advice=cleaned(finding.advice))
        for finding in findings
    ]


def as_json(findings: Sequence[Finding]) -> str:
    """A JSON object: `status` is `ok` or `failed`, and `findings` is a list of objects, in order."""
    return json.dumps(
        {
            "status": "ok" if is_good(findings) else "failed",
            "findings": [
                {
                    "state": str(finding.state),
                    "area": finding.area,
                    "what": finding.what,
                    "found": finding.found,
                    "advice": finding.advice,
                }
                for finding in findings
            ],
        },
        indent=2,
        ensure_ascii=False,
    )


def as_lines(findings: Sequence[Finding]) -> str:
    """One line for each finding, and a last line with the counts."""
    lines = [f"{finding.state:<7}  {finding.area}, {finding.what}: {_sentences(finding)}" for finding in findings]
    return "\n".join([*lines, count(findings)])


def show(console: Console, findings: Sequence[Finding]) -> None:
    """Print the findings in colours and columns; their text is never read as markup."""
    for area in dict.fromkeys(finding.area for finding in findings):
        console.print(Text(f"\n{area}", style="bold"))
        table = Table.grid(padding=(0, 2))
        for _ in range(2):
            table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for finding in findings:
            if finding.area == area:
                state = Text(f"  {finding.state}", style=_COLOURS[finding.state])
                text = Text(finding.found)
                if finding.advice:
                    text.append(f"\n{finding.advice}", style="italic")
                table.add_row(state, Text(finding.what), text)
        console.print(table)
    console.print(Text(f"\n{count(findings)}", style="bold"))


def trying(names: Sequence[str]) -> str:
    """The progress line while checks are running."""
    return f"Trying: {', '.join(names)}"


def count(findings: Sequence[Finding]) -> str:
    """How many findings have each verdict, the worst first."""
    counted = Counter(finding.state for finding in findings)
    states = (Verdict.FAILED, Verdict.WARNING, Verdict.SKIPPED, Verdict.OK)
    return ", ".join(f"{counted[state]} {state}" for state in states if counted[state] or state is Verdict.FAILED) + "."


def _sentences(finding: Finding) -> str:
    text = f"{finding.found}{'' if finding.found.endswith('.') else '.'} {finding.advice}".strip()
    return " ".join(text.split())  # one line for each finding, even if a server's error has several
