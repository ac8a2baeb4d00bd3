"""The parser process with a parser that hangs, crashes or sends invalid answers for some mails."""

import os
import re
import signal
import sys

from bot.mail.worker.job import ReadResult, Unread, read
from bot.mail.worker.serving import serve


def fragile(mail: Unread) -> ReadResult:
    """Hang in a regular expression or idly, crash as by a fault in C, or send an invalid answer, as the mail says."""
    if b"Please hang" in mail.raw:
        re.match("(a+)+b", "a" * 64)
    if b"Hang over my page" in mail.raw and not mail.frugal:
        signal.pause()  # which leaves the processor to others, as the regular expression does not
    if b"Please end" in mail.raw or (b"End over my page" in mail.raw and not mail.frugal):
        os.abort()
    if b"Please lie" in mail.raw:
        sys.stdout.buffer.write(b"\0" * 7 + b"\2{}")
        sys.stdout.buffer.flush()
    return read(mail)


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, fragile)
