"""`python -m tests.mail_fuzz`: generates mails, parses each at up to three sizes, and prints the most expensive."""

import math
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tests.mail_fuzz.plans import Plan, make_plan
from tests.mail_fuzz.reading import Timed

SMALL, MIDDLE, LARGE = 12_000, 48_000, 990_000  # bytes
MOST = 2.0  # seconds for a mail under 1 MB
_PROMISING = 0.35  # seconds of expected cost from which the large size is parsed


@dataclass(frozen=True)
class Found:
    """The cost of a mail, in seconds of processor time, and its size in bytes."""

    number: int
    plan: Plan
    seconds: float
    size: int


def read_arguments() -> Namespace:
    """Parse the command line."""
    parser = ArgumentParser(prog="python -m tests.mail_fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=11, help="the same seed gives the same mails")
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--first", type=int, default=0, help="the number of the first mail")
    parser.add_argument("--mails", type=int, default=sys.maxsize, help="at most so many")
    parser.add_argument("--show", type=int, default=5, help="so many of the costliest")
    return parser.parse_args()


def cost(timed: Timed, number: int, plan: Plan) -> Found:
    """The cost of the mail of this plan; the large size is parsed only if the growth suggests that it is expensive."""
    small = timed.seconds(plan, SMALL)
    middle = timed.seconds(plan, MIDDLE)
    growth = math.log(max(middle, 1e-6) / max(small, 1e-6), MIDDLE / SMALL)
    if middle * (LARGE / MIDDLE) ** min(2.2, max(0.0, growth)) < _PROMISING:
        return Found(number, plan, middle, MIDDLE)
    large = timed.seconds(plan, LARGE)
    if large > MOST:  # measured again, since the machine may have been busy
        large = min(large, timed.seconds(plan, LARGE))
    return Found(number, plan, large, LARGE)


def search(given: Namespace, timed: Timed) -> Iterator[Found]:
    """Yield each mail that was tried."""
    until = time.monotonic() + 60 * given.minutes
    number = given.first
    while time.monotonic() < until and number < given.first + given.mails:
        yield cost(timed, number, make_plan(given.seed, number))
        number += 1


def main() -> int:
    """Search and print the most expensive mails; exit status 1 if one is over the limit, 130 after Ctrl-C."""
    given, console, timed = read_arguments(), Console(stderr=True), Timed()
    worst: list[Found] = []
    tried, status = 0, 0
    description = TextColumn("{task.completed:,} mails, the costliest {task.fields[worst]:.2f} s")
    try:
        with Progress(SpinnerColumn(), description, TimeElapsedColumn(), console=console, transient=True) as progress:
            task = progress.add_task("", total=None, worst=0.0)
            for found in search(given, timed):
                tried += 1
                worst = sorted([*worst, found], key=lambda each: -each.seconds)[: given.show]
                progress.update(task, completed=tried, worst=worst[0].seconds)
                if found.seconds > MOST:
                    line = f"{found.seconds:.1f} s: mail {found.number}, {found.plan.description[:600]}"
                    progress.console.print(line, markup=False)
    except KeyboardInterrupt:
        status = 130
    finally:
        timed.end()
    print(f"{tried:,} mails of seed {given.seed}, from number {given.first}; the costliest:")
    for each in worst:
        print(f"{each.seconds:6.2f} s, {each.size:,} bytes, mail {each.number}: {each.plan.description[:400]}")
    return status or int(any(each.seconds > MOST for each in worst))


if __name__ == "__main__":
    sys.exit(main())
