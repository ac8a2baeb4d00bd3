"""Starts the bot's programs as separate processes, and reads their output."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BARE = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}  # the part of our environment that a program gets


class Program:
    """`python -m bot`, or another module, in a separate process; its log is on standard error."""

    def __init__(self, process: "asyncio.subprocess.Process | Forked") -> None:
        self.process = process
        self.log: list[str] = []

    async def says(self, words: str, patience: float = 20) -> str:
        """The next log line with this text; raises AssertionError when the program ends without one."""
        assert self.process.stderr is not None
        async with asyncio.timeout(patience):
            while line := (await self.process.stderr.readline()).decode():
                self.log.append(line)
                if words in line:
                    return line
        raise AssertionError(f"the program ended without saying {words!r}: {''.join(self.log)}")

    async def ended(self, patience: float = 20) -> int:
        """Wait for its exit status; the rest of its output is added to `log`."""
        assert self.process.stderr is not None
        async with asyncio.timeout(patience):
            self.log += (await self.process.stderr.read()).decode().splitlines()
            return await self.process.wait()


class Forked:
    """A process forked by another one, with the part of asyncio's `Process` that the tests use."""

    def __init__(self, pid: int, status: asyncio.StreamReader, out: asyncio.StreamReader, err: asyncio.StreamReader):
        self.pid = pid
        self._status = status
        self.stdout = out
        self.stderr = err
        self.returncode: int | None = None
        self._ending = asyncio.create_task(self._end())

    async def _end(self) -> int:
        self.returncode = int(await self._status.read())
        return self.returncode

    async def wait(self) -> int:
        """Wait for the exit status."""
        return await asyncio.shield(self._ending)

    async def communicate(self) -> None:
        """Read and drop the rest of its output, and wait for its end."""
        await asyncio.gather(self.stdout.read(), self.stderr.read(), self.wait())

    def send_signal(self, number: int) -> None:
        """Send a signal if the process still runs."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


class Loaded:
    """Starts programs as forks of one process that has imported the whole bot, so that a start costs no imports."""

    def __init__(self) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "tests.stories.loaded"]
        self._process = subprocess.Popen(command, stdin=theirs, cwd=ROOT, env=BARE)
        theirs.close()

    async def start(
        self, module: str, arguments: tuple[str, ...], environment: dict[str, str], folder: Path
    ) -> Program:
        """Start a program with exactly this environment."""
        order = {"module": module, "arguments": arguments, "environment": environment, "folder": str(folder)}
        pipes = [os.pipe() for _ in ("status", "out", "err")]
        theirs = [write for _, write in pipes]
        socket.send_fds(self._orders, [json.dumps(order).encode()], theirs)
        for file in theirs:
            os.close(file)
        status, out, err = [await _reader(read) for read, _ in pipes]
        return Program(Forked(int(await status.readline()), status, out, err))

    def end(self) -> None:
        """End the process that has imported the bot."""
        self._orders.close()
        self._process.wait(10)


async def _reader(file: int) -> asyncio.StreamReader:
    """A reader of a pipe; it closes the pipe at its end."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(file, "rb"))
    return reader


async def begin(module: str, arguments: tuple[str, ...], environment: dict[str, str], folder: Path) -> Program:
    """Start a program as a shell starts it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        *arguments,
        env=environment,
        cwd=folder,
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    return Program(process)
