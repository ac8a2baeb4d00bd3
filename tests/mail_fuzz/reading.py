"""Parse mails like the bot's parser process, in a process that can be killed, and measure the cost of each."""

import time
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection

from bot.mail.incoming import MailRules
from bot.mail.worker import serialization
from bot.mail.worker.job import Unread, read
from tests.mail_fuzz.plans import ADMIN, Plan, build

TIME_LIMIT = 30.0  # seconds after which the process is killed
RULES = MailRules(inbox_address="support@example.org", admin_emails=frozenset({ADMIN}), authserv_id="mx.example.org")
_NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


def parse_like_the_process(raw: bytes) -> bytes:
    """The answer of the parser process."""
    return serialization.answer(read(Unread(raw=raw, received_at=_NOON, folder="INBOX", rules=RULES, store=None)))


class Timed:
    """A process that parses mails one after another; restarted after a mail that took too long."""

    def __init__(self) -> None:
        self._begin()

    def seconds(self, plan: Plan, size: int) -> float:
        """Seconds of processor time for the mail of this plan; the time limit if it took longer."""
        self._connection.send((plan, size))
        if self._connection.poll(TIME_LIMIT):
            with suppress(EOFError):
                seconds: float = self._connection.recv()
                return seconds
        self.end()
        self._begin()
        return TIME_LIMIT

    def end(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.join()
        self._connection.close()

    def _begin(self) -> None:
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()


def _serve(line: Connection) -> None:
    with suppress(EOFError, KeyboardInterrupt):  # the parent is gone, or received the same Ctrl-C
        while True:
            plan, size = line.recv()
            raw = build(plan, size)
            began = time.process_time()
            parse_like_the_process(raw)
            line.send(time.process_time() - began)
