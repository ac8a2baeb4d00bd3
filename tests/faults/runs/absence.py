"""`absence`: a thousand messages are written while no bot runs, and Slack never sends their events again."""

import asyncio
from collections import Counter

from bot.runtime.progress import OnStep
from tests.faults.runs.kill import rows_of
from tests.faults.table import Row
from tests.faults.world import World

PAGE = 15  # messages; Slack's strictest limit allows no more
WITHIN = 120.0  # seconds
BEFORE = 60  # inputs before the absence, so that the bot knows each channel and conversation


async def run(world: World, on_step: OnStep, *, messages: int) -> list[Row]:
    """Stop the bot, write, start it, and measure the time until the last message is stored."""
    slack = world.stage.workspace
    life = await world.start_bot()
    if not await life.wait_until_running():
        raise RuntimeError(f"the bot did not start; its log: {life.order.log}")
    for _ in range(BEFORE):
        await world.work.step()
    await world.settle(30)
    await life.stop()
    before = len(world.work.written)
    world.work.rarely_in_threads()  # each thread with new replies takes an API call, and Slack allows fifty a minute
    slack.backend.socket.retries = ()
    while len(world.work.written) < before + messages:
        await world.work.step()
    slack.backend.page_limit = PAGE
    slack.faults.tiers()
    loop = asyncio.get_running_loop()
    began, asked = loop.time(), len(slack.calls)
    life = await world.start_bot()
    missing = messages
    while missing and loop.time() < began + 2 * WITHIN:
        await asyncio.sleep(0.5)
        missing = world.not_taken()
        on_step(messages - missing, messages)
    took = loop.time() - began
    slack.faults.clear()
    await world.settle(60)
    await life.stop()
    faults, _ = await world.check()
    count = Counter(call.method for call in slack.calls[asked:])
    calls = count["conversations.history"], count["conversations.replies"]
    told = f"{took:.0f} s" if not missing else f"{missing:,} missing after {took:.0f} s"
    return [
        Row("absence: calls of history and replies", "-", f"{calls[0]} and {calls[1]}", ok=True),
        Row(f"absence: {messages:,} messages caught up with", f"< {WITHIN:.0f} s", told, not missing and took < WITHIN),
        *rows_of(faults, kind="absence"),
    ]
