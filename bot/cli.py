"""The `casebook` command: what an operator does beside the running bot."""

import argparse
import sys
from collections.abc import Callable, Sequence

from bot.clock import Clock
from bot.settings import Settings, SettingsError, read_settings_here
from casebook import database, escalation
from casebook.errors import CasebookError

WRONG_SETTINGS = 78


def migrate(_settings: Settings) -> None:
    """Bring the schema up to date, and say which steps were taken."""
    steps = database.work(database.migrate)
    for step in steps:
        print(step)
    print("The schema is up to date." if steps else "The schema was up to date already.")


def escalate_due(settings: Settings) -> None:
    """Run the silence check once, now, and say what it started."""
    started: list[str] = []
    while True:
        done = database.work(lambda: escalation.escalate_due(now=Clock().now(), limits=settings.limits))
        started += done.case_ids
        if not done.more:
            break
    print("\n".join(f"{case_id} is escalated." for case_id in started) or "No case has been silent for too long.")


COMMANDS: dict[str, Callable[[Settings], None]] = {"migrate": migrate, "escalate-due": escalate_due}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    parser = argparse.ArgumentParser(prog="casebook", description="What an operator does beside the running bot.")
    words = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        words.add_parser(name, help=(command.__doc__ or "").splitlines()[0])
    chosen = COMMANDS[parser.parse_args(arguments).command]
    try:
        settings = read_settings_here()
        with database.opened(settings.database_url.reveal()):
            chosen(settings)
    except SettingsError as error:
        print("\n".join(error.problems), file=sys.stderr)
        return WRONG_SETTINGS
    except CasebookError as error:
        print(error, file=sys.stderr)
        return WRONG_SETTINGS if error.permanent else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
