"""`line`: each connection is broken in each way, and the time until it works again is measured."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bot.runtime.progress import OnStep
from fixtures.line import Line
from tests.faults.health import services
from tests.faults.inputs import Input, Kind
from tests.faults.processes.life import Life
from tests.faults.table import Row
from tests.faults.world import World

AWAY_SECONDS = 12.0  # seconds until a connection is restored
LOOK_SECONDS = 0.25
WAITS_FACTOR = 1.5  # how many times the promised time is waited


@dataclass(frozen=True, slots=True)
class Part:
    """A connection of the bot, and its name in /health."""

    name: str
    within: float
    service: str
    word: str
    line: Line
    probe: Callable[[World], Awaitable[Input]]  # sends an input over it


@dataclass(frozen=True, slots=True)
class Way:
    """A way to break a connection, and to restore it after a while unless new connections work anyway."""

    name: str
    cut: Callable[[Line], None]
    away: float = 0.0


WAYS = (
    Way("RST", Line.cut),
    Way("FIN", Line.hang_up),
    Way("refused", Line.refuse, AWAY_SECONDS),
    Way("silent for ever", Line.strand),
)
# Connections to the database are closed when they are restored, not left silent for ever.
WAYS_OF_DATABASE = (*WAYS[:3], Way("silent", Line.blackhole, AWAY_SECONDS))


async def run(world: World, on_step: OnStep) -> list[Row]:
    """Break the connections to Slack and the inbox at the same time, then those to the database."""
    world.stage.workspace.backend.socket.retries = ()  # the next input must arrive over the new connection
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(Line.to(int(world.stage.workspace.api_url.split(":")[2].split("/")[0])))
        world.stage.workspace.backend.base_url = f"http://127.0.0.1:{slack.port}"
        world.environment["SLACK_API_URL"] = world.stage.workspace.api_url
        database: Part | None = None
        if world.book.kind == "postgresql":
            through, line = await stack.enter_async_context(world.book.behind_a_line())
            world.environment["DATABASE_URL"] = through.url
            database = Part("PostgreSQL", 10, "database", "connected", line, _asked)
        life = await world.start_bot(pace=0)
        if not await life.wait_until_running():
            raise RuntimeError(f"the bot did not start; its log: {life.order.log}")
        inbox = world.stage.mailbox.line if world.stage.mailbox else slack
        steps = _Steps(on_step, 2 * len(WAYS) + (len(WAYS_OF_DATABASE) if database else 0))
        both = await asyncio.gather(
            _all(world, life, Part("Slack", 60, "slack", "connected", slack, _asked), steps),
            _all(world, life, Part("mail", 150, "email_listener", "running", inbox, _mailed), steps),
        )
        rows = [row for rows in both for row in rows]
        if database is not None:
            rows += await _all(world, life, database, steps, WAYS_OF_DATABASE)
        await life.kill()
    return rows


class _Steps:
    def __init__(self, on_step: OnStep, total: int) -> None:
        self._on_step, self._done, self._total = on_step, 0, total

    def next(self) -> None:
        self._done += 1
        self._on_step(self._done, self._total)


async def _asked(world: World) -> Input:
    world.work.ask()
    return list(world.work.written.by_token.values())[-1]


async def _mailed(world: World) -> Input:
    await world.work.mail()
    return next(each for each in reversed(world.work.written.by_token.values()) if each.kind is Kind.MAIL)


async def _all(world: World, life: Life, part: Part, steps: _Steps, ways: tuple[Way, ...] = WAYS) -> list[Row]:
    rows = []
    for way in ways:
        await _heals(world, life, part)  # it works before it is broken
        way.cut(part.line)
        if way.away:
            await asyncio.sleep(way.away)
            part.line.cut()
            part.line.mend()
        took = await _heals(world, life, part)
        ok = took is not None and took < part.within
        told = "never" if took is None else f"{took:.1f} s"
        rows.append(Row(f"line: {part.name}, {way.name}, heard again", f"< {part.within:g} s", told, ok))
        steps.next()
    return rows


async def _heals(world: World, life: Life, part: Part) -> float | None:
    """Seconds until an input sent from now on is stored and /health is green; None if it takes too long."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    sent: set[tuple[str, str]] = set()
    while loop.time() - began < WAITS_FACTOR * part.within:
        given = await part.probe(world)
        sent.add((given.source, given.external_id))
        await asyncio.sleep(LOOK_SECONDS)
        known = set(world.book.rows("SELECT source, external_id FROM ledger"))
        if sent & known and (await services(life)).get(part.service) == part.word:
            return loop.time() - began
    return None
