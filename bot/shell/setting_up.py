"""The commands `casebook check` and `casebook manifest`."""

import asyncio
import logging
from argparse import Namespace

from rich.console import Console

from bot.checkup import report
from bot.checkup.everything import check_up
from bot.checkup.report import trying
from bot.checkup.running import is_good
from bot.clock import Clock
from bot.settings import survey_here
from bot.slack.checks import manifest as slack_manifest


def check(arguments: Namespace) -> int:
    """Try every setting, token, scope, channel, login and database, change nothing, and say what to do."""
    # The findings include the errors that libraries would log.
    logging.getLogger().addHandler(logging.NullHandler())
    console = Console(highlight=False)
    if arguments.json:
        findings = asyncio.run(check_up(survey_here(), Clock()))
        print(report.as_json(findings))
    elif console.is_terminal:
        with console.status("Trying") as status:
            findings = asyncio.run(check_up(survey_here(), Clock(), lambda names: status.update(trying(names))))
        report.show(console, findings)
    else:
        findings = asyncio.run(check_up(survey_here(), Clock()))
        print(report.as_lines(findings))
    return 0 if is_good(findings) else 1


def manifest(_arguments: Namespace) -> int:
    """Print the Slack app as JSON, ready to paste."""
    print(slack_manifest.as_text(), end="")
    return 0
