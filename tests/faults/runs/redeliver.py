"""`redeliver`: each event arrives several times, out of order, and on two sockets at once."""

import asyncio
from random import Random

from bot.runtime.progress import OnStep
from fixtures.workspace.socket_mode.disorder import Disorder
from fixtures.workspace.socket_mode.socket import Socket
from tests.faults.runs.kill import rows_of
from tests.faults.table import Row
from tests.faults.world import World

GROUP = 25
OVERTAKING_SECONDS = 0.3  # seconds by which events are delayed at random


async def run(world: World, on_step: OnStep, *, redeliveries: int, settle: float = 90.0) -> list[Row]:
    """Deliver events repeatedly, then compare."""
    socket = world.stage.workspace.backend.socket
    life = await world.start_bot()
    if not await life.wait_until_running():
        raise RuntimeError(f"the bot did not start; its log: {life.order.log}")
    socket.disorder = Disorder(world.random, OVERTAKING_SECONDS)
    done = 0
    while done < redeliveries:
        for _ in range(GROUP):
            await world.work.step()
        done += repeat(socket, world.random, 2 * GROUP)
        on_step(min(done, redeliveries), redeliveries)
        await asyncio.sleep(0.15)
        await world.until(lambda: in_hand(socket) < 200, 20)
    socket.disorder = None
    await world.settle(settle)
    await life.stop()
    faults, _ = await world.check()
    return [
        Row("redeliveries and reorderings tried", f">= {redeliveries:,}", f"{done:,}", done >= redeliveries),
        *rows_of(faults, kind="redelivery"),
    ]


def repeat(socket: Socket, random: Random, count: int, among: int = 300) -> int:
    """Send some of the latest events again, acknowledged or not; returns the number of deliveries."""
    events = [envelope for envelope in socket.envelopes[-among:] if envelope.kind == "events_api"]
    chosen = random.choices(events, k=count) if events else []
    for envelope in chosen:
        # No retries of these: the first delivery has its own.
        socket.send(envelope.kind, envelope.payload, max(envelope.attempt, len(socket.retries)))
    return len(chosen)


def in_hand(socket: Socket) -> int:
    """The number of unacknowledged envelopes among the latest thousand."""
    return sum(each.sent_at is not None and each.acknowledged_at is None for each in socket.envelopes[-1000:])
