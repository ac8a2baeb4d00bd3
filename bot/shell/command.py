"""Defines subcommands of `casebook`, and passes them their arguments, the settings and the open database."""

import functools
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass

from bot import logs
from bot.settings import Settings, read_settings_here
from casebook import database

INTERRUPTED = 130  # what shells expect after Ctrl-C: 128 and the number of SIGINT

Run = Callable[[Namespace], int]


def with_settings(run: Callable[[Namespace, Settings], int]) -> Run:
    """A subcommand that needs the settings; raises SettingsError without valid ones."""

    @functools.wraps(run)
    def with_them(arguments: Namespace) -> int:
        settings = read_settings_here()
        logs.configure(settings.log_level, settings.secrets)
        return run(arguments, settings)

    return with_them


def with_book(run: Callable[[Namespace, Settings], int]) -> Run:
    """A subcommand that needs the settings and the open database, for `database.work`."""

    @functools.wraps(run)
    def with_it(arguments: Namespace, settings: Settings) -> int:
        try:
            with database.opened(settings.database_url.reveal()):
                return run(arguments, settings)
        except KeyboardInterrupt:
            print("Interrupted. What was finished is kept; the same command goes on from there.", file=sys.stderr)
            return INTERRUPTED

    return with_settings(with_it)


def with_json(parser: ArgumentParser) -> None:
    """Add the option `--json`."""
    parser.add_argument("--json", action="store_true", help="one JSON document, for programs")


def nothing_more(_parser: ArgumentParser) -> None:
    """Add no arguments."""


@dataclass(frozen=True, slots=True)
class Command:
    """One subcommand; the first line of `run`'s docstring is its help, its result the exit status."""

    run: Run
    arguments: Callable[[ArgumentParser], None] = nothing_more
