"""What a benchmark writes: customers' messages as a door would hand them over, and the statements that they become."""

import itertools
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from casebook import cases, database
from casebook.incoming import Incoming, Source, Standing
from casebook.rules import Limits

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TEXT = "The printer on the second floor hums and prints nothing since this morning. " * 4
MESSAGES_EACH = 3  # one opens a case, two go into it; the fourth would escalate

Statement = tuple[str, tuple[Any, ...]]


def messages(count: int) -> list[Incoming]:
    """So many messages, of a third as many customers who take turns."""
    return [_message(number, number % max(1, count // MESSAGES_EACH)) for number in range(count)]


def _message(number: int, customer: int) -> Incoming:
    at = NOON + timedelta(seconds=number)
    ts = f"{int(at.timestamp())}.{number:06d}"
    return Incoming(
        source=Source.SLACK,
        external_id=f"T0HOME001:C0SHARED1:{ts}",
        sender=f"U0{customer:07d}",
        sender_name="Dora Demo",
        standing=Standing.CUSTOMER,
        timestamp=at,
        body=TEXT,
        new_text=TEXT,
        place="C0SHARED1",
        thread=ts,
    )


def receive(message: Incoming) -> None:
    """Store one message as the doors do."""
    database.work(lambda: cases.receive(message, now=message.timestamp, limits=Limits()))


def writes(message: Incoming) -> list[Statement]:
    """Store one message, and return the statements with which its transaction wrote."""
    with _overheard() as statements:
        receive(message)
    return [(sql, values) for sql, values in statements if not sql.startswith("SELECT")]


class _Ear(logging.Handler):
    """Keeps the statements that peewee logs."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Statement] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one statement; BEGIN and COMMIT are the replaying side's own."""
        statement: Any = record.msg
        sql, values = statement
        if sql.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            self.heard.append((sql, tuple(values or ())))


@contextmanager
def _overheard() -> Iterator[list[Statement]]:
    logger, ear = logging.getLogger("peewee"), _Ear()
    before, spread = logger.level, logger.propagate
    logger.addHandler(ear)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield ear.heard
    finally:
        logger.removeHandler(ear)
        logger.setLevel(before)
        logger.propagate = spread


def batches(items: list[Any], size: int) -> list[list[Any]]:
    """The items, in lists of this size."""
    numbers = itertools.count()
    return [list(group) for _, group in itertools.groupby(items, key=lambda _: next(numbers) // size)]
