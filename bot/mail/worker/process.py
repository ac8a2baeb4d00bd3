"""Reads mails in a process of their own, so that one which hangs it or kills it costs only itself."""

import asyncio
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

import structlog

from bot.mail.worker import serialization
from bot.mail.worker.job import ReadResult, Unread, read
from bot.mail.worker.serialization import MalformedAnswerError

_log = structlog.get_logger("casebook.mail")

READ_WITHIN = 5.0  # seconds; the largest mail takes half of one
_STARTED_WITHIN = 60.0
_READY = b"r"


class _Child:
    """A process, and the pipes to it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.questions = cast("asyncio.StreamWriter", process.stdin)
        self.answers = cast("asyncio.StreamReader", process.stdout)

    async def ask(self, mail: Unread) -> ReadResult:
        """What it reads.

        Raises IncompleteReadError or ConnectionError when it ends over it, MalformedAnswerError when it says nonsense.
        """
        self.questions.write(serialization.question(mail))
        self.questions.write(mail.raw)
        await self.questions.drain()
        length = serialization.answer_length(await self.answers.readexactly(serialization.ANSWER.size))
        return serialization.reading(await self.answers.readexactly(length), mail)

    async def end(self) -> None:
        """Kill it, and let go of its pipes."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        self.process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 (asyncio has no public way)


class Apart:
    """A process that reads one mail after the other; begun with the first, and anew after one that ended it.

    A thread could not be ended, and a regular expression that hangs in one keeps the whole program from running.
    """

    def __init__(self, *, read_within: float = READ_WITHIN, module: str = "bot.mail.worker.process") -> None:
        self._read_within = read_within
        self._module = module
        self._child: _Child | None = None

    async def read(self, mail: Unread) -> ReadResult:
        """What stands in a mail, or why it cannot be read: also that it overran.

        Raises RuntimeError when there is no process to read it.
        """
        if self._child is not None and self._child.process.returncode is not None:
            await self.end()  # between two mails: neither of them did it
        child = self._child or await self._start()
        try:
            async with asyncio.timeout(self._read_within):
                return await child.ask(mail)
        except TimeoutError:
            _log.warning("reading a mail did not end", seconds=self._read_within, frugal=mail.frugal)
            why = f"Reading this mail did not end within {self._read_within:g} seconds."
        except (asyncio.IncompleteReadError, ConnectionError, MalformedAnswerError) as error:
            _log.warning("reading a mail ended the process that reads", error=type(error).__name__, frugal=mail.frugal)
            why = "Reading this mail ended the process that reads mails."
        except BaseException:
            await self.end()  # what it still says would be taken for the answer to the next question
            raise
        await self.end()
        return ReadResult(found=why, overran=True)

    @property
    def pid(self) -> int | None:
        """The process that reads; None before the first mail."""
        return self._child.process.pid if self._child else None

    async def end(self) -> None:
        """End the process, whatever it does."""
        child, self._child = self._child, None
        if child is not None:
            await child.end()

    async def _start(self) -> _Child:
        # It needs no setting, and so no secret; Ctrl-C on a terminal is ours to hear.
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            self._module,
            env={"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        child = self._child = _Child(process)
        try:
            async with asyncio.timeout(_STARTED_WITHIN):
                await child.answers.readexactly(len(_READY))
        except (TimeoutError, asyncio.IncompleteReadError) as error:
            await self.end()
            raise RuntimeError("the process that reads mails did not start") from error
        except BaseException:
            await self.end()
            raise
        return child


def serve(questions: BinaryIO, answers: BinaryIO, read: Callable[[Unread], ReadResult] = read) -> None:
    """Read what is asked for until nobody asks any more, as happens when the program that asks is gone."""
    with suppress(OSError):  # when memory is short, this process goes and not the one that began it
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    answers.write(_READY)
    answers.flush()
    while (mail := serialization.next_question(questions)) is not None:
        answers.write(serialization.answer(read(mail)))
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
