"""`pace`: fifty events a second for a minute, with a slow and failing Web API, rate limits, and broken connections."""

import asyncio
import math
from collections.abc import Callable
from typing import Any

from bot.runtime.progress import OnStep
from fixtures.workspace.socket_mode.socket import Envelope
from tests.faults.outside import message_of
from tests.faults.runs.kill import rows_of
from tests.faults.table import Row
from tests.faults.verdict import Promise
from tests.faults.world import World

RATE = 50.0  # events a second
MOST_MS = 300.0
SLOW_SECONDS = 0.15
WARM_UP = 3.0  # seconds
LATE = math.inf  # of a delivery that was never acknowledged


async def run(world: World, on_step: OnStep, *, seconds: float) -> list[Row]:
    """Write, cause failures, and measure the time from sending to acknowledgement."""
    life = await world.start_bot(pace=0)
    if not await life.wait_until_running():
        raise RuntimeError(f"the bot did not start; its log: {life.order.log}")
    world.stage.workspace.faults.slow(SLOW_SECONDS)
    await _write(world, WARM_UP, lambda _: None)
    begins = len(world.stage.workspace.envelopes)
    breaking = asyncio.create_task(_break(world))
    try:
        await _write(world, seconds, lambda done: on_step(round(done), round(seconds)))
    finally:
        breaking.cancel()
        await asyncio.gather(breaking, return_exceptions=True)
    world.stage.workspace.faults.clear()
    await asyncio.sleep(3)
    measured = [each for each in world.stage.workspace.envelopes[begins:] if message_of(each)]
    await world.settle(15, until_said=False)
    await life.kill()  # the courier keeps Slack's rate limit, so its remaining posts would take hours
    faults, _ = await world.check()
    stored = [fault for fault in faults if fault.promise in (Promise.LOST, Promise.TWICE, Promise.NEVER)]
    return [*_rows(measured), *rows_of(stored, kind="pace")[:3]]


async def _write(world: World, seconds: float, on_second: Callable[[float], None]) -> None:
    loop = asyncio.get_running_loop()
    began, done = loop.time(), 0
    while (passed := loop.time() - began) < seconds:
        while done < passed * RATE:
            await world.work.step()
            done += 1
        on_second(passed)
        await asyncio.sleep(0.01)


async def _break(world: World) -> None:
    """Cause one failure after another, repeatedly."""
    slack, faults = world.stage.workspace, world.stage.workspace.faults
    deeds: list[Callable[[], Any]] = [
        lambda: faults.rate_limit("chat.postMessage", 2),
        lambda: slack.backend.socket.disconnect("refresh_requested"),
        lambda: faults.server_error("chat.update"),
        lambda: world.stage.mailbox.cut() if world.stage.mailbox else None,
        lambda: faults.drop_after_accept("chat.postMessage"),
        lambda: faults.rate_limit("chat.update", 5),
        lambda: slack.backend.socket.disconnect("warning"),
    ]
    while True:
        for deed in deeds:
            await asyncio.sleep(1.5)
            deed()


def _rows(envelopes: list[Envelope]) -> list[Row]:
    sent = [each for each in envelopes if each.sent_at is not None]
    times = sorted(_milliseconds(each) for each in sent)
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    for each in sent:
        event = each.payload["event_id"]
        first.setdefault(event, each.sent_at or 0.0)
        if each.acknowledged_at is not None:
            last[event] = min(each.acknowledged_at, last.get(event, LATE))
    whole = sorted(1000 * (last.get(event, LATE) - at) for event, at in first.items())
    p99 = _at(times, 0.99)
    unheard = sum(time == LATE for time in times)
    return [
        Row("pace: deliveries measured", "50/s", f"{len(sent):,}", len(sent) > 0),
        Row("pace: sent to acknowledged, p50", "-", f"{_at(times, 0.5):.0f} ms", ok=True),
        Row("pace: sent to acknowledged, p99", f"< {MOST_MS:.0f} ms", f"{p99:.0f} ms", p99 < MOST_MS),
        Row("pace: deliveries lost with their socket", "-", f"{unheard} of {len(sent):,}", ok=True),
        Row("pace: the same with the tries after a lost socket, p99", "-", f"{_at(whole, 0.99):.0f} ms", ok=True),
    ]


def _milliseconds(envelope: Envelope) -> float:
    if envelope.acknowledged_at is None or envelope.sent_at is None:
        return LATE
    return 1000 * (envelope.acknowledged_at - envelope.sent_at)


def _at(ordered: list[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else LATE
