"""The workload: customer messages as a door hands them over, and the SQL statements that storing them executes."""

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
MESSAGES_EACH = 3  # per customer: one opens a case, two are added to it; a fourth would escalate

Statement = tuple[str, tuple[Any, ...]]


def messages(count: int) -> list[Incoming]:
    """This many messages, from a third as many customers in turn."""
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
    """Store one message as a door does."""
    database.work(lambda: cases.receive(message, now=message.timestamp, limits=Limits()))


def recorded_writes(message: Incoming) -> list[Statement]:
    """Store one message, and return the statements that its transaction wrote with."""
    with _recorded_statements() as statements:
        receive(message)
    return [(sql, values) for sql, values in statements if not sql.startswith("SELECT")]


class _StatementRecorder(logging.Handler):
    """A log handler that stores the statements that peewee logs."""

    def __init__(self) -> None:
        super().__init__()
        self.statements: list[Statement] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Store one statement; BEGIN and COMMIT are executed by the replaying side itself."""
        statement: Any = record.msg
        sql, values = statement
        if sql.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            self.statements.append((sql, tuple(values or ())))


@contextmanager
def _recorded_statements() -> Iterator[list[Statement]]:
    logger, recorder = logging.getLogger("peewee"), _StatementRecorder()
    level, propagates = logger.level, logger.propagate
    logger.addHandler(recorder)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield recorder.statements
    finally:
        logger.removeHandler(recorder)
        logger.setLevel(level)
        logger.propagate = propagates


def batches(items: list[Any], size: int) -> list[list[Any]]:
    """The items split into lists of this size."""
    numbers = itertools.count()
    return [list(group) for _, group in itertools.groupby(items, key=lambda _: next(numbers) // size)]
