"""`two`: two bots on one PostgreSQL database; either is killed, and the other takes over the inbox."""

import asyncio

from bot.runtime.progress import OnStep
from tests.faults.health import services
from tests.faults.inputs import Kind
from tests.faults.processes.life import Life
from tests.faults.processes.points import POINTS
from tests.faults.runs.kill import FIRST, row_of_ended_bots, rows_of
from tests.faults.table import Row
from tests.faults.world import World

TAKEOVER_SECONDS = 10.0
GROUPS, GROUP = 8, 10  # inputs while two bots run


async def run(world: World, on_step: OnStep, *, kills: int) -> list[Row]:
    """Kill either bot repeatedly and replace it, let the last two finish, then compare."""
    names = [name for name in POINTS if name != FIRST]
    lives = [await _born(world), await _born(world)]
    takeovers: list[float] = []
    for number in range(kills):
        on_step(number, kills)
        crash = world.random.choice([*names, ""])
        doomed = lives.pop(world.random.randrange(2))
        if number % 4 == 0:
            takeovers += await _takeover(world, [doomed, *lives], lives)
        else:
            await _work(world)
            await doomed.kill()
        lives = [life for life in lives if not life.ended.is_set()]
        while len(lives) < 2:
            lives.append(await _born(world, crash if len(lives) == 1 else ""))
    on_step(kills, kills)
    await _settle(world, lives)
    faults, seen = await world.check()
    longest = max(takeovers, default=0.0)
    return [
        Row("two: kill -9 of either", f">= {kills}", str(sum(life.status == -9 for life in world.lives)), ok=True),
        Row("two: inputs acknowledged", "-", f"{seen.deliveries:,}", ok=True),
        Row(
            "two: inbox taken over",
            f"< {TAKEOVER_SECONDS:g} s",
            f"{longest:.1f} s at most, of {len(takeovers)}",
            bool(takeovers) and longest < TAKEOVER_SECONDS,
        ),
        row_of_ended_bots("two", world),
        *rows_of(faults, kind="two"),
    ]


async def _born(world: World, crash: str = "") -> Life:
    """Start a bot beside the other; one with a crash point may die before it runs."""
    life = await world.start_bot(crash, world.random.randint(1, POINTS[crash].most) if crash else 1, alone=False)
    if not await life.wait_until_running() and not life.crashed:
        raise RuntimeError(f"a bot did not start; its log: {life.order.log}")
    return life if not life.ended.is_set() else await _born(world)


async def _work(world: World) -> None:
    await world.stage.workspace.redeliver()
    for _ in range(GROUPS):
        for _ in range(GROUP):
            await world.work.step()
        await asyncio.sleep(0.08)


async def _takeover(world: World, both: list[Life], lives: list[Life]) -> list[float]:
    """Kill the bot that reads the inbox, and measure the time until the other one stores a new mail.

    Nothing is measured if the other one reaches its own crash point meanwhile.
    """
    reading = both[0]
    for life in both:
        if (await services(life)).get("email_listener") == "running":
            reading = life
            break
    await reading.kill()
    lives[:] = [life for life in both if life is not reading and not life.ended.is_set()] or [await _born(world)]
    loop = asyncio.get_running_loop()
    began = loop.time()
    await world.work.mail()
    given = next(each for each in reversed(world.work.written.by_token.values()) if each.kind is Kind.MAIL)
    query = f"SELECT count(*) FROM ledger WHERE external_id = '{given.external_id}'"
    await world.until(
        lambda: world.book.count(query) > 0 or all(life.ended.is_set() for life in lives), 3 * TAKEOVER_SECONDS
    )
    return [] if all(life.ended.is_set() for life in lives) else [loop.time() - began]


async def _settle(world: World, lives: list[Life]) -> None:
    for life in lives:  # bots with crash points would die while the others finish
        if life.order.crash:
            await life.kill()
    lives = [life for life in lives if not life.ended.is_set()] or [await _born(world)]
    await world.settle(75)
    for life in lives:
        await life.stop()
