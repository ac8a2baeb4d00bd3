"""Start the real bot in this process, optionally with a crash point, a faster courier, or measurements."""

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
from tests.faults.processes import points

PACE = 1000.0  # posts for each channel and second; at Slack's limit of one, tens of thousands would take hours


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The options of one bot."""

    environment: dict[str, str]
    folder: str  # its working directory
    log: str  # its log file
    crash: str = ""  # the name of a crash point
    passage: int = 1
    pace: float = 0.0  # posts for each channel and second; 0: the bot's default
    lease: float = 0.0  # seconds that a claim of a notice lasts; 0: the bot's default
    alone: bool = False  # no other bot runs: claims of a dead one end at the start
    watch: str = ""  # a file for measurements, one line each second


def say(**words: Any) -> None:
    """Write one line to the harness, in a single write."""
    os.write(1, (json.dumps({"pid": os.getpid()} | words) + "\n").encode())


def live(order: Order) -> int:
    """Run one bot; returns its exit status."""
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
    """Let the courier post faster than Slack allows."""
    courier.AsyncLimiter = lambda *_, **__: AsyncLimiter(posts, 1.0)  # type: ignore[attr-defined, misc, assignment]


def set_lease(most: timedelta) -> None:
    """Shorten the lease of claimed notices, so that those of a dead process are free sooner on PostgreSQL."""
    take = notices.claim

    def claim(lane: str, *, now: datetime, lease: timedelta = notices.LEASE, **more: Any) -> Any:
        return take(lane, now=now, lease=min(lease, most), **more)

    notices.claim = claim


def end_leases_at_start() -> None:
    """End the leases of all claimed notices, as the bot does by itself on SQLite, where it is the only process."""
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
    """Record memory, open files, sockets and tasks every second."""
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
