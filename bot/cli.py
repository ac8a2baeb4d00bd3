"""The `casebook` command: what an operator does beside the running bot."""

import asyncio
import functools
import logging
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console

from bot import check_report
from bot.check_report import trying
from bot.checking import is_good
from bot.checkup import check_up
from bot.clock import Clock
from bot.settings import Settings, SettingsError, read_settings_here, survey_here
from bot.slack import manifest as slack_manifest
from casebook import database, escalation
from casebook.errors import CasebookError

WRONG_SETTINGS = 78
INTERRUPTED = 130  # 128 and the number of SIGINT, as shells have it

Run = Callable[[Namespace], int]


def with_settings(run: Callable[[Namespace, Settings], int]) -> Run:
    """A command that needs the settings: without them it is not begun."""

    @functools.wraps(run)
    def with_them(arguments: Namespace) -> int:
        return run(arguments, read_settings_here())

    return with_them


def with_book(run: Callable[[Namespace, Settings], int]) -> Run:
    """A command that needs the settings and the open book; it does its work through `database.work`."""

    @functools.wraps(run)
    def with_it(arguments: Namespace, settings: Settings) -> int:
        with database.opened(settings.database_url.reveal()):
            return run(arguments, settings)

    return with_settings(with_it)


def check(arguments: Namespace) -> int:
    """Try every setting, token, scope, channel, login and database, change nothing, and say what to do."""
    # What a library has to say of a failure stands in the findings.
    logging.getLogger().addHandler(logging.NullHandler())
    console = Console(highlight=False)
    if arguments.json:
        findings = asyncio.run(check_up(survey_here(), Clock()))
        print(check_report.as_json(findings))
    elif console.is_terminal:
        with console.status("Trying") as status:
            findings = asyncio.run(check_up(survey_here(), Clock(), lambda names: status.update(trying(names))))
        check_report.show(console, findings)
    else:
        findings = asyncio.run(check_up(survey_here(), Clock()))
        print(check_report.as_lines(findings))
    return 0 if is_good(findings) else 1


def manifest(_arguments: Namespace) -> int:
    """Print the Slack app as JSON, ready to paste."""
    print(slack_manifest.as_text(), end="")
    return 0


@with_book
def migrate(_arguments: Namespace, _settings: Settings) -> int:
    """Bring the schema up to date, and say which steps were taken."""
    steps = database.work(database.migrate)
    for step in steps:
        print(step)
    print("The schema is up to date." if steps else "The schema was up to date already.")
    return 0


@with_book
def escalate_due(_arguments: Namespace, settings: Settings) -> int:
    """Run the silence check once, now, and say what it started."""
    started: list[str] = []
    while True:
        done = database.work(lambda: escalation.escalate_due(now=Clock().now(), limits=settings.limits))
        started += done.case_ids
        if not done.more:
            break
    print("\n".join(f"{case_id} is escalated." for case_id in started) or "No case has been silent for too long.")
    return 0


def with_json(parser: ArgumentParser) -> None:
    """Whether programs are to read the answer."""
    parser.add_argument("--json", action="store_true", help="one JSON document, for programs")


def nothing_more(_parser: ArgumentParser) -> None:
    """The arguments of a command that takes none."""


@dataclass(frozen=True, slots=True)
class Command:
    """One word of the shell; the first line of `run`'s docstring is its help, what it gives the exit status."""

    run: Run
    arguments: Callable[[ArgumentParser], None] = nothing_more


COMMANDS: dict[str, Command] = {
    "check": Command(check, with_json),
    "manifest": Command(manifest),
    "migrate": Command(migrate),
    "escalate-due": Command(escalate_due),
}


def read_arguments(arguments: Sequence[str] | None) -> tuple[Command, Namespace]:
    """The command that was asked for, and what was given to it; ends the program with status 2 for anything else."""
    parser = ArgumentParser(prog="casebook", description="What an operator does beside the running bot.")
    words = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        meaning = (command.run.__doc__ or "").splitlines()[0]
        command.arguments(words.add_parser(name, help=meaning, description=meaning))
    given = parser.parse_args(arguments)
    return COMMANDS[given.command], given


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    command, given = read_arguments(arguments)
    try:
        return command.run(given)
    except SettingsError as error:
        print("\n".join(error.problems), file=sys.stderr)
        return WRONG_SETTINGS
    except CasebookError as error:
        print(error, file=sys.stderr)
        return WRONG_SETTINGS if error.permanent else 1
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
