"""`soak`: an hour of inputs with many reconnections; memory, sockets and tasks are measured every second."""

import asyncio
import json
import sys
from pathlib import Path
from statistics import median

from bot.runtime.progress import OnStep
from tests.faults.runs.kill import rows_of
from tests.faults.table import Row
from tests.faults.world import World

WARM_UP = 0.1  # of the time
TOLD_SECONDS = 60.0
MOST_GROWTH = 10.0  # per cent
MOST_MORE = 5  # sockets or tasks, whose number varies with the current work

Figures = dict[str, int]


async def run(world: World, on_step: OnStep, *, minutes: float, rate: float, reconnections: int) -> list[Row]:
    """Write at a steady rate, reconnect in between, and compare the end with the time after the warm-up."""
    file = world.folder / "figures.jsonl"
    life = await world.start_bot(watch=str(file))
    if not await life.wait_until_running():
        raise RuntimeError(f"the bot did not start; its log: {life.order.log}")
    loop = asyncio.get_running_loop()
    began, seconds, done, cuts, told = loop.time(), 60 * minutes, 0, 0, 0.0
    while (passed := loop.time() - began) < seconds and not life.ended.is_set():
        while done < passed * rate:
            await world.work.step()
            done += 1
        if cuts < passed / seconds * reconnections:
            cuts += 1
            _reconnect(world, cuts)
        if passed - told >= TOLD_SECONDS:
            told = passed
            print(f"after {passed / 60:.0f} min: {read(file)[-1]}", file=sys.stderr, flush=True)
        on_step(round(passed), round(seconds))
        await asyncio.sleep(0.05)
    figures = read(file)
    await world.settle(60)
    survived = not life.ended.is_set()
    if survived:
        await life.stop()
    faults, seen = await world.check()
    return [
        Row("soak: inputs acknowledged", "-", f"{seen.deliveries:,}", ok=survived),
        Row("soak: reconnections", f">= {reconnections}", str(cuts), cuts >= reconnections),
        *rows(figures),
        *rows_of(faults, kind="soak"),
    ]


def _reconnect(world: World, number: int) -> None:
    socket = world.stage.workspace.backend.socket
    if number % 4 == 0 and world.stage.mailbox is not None:
        world.stage.mailbox.cut()
    if number % 3 == 0:
        socket.cut()
    else:
        socket.disconnect("refresh_requested")


def read(file: Path) -> list[Figures]:
    """The measurements so far."""
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def rows(figures: list[Figures]) -> list[Row]:
    """The growth from the warm-up to the end, by the medians of a tenth of the time each."""
    part = max(1, round(len(figures) * WARM_UP))
    early, late = figures[part : 2 * part], figures[-part:]
    found = []
    for name, most in (("memory", MOST_GROWTH), ("sockets", MOST_MORE), ("files", MOST_MORE), ("tasks", MOST_MORE)):
        before, after = (median(each[name] for each in some) for some in (early, late))
        if name == "memory":
            growth = 100 * (after - before) / before
            told = f"{growth:+.1f} %, to {after / 1e6:.0f} MB"
            found.append(Row("soak: memory grows", f"< {most:.0f} %", told, growth < most))
        else:
            told = f"{before:g} to {after:g}"
            found.append(Row(f"soak: {name} do not grow", f"<= {most} more", told, after - before <= most))
    return found
