"""`python -m tests.faults [RUN ...]`: executes the runs, shows their progress, and prints the table of results."""

import asyncio
import logging
import shutil
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from bot import logs
from bot.clock import Clock
from bot.runtime.progress import OnStep, Progress
from tests.faults.books import KINDS, Book, shelf
from tests.faults.runs import absence, kill, line, pace, redeliver, soak, two
from tests.faults.table import Row, drawn
from tests.faults.world import World, made

Run = Callable[[World, OnStep, Namespace], Awaitable[list[Row]]]


async def _kill(world: World, on_step: OnStep, given: Namespace) -> list[Row]:
    plan = kill.planned(given.kills, world.random, points=given.points)
    return await kill.run(world, on_step, kills=given.kills, inputs=given.inputs, plan=plan)


async def _redeliver(world: World, on_step: OnStep, given: Namespace) -> list[Row]:
    return await redeliver.run(world, on_step, redeliveries=given.redeliveries)


async def _pace(world: World, on_step: OnStep, given: Namespace) -> list[Row]:
    return await pace.run(world, on_step, seconds=given.seconds)


async def _absence(world: World, on_step: OnStep, given: Namespace) -> list[Row]:
    return await absence.run(world, on_step, messages=given.messages)


async def _line(world: World, on_step: OnStep, _given: Namespace) -> list[Row]:
    return await line.run(world, on_step)


async def _two(world: World, on_step: OnStep, given: Namespace) -> list[Row]:
    return await two.run(world, on_step, kills=max(1, given.kills // 5))


async def _soak(world: World, on_step: OnStep, given: Namespace) -> list[Row]:
    return await soak.run(world, on_step, minutes=given.minutes, rate=given.rate, reconnections=given.reconnections)


RUNS: dict[str, Run] = {"kill": _kill, "redeliver": _redeliver, "pace": _pace, "absence": _absence, "line": _line}
RUNS |= {"two": _two, "soak": _soak}
BY_HAND = ("soak",)  # runs only if it is named
ONLY_ON = {"two": "postgresql"}
SETTINGS: dict[str, dict[str, str]] = {
    "pace": {"ESCALATION_HOURS": "48"},
    "absence": {"ESCALATION_HOURS": "48"},
    "soak": {"ESCALATION_HOURS": "0.1"},
}
# Each direct conversation takes an API call, and Slack allows fifty a minute.
PEOPLE = {"absence": {"on_slack": 30}}


def read_arguments(arguments: Sequence[str] | None = None) -> Namespace:
    """Parse the command line; exits with status 2 if it is wrong."""
    parser = ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("runs", nargs="*", metavar="RUN", help=f"of {', '.join(RUNS)}; none: all of them")
    parser.add_argument("--database", choices=KINDS, action="append", help="one of them; else both")
    parser.add_argument("--seed", type=int, default=6, help="the same seed gives the same work and the same crashes")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--points", default="", help="only crash points whose names begin so, in the run `kill`")
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--redeliveries", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=75, help="of the run `pace`")
    parser.add_argument("--messages", type=int, default=1000, help="of the run `absence`")
    parser.add_argument("--minutes", type=float, default=60, help="of the run `soak`")
    parser.add_argument("--rate", type=float, default=5, help="inputs a second of the run `soak`")
    parser.add_argument("--reconnections", type=int, default=200, help="of the run `soak`")
    parser.add_argument("--keep", type=Path, help="a folder for books and logs; else they go when all is well")
    given = parser.parse_args(arguments)
    for name in given.runs:
        if name not in RUNS:
            parser.error(f"there is no run {name!r}; there are {', '.join(RUNS)}")
    return given


async def _carry_out(name: str, book: Book, folder: Path, given: Namespace, progress: Progress) -> list[Row]:
    people, settings = PEOPLE.get(name, {}), SETTINGS.get(name, {})
    async with made(book, folder, given.seed, **people, **settings) as world:
        with progress.of(f"{name} on {book.kind}", "steps") as on_step:
            rows = await RUNS[name](world, on_step, given)
    return [replace(row, database=book.kind) for row in rows]


def main(arguments: Sequence[str] | None = None) -> int:
    """Execute the runs; returns 0 if every promise was kept, else 1."""
    given = read_arguments(arguments)
    logs.configure("INFO", ())
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd logs each connection
    progress = Progress.on_standard_error(Clock())
    folder = given.keep or Path(tempfile.mkdtemp(prefix="faults-"))
    folder.mkdir(parents=True, exist_ok=True)
    kinds = tuple(given.database or KINDS)
    rows: list[Row] = []
    for kind in kinds:
        with ExitStack() as stack:
            fresh = stack.enter_context(shelf(folder, kind))
            for name in given.runs or [each for each in RUNS if each not in BY_HAND]:
                if ONLY_ON.get(name, kind) != kind:
                    continue
                place = folder / f"{name}-{kind}"
                place.mkdir(exist_ok=True)
                done = asyncio.run(_carry_out(name, fresh(), place, given, progress))
                print(drawn(done, (kind,)), end="\n\n", file=sys.stderr, flush=True)
                rows += done
    well = all(row.ok for row in rows)
    print(f"seed {given.seed}\n{drawn(rows, kinds)}")
    if well and given.keep is None:
        shutil.rmtree(folder)
    else:
        print(f"books, logs and what was found are in {folder}")
    return 0 if well else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
