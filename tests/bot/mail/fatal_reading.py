"""The process that reads mails, with a parser that some mails hang and some mails end."""

import os
import re
import sys

from bot.mail.apart import serve
from bot.mail.unread import Reading, Unread, read


def fragile(mail: Unread) -> Reading:
    """Hang in a regular expression, or end as by a fault in C, when the mail says so."""
    if b"Please hang" in mail.raw:
        re.match("(a+)+b", "a" * 64)
    if b"Please end" in mail.raw:
        os.abort()
    return read(mail)


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, fragile)
