"""The commands `casebook migrate` and `casebook escalate-due`."""

from argparse import Namespace

from bot.clock import Clock
from bot.runtime.progress import Progress
from bot.settings import Settings
from bot.shell.command import with_book
from casebook import database, escalation


@with_book
def migrate(_arguments: Namespace, _settings: Settings) -> int:
    """Bring the schema up to date, and say which steps were taken."""
    with Progress.on_standard_error(Clock()).of("bringing the schema up to date", "steps") as on_step:
        steps = database.work(lambda: database.migrate(on_step))
    for step in steps:
        print(step)
    print("The schema is up to date." if steps else "The schema was up to date already.")
    return 0


@with_book
def escalate_due(_arguments: Namespace, settings: Settings) -> int:
    """Run the silence check once, now, and say what it started."""
    started: list[str] = []
    now, limits = Clock().now(), settings.limits
    with Progress.on_standard_error(Clock()).of("escalating silent cases", "cases") as on_step:
        due = database.work(lambda: escalation.count_due(now=now, limits=limits))
        while True:
            on_step(len(started), max(due, len(started)))
            done = database.work(lambda: escalation.escalate_due(now=now, limits=limits))
            started += done.case_ids
            if not done.more:
                break
    print("\n".join(f"{case_id} is escalated." for case_id in started) or "No case has been silent for too long.")
    return 0
