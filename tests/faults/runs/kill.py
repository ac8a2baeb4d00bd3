"""`kill`: bots are killed at each crash point and at random moments, while inputs arrive."""

import asyncio
from collections import Counter
from random import Random

from bot.runtime.progress import OnStep
from tests.faults.processes.life import Life
from tests.faults.processes.points import POINTS
from tests.faults.table import Row
from tests.faults.verdict import Fault, Promise
from tests.faults.world import World

AT_RANDOM = ""
GROUP = 10  # inputs at once
LIFE_SECONDS = 6.0  # how long a bot may take to reach its crash point; some notices are sent after a delay
SETTLE_SECONDS = 75.0  # seconds without progress; failed notices are tried again after a minute
LONGER = {
    "silence": 5,
    "mail sent": 4,
    "reading back": 3,
}  # times: they need a silence, a mail or many pages
ANSWERED_EVERY = 0.25  # seconds
FIRST = "migrate: between steps"

Plan = list[tuple[str, int]]


def planned(kills: int, random: Random, *, points: str = "") -> Plan:
    """The crash point and passage for each bot: all points about equally often, and a fifth at random moments.

    With `points`, only crash points whose names begin with one of these, and none at random.
    """
    if points:
        some = [name for name in POINTS if name.startswith(points)]
        if not some:
            raise LookupError(f"no crash point begins with {points!r}; there are {', '.join(POINTS)}")
        return [(some[number % len(some)], 1) for number in range(kills)]
    names = [name for name in POINTS if name != FIRST]
    plan = [(FIRST, passage) for passage in (1, 2)][:kills]
    while len(plan) < kills:
        random.shuffle(names)
        for number, name in enumerate(names):
            plan.append((name, min(random.randint(1, POINTS[name].most) for _ in range(2))))
            if number % 4 == 3:
                plan.append((AT_RANDOM, 0))
    return plan[:kills]


async def run(
    world: World,
    on_step: OnStep,
    *,
    kills: int,
    inputs: int,
    settle: float = SETTLE_SECONDS,
    life: float = LIFE_SECONDS,
    plan: Plan | None = None,
) -> list[Row]:
    """Kill bots while inputs arrive, let the last one finish, then compare; `plan` gives the crash points."""
    plan = plan or planned(kills, world.random)
    each = -(-inputs * 11 // 10 // kills)  # a tenth more, since not every action is a new input
    for number, (crash, passage) in enumerate(plan):
        on_step(number, kills)
        await _one_life(world, crash, passage, each, life)
    on_step(kills, kills)
    last = await world.start_bot()
    if not await last.wait_until_running():
        raise RuntimeError(f"the last bot did not start; its log: {last.order.log}")
    await world.settle(settle)
    await last.stop()
    faults, seen = await world.check()
    reached = {life.order.crash for life in world.lives if life.crashed}
    missed = sorted({name for name, _ in plan if name} - reached)
    return [
        Row("kill -9 survived", f">= {kills}", f"{_deaths(world)}", _deaths(world) >= kills),
        Row("crash points reached", "all", f"{len(reached)}" + (f", not {missed}" if missed else ""), not missed),
        Row("inputs acknowledged under kill -9", f">= {inputs:,}", f"{seen.deliveries:,}", seen.deliveries >= inputs),
        row_of_ended_bots("kill -9", world),
        *rows_of(faults),
    ]


def _deaths(world: World) -> int:
    return sum(life.status == -9 for life in world.lives)


async def _one_life(world: World, crash: str, passage: int, inputs: int, within: float) -> None:
    life = await world.start_bot(crash, passage)
    if not await life.wait_until_running():
        if not life.crashed:
            raise RuntimeError(f"a bot did not start and was not meant to die; its log: {life.order.log}")
        return
    await world.stage.workspace.redeliver()
    for _ in range(0, inputs, GROUP):
        for _ in range(min(GROUP, inputs)):
            await world.work.step()
        # Inputs after its death wait for the next bot, as on Slack.
        await asyncio.sleep(0.02 if life.ended.is_set() else 0.08)
    what = crash.partition(":")[0]
    wait = within * LONGER.get(what, 1) if crash else world.random.uniform(0, 0.5)
    if not await (_answered_by_mail(world, life, wait) if what == "mail sent" else life.wait_until_ended(wait)):
        await life.kill()


async def _answered_by_mail(world: World, life: Life, within: float) -> bool:
    """Answer under cards until the bot dies while it sends a mail, at most `within` seconds; whether it has."""
    tries = round(within / ANSWERED_EVERY)
    for _ in range(tries):
        world.work.reply()
        if await life.wait_until_ended(ANSWERED_EVERY):
            return True
    return False


def row_of_ended_bots(kind: str, world: World) -> Row:
    """A row for bots that ended by themselves, which is always a fault."""
    ended = world.ended_by_themselves()
    return Row(f"{kind}: bots that ended by themselves", "0", " ".join([str(len(ended)), *ended[:1]]), not ended)


def rows_of(faults: list[Fault], *, kind: str = "kill -9") -> list[Row]:
    """A row for each promise that the checker examines."""
    count = Counter(fault.promise for fault in faults)
    asked = (
        (f"{kind}: acknowledged and lost", Promise.LOST),
        (f"{kind}: stored twice", Promise.TWICE),
        (f"{kind}: never taken in", Promise.NEVER),
        (f"{kind}: edits and deletions not followed", Promise.CHANGE),
        (f"{kind}: alerts said twice or never", Promise.ALERT),
        (f"{kind}: closings said twice or never", Promise.CLOSING),
        (f"{kind}: answers said twice or never", Promise.ANSWER),
        (f"{kind}: cards missing or double", Promise.CARD),
        (f"{kind}: other posts said twice or never", Promise.POST),
        (f"{kind}: notices left waiting", Promise.WAITING),
    )
    return [Row(what, "0", str(count[broken]), count[broken] == 0) for what, broken in asked]
