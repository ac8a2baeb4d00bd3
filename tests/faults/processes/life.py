"""Start bots as processes, watch them, and kill them."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

from tests.faults.processes.start import Order

ROOT = Path(__file__).parents[3]
PATIENCE = 30.0  # seconds that a start may take


class Life:
    """One bot process."""

    def __init__(self, order: Order, pid: int) -> None:
        self.order = order
        self.pid = pid
        self.port = 0  # of its web server, once it runs
        self.crashed = False  # whether it died at its crash point
        self.status: int | None = None
        self.running = asyncio.Event()
        self.ended = asyncio.Event()

    def receive(self, words: dict[str, int | str]) -> None:
        """Handle a report about the bot from the fork server or the bot."""
        if "running" in words:
            self.port = int(words["running"])
            self.running.set()
        elif "crashed" in words:
            self.crashed = True
        elif "ended" in words:
            self.status = int(words["ended"])
            self.ended.set()

    async def wait_until_running(self, patience: float = PATIENCE) -> bool:
        """Wait until it runs or has ended; returns whether it runs."""
        waits = [asyncio.ensure_future(self.running.wait()), asyncio.ensure_future(self.ended.wait())]
        try:
            await asyncio.wait(waits, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
        if not self.running.is_set() and not self.ended.is_set():
            raise TimeoutError(f"the bot did not start within {patience:g} s; its log: {self.order.log}")
        return self.running.is_set() and not self.ended.is_set()

    async def wait_until_ended(self, within: float) -> bool:
        """Wait until it has ended, at most `within` seconds; returns whether it has."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.ended.wait()
        return self.ended.is_set()

    async def kill(self) -> None:
        """Kill it with SIGKILL, like a power cut."""
        await self._end(signal.SIGKILL, 10)

    async def stop(self, within: float = 15) -> int:
        """Stop it with SIGTERM; returns its exit status."""
        await self._end(signal.SIGTERM, within)
        return self.status if self.status is not None else -1

    async def _end(self, by: signal.Signals, within: float) -> None:
        if not self.ended.is_set():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, by)
        if not await self.wait_until_ended(within):
            raise TimeoutError(f"the bot did not end within {within:g} s of {by.name}; its log: {self.order.log}")


class Nest:
    """Starts bots by a fork server; kills them when it is closed."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lives: dict[int, Life] = {}
        self._ordered: list[tuple[Order, asyncio.Future[Life]]] = []

    @classmethod
    @asynccontextmanager
    async def open(cls, log: Path) -> AsyncIterator["Nest"]:
        """Run the fork server until the block ends; `log` gets the output before a bot opens its own log."""
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.faults.processes.nest",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
                start_new_session=True,  # Ctrl-C goes to the harness only, which stops the bots itself
            )
        nest = cls(process)
        listening = asyncio.create_task(nest._listen())
        try:
            yield nest
        finally:
            if process.stdin is not None:
                process.stdin.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(5):
                    await process.wait()
            if process.returncode is None:
                process.kill()
                await process.wait()
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listen(self) -> None:
        if self._process.stdout is None:
            raise RuntimeError("the nest has no standard output")
        while line := await self._process.stdout.readline():
            words = json.loads(line)
            if "started" in words:
                order, waiting = self._ordered.pop(0)
                life = self._lives[words["pid"]] = Life(order, words["pid"])
                waiting.set_result(life)
            elif words["pid"] in self._lives:
                self._lives[words["pid"]].receive(words)
        for _, waiting in self._ordered:
            waiting.set_exception(ChildProcessError("the nest has ended; its log says why"))

    async def start_bot(self, order: Order) -> Life:
        """Start a new bot; does not wait until it runs."""
        if self._process.stdin is None:
            raise RuntimeError("the nest has no standard input")
        waiting: asyncio.Future[Life] = asyncio.get_running_loop().create_future()
        self._ordered.append((order, waiting))
        self._process.stdin.write((json.dumps(asdict(order)) + "\n").encode())
        await self._process.stdin.drain()
        async with asyncio.timeout(PATIENCE):
            return await waiting
