"""Reads mails as the bot's own process for it does, in a process that can be ended, and says what each cost."""

import time
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection

from bot.mail.incoming import MailRules
from bot.mail.worker import serialization
from bot.mail.worker.job import Unread, read
from tests.mail_fuzz.plans import ADMIN, Plan, built

PATIENCE = 30.0  # seconds, after which the process is ended
RULES = MailRules(inbox_address="support@example.org", admin_emails=frozenset({ADMIN}), authserv_id="mx.example.org")
_NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


def read_as_asked(raw: bytes) -> bytes:
    """What the process that reads mails would answer."""
    return serialization.answer(read(Unread(raw=raw, received_at=_NOON, folder="INBOX", rules=RULES, store=None)))


class Timed:
    """A process that reads one mail after the other; begun anew after one that it could not end."""

    def __init__(self) -> None:
        self._begin()

    def seconds(self, plan: Plan, size: int) -> float:
        """Seconds of processor time for the mail of this plan; the whole patience where that was not enough."""
        self._ours.send((plan, size))
        if self._ours.poll(PATIENCE):
            with suppress(EOFError):
                seconds: float = self._ours.recv()
                return seconds
        self.end()
        self._begin()
        return PATIENCE

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.join()
        self._ours.close()

    def _begin(self) -> None:
        context = get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()


def _serve(line: Connection) -> None:
    with suppress(EOFError, KeyboardInterrupt):  # whoever asks is gone, or hears the same Ctrl-C
        while True:
            plan, size = line.recv()
            raw = built(plan, size)
            began = time.process_time()
            read_as_asked(raw)
            line.send(time.process_time() - began)
