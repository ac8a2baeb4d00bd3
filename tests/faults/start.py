"""Starts the real bot in this process, with a crash point, a faster courier or a watch on it, as its order says."""

import asyncio
import functools
import json
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiolimiter import AsyncLimiter

from bot import main
from bot.slack import courier
from casebook import database, notices
from tests.faults import points

PACE = 1000.0  # posts a second and channel: tens of thousands would take hours at Slack's one


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How one bot is to live."""

    environment: dict[str, str]
    folder: str  # its working directory
    log: str  # the file that gets its log
    crash: str = ""  # the name of a crash point
    passage: int = 1
    pace: float = 0.0  # posts a second and channel; 0: as the product has it
    lease: float = 0.0  # the most seconds that a notice is in one hand; 0: as the product has it
    alone: bool = False  # no other process says anything: what a dead one had in hand is free at once
    watch: str = ""  # a file that gets a line of figures every second


def say(**words: Any) -> None:
    """Tell whoever ordered this bot; one line, in one piece."""
    os.write(1, (json.dumps({"pid": os.getpid()} | words) + "\n").encode())


def live(order: Order) -> int:
    """The whole life of one bot; its exit status, unless it dies before."""
    os.environ.clear()
    os.environ.update(order.environment)
    os.chdir(order.folder)
    file = os.open(order.log, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    os.dup2(file, 2)
    _say_when_running(order)
    if order.pace:
        set_pace(order.pace)
    if order.lease:
        set_lease(timedelta(seconds=order.lease))
    if order.alone:
        end_leases_at_start()
    if order.crash:
        points.arm(order.crash, order.passage, functools.partial(_die, order))
    return main.main()


def _die(order: Order) -> None:
    say(crashed=order.crash, passage=order.passage)
    points.die()


def set_pace(posts: float) -> None:
    """Let the courier say more in a second than Slack would take."""
    courier.AsyncLimiter = lambda *_, **__: AsyncLimiter(posts, 1.0)  # type: ignore[attr-defined, misc, assignment]


def set_lease(most: timedelta) -> None:
    """Let what a dead process had in hand be free sooner than the product would wait on PostgreSQL."""
    take = notices.claim

    def claim(lane: str, *, now: datetime, lease: timedelta = notices.LEASE, **more: Any) -> Any:
        return take(lane, now=now, lease=min(lease, most), **more)

    notices.claim = claim


def end_leases_at_start() -> None:
    """What the product does by itself on SQLite, where it knows that nobody else is there."""
    migrate = database.migrate

    def migrated(*arguments: Any, **named: Any) -> Any:
        steps = migrate(*arguments, **named)
        notices.end_leases(now=datetime.now(UTC))
        return steps

    database.migrate = migrated


def _say_when_running(order: Order) -> None:
    start = main.Bot.start

    async def started(bot: main.Bot) -> None:
        await start(bot)
        if order.watch:
            bot._running.append(asyncio.create_task(_watch(Path(order.watch)), name="watch"))
        say(running=bot.web.port)

    main.Bot.start = started  # type: ignore[method-assign]


async def _watch(file: Path) -> None:
    """Write every second how much memory, how many open files, sockets and tasks there are."""
    with file.open("a", encoding="utf-8") as lines:
        while True:
            lines.write(json.dumps(_figures() | {"tasks": len(asyncio.all_tasks())}) + "\n")
            lines.flush()
            await asyncio.sleep(1)


def _figures() -> dict[str, int]:
    memory = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    links = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return {"memory": memory, "files": len(links), "sockets": sum(link.startswith("socket:") for link in links)}


if __name__ == "__main__":
    sys.exit(live(Order(**json.loads(sys.stdin.readline()))))
