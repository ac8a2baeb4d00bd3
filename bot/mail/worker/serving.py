"""The process that parses mails. It imports only what parsing needs, so that a new one starts quickly."""

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from bot.mail.worker import serialization
from bot.mail.worker.job import ReadResult, Unread, read

READY = b"r"  # sent once, when the process can be asked


def serve(questions: BinaryIO, answers: BinaryIO, read: Callable[[Unread], ReadResult] = read) -> None:
    """Parse mails until standard input is closed, as it is when the parent process has ended."""
    with suppress(OSError):  # when memory is short, the kernel kills this process before its parent
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    answers.write(READY)
    answers.flush()
    while (mail := serialization.next_question(questions)) is not None:
        answers.write(serialization.answer(read(mail)))
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
