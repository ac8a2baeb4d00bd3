"""Parses mails in a separate process, so that a mail which hangs or crashes the parser affects no other."""

import asyncio
import os
import sys
from contextlib import suppress
from typing import cast

import structlog

from bot.mail.worker import serialization
from bot.mail.worker.job import ReadResult, Unread
from bot.mail.worker.serialization import MalformedAnswerError
from bot.mail.worker.serving import READY

_log = structlog.get_logger("casebook.mail")

READ_WITHIN = 5.0  # seconds; the largest mail takes half a second
_STARTED_WITHIN = 60.0


class _Child:
    """A process, and the pipes to it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.questions = cast("asyncio.StreamWriter", process.stdin)
        self.answers = cast("asyncio.StreamReader", process.stdout)

    async def ask(self, mail: Unread) -> ReadResult:
        """The parsed mail.

        Raises IncompleteReadError or ConnectionError when the process ends, MalformedAnswerError for an invalid answer.
        """
        self.questions.write(serialization.question(mail))
        self.questions.write(mail.raw)
        await self.questions.drain()
        length = serialization.answer_length(await self.answers.readexactly(serialization.ANSWER.size))
        return serialization.reading(await self.answers.readexactly(length), mail)

    async def end(self) -> None:
        """Kill the process and close its pipes."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()
        self.process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001 (asyncio has no public way)


class ParserProcess:
    """A process that parses one mail after the other; started for the first mail, and again after a crash or timeout.

    A thread could not be killed, and a regular expression that hangs in a thread holds the interpreter lock.
    """

    def __init__(self, *, read_within: float = READ_WITHIN, module: str = "bot.mail.worker.serving") -> None:
        self._read_within = read_within
        self._module = module
        self._child: _Child | None = None

    async def read(self, mail: Unread) -> ReadResult:
        """The parsed mail, or why it cannot be read, which includes that it overran.

        Raises RuntimeError when the process does not start.
        """
        if self._child is not None and self._child.process.returncode is not None:
            await self.end()  # it ended between two mails: no mail is the cause
        child = self._child or await self._start()
        try:
            async with asyncio.timeout(self._read_within):
                return await child.ask(mail)
        except TimeoutError:
            _log.warning("parsing a mail timed out", seconds=self._read_within, frugal=mail.frugal)
            why = f"Reading this mail did not end within {self._read_within:g} seconds."
        except (asyncio.IncompleteReadError, ConnectionError, MalformedAnswerError) as error:
            _log.warning("parsing a mail crashed the process", error=type(error).__name__, frugal=mail.frugal)
            why = "Reading this mail ended the process that reads mails."
        except BaseException:
            await self.end()  # its answer would be taken for that of the next mail
            raise
        await self.end()
        return ReadResult(found=why, overran=True)

    @property
    def pid(self) -> int | None:
        """The ID of the process; None before the first mail."""
        return self._child.process.pid if self._child else None

    async def end(self) -> None:
        """Kill the process."""
        child, self._child = self._child, None
        if child is not None:
            await child.end()

    async def _start(self) -> _Child:
        # Without the environment it has no secrets; in a session of its own it gets no Ctrl-C.
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
                await child.answers.readexactly(len(READY))
        except (TimeoutError, asyncio.IncompleteReadError) as error:
            await self.end()
            raise RuntimeError("the process that reads mails did not start") from error
        except BaseException:
            await self.end()
            raise
        return child
