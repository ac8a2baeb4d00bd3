"""The `casebook` command: what an operator does beside the running bot."""

import argparse
import sys
from collections.abc import Callable, Sequence

from bot import logs
from bot.clock import Clock
from bot.progress import Progress
from bot.settings import Settings, SettingsError, read_settings_here
from casebook import database, escalation
from casebook.errors import CasebookError

WRONG_SETTINGS = 78
INTERRUPTED = 130  # what shells expect after Ctrl-C: 128 and the number of SIGINT


def migrate(_settings: Settings, progress: Progress) -> None:
    """Bring the schema up to date, and say which steps were taken."""
    with progress.of("bringing the schema up to date", "steps") as on_step:
        steps = database.work(lambda: database.migrate(on_step))
    for step in steps:
        print(step)
    print("The schema is up to date." if steps else "The schema was up to date already.")


def escalate_due(settings: Settings, progress: Progress) -> None:
    """Run the silence check once, now, and say what it started."""
    started: list[str] = []
    now, limits = Clock().now(), settings.limits
    with progress.of("escalating silent cases", "cases") as on_step:
        due = database.work(lambda: escalation.count_due(now=now, limits=limits))
        while True:
            on_step(len(started), max(due, len(started)))
            done = database.work(lambda: escalation.escalate_due(now=now, limits=limits))
            started += done.case_ids
            if not done.more:
                break
    print("\n".join(f"{case_id} is escalated." for case_id in started) or "No case has been silent for too long.")


COMMANDS: dict[str, Callable[[Settings, Progress], None]] = {"migrate": migrate, "escalate-due": escalate_due}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    parser = argparse.ArgumentParser(prog="casebook", description="What an operator does beside the running bot.")
    words = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        words.add_parser(name, help=(command.__doc__ or "").splitlines()[0])
    chosen = COMMANDS[parser.parse_args(arguments).command]
    try:
        settings = read_settings_here()
        logs.configure(settings.log_level, settings.secrets)
        with database.opened(settings.database_url.reveal()):
            chosen(settings, Progress.on_standard_error(Clock()))
    except SettingsError as error:
        print("\n".join(error.problems), file=sys.stderr)
        return WRONG_SETTINGS
    except CasebookError as error:
        print(error, file=sys.stderr)
        return WRONG_SETTINGS if error.permanent else 1
    except KeyboardInterrupt:
        print("Interrupted. What was finished is kept; the same command goes on from there.", file=sys.stderr)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
