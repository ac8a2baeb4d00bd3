"""The `casebook` command: its subcommands and their exit statuses."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence

from bot.settings import SettingsError
from bot.shell import book, ingest, mail, outbox, quarantine, reconcile, setting_up
from bot.shell.command import INTERRUPTED, Command, with_json
from casebook.errors import CasebookError

WRONG_SETTINGS = 78

COMMANDS: dict[str, Command] = {
    "check": Command(setting_up.check, with_json),
    "manifest": Command(setting_up.manifest),
    "migrate": Command(book.migrate),
    "read-mail": Command(mail.read, mail.with_files),
    "escalate-due": Command(book.escalate_due),
    "ingest": Command(ingest.ingest, ingest.with_files),
    "quarantine": Command(quarantine.quarantine, quarantine.with_words),
    "reconcile": Command(reconcile.reconcile, reconcile.with_options),
    "outbox": Command(outbox.outbox, outbox.with_words),
}


def read_arguments(arguments: Sequence[str] | None) -> tuple[Command, Namespace]:
    """The subcommand and its arguments; ends the program with status 2 for anything else."""
    parser = ArgumentParser(prog="casebook", description="What an operator does beside the running bot.")
    words = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        meaning = (command.run.__doc__ or "").splitlines()[0]
        command.arguments(words.add_parser(name, help=meaning, description=meaning))
    given = parser.parse_args(arguments)
    return COMMANDS[given.command], given


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns the exit status."""
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
