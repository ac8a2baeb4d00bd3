"""The baseline: the database drivers without Casebook, with one transaction per message."""

import sqlite3
from pathlib import Path

import psycopg
from psycopg import sql

from benchmarks.workload import Statement


class BareSqlite:
    """sqlite3 with Casebook's pragmas."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = 1"):
            self._connection.execute(f"PRAGMA {pragma}")

    def write(self, statements: list[Statement]) -> None:
        """Execute the statements in one transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        for text, values in statements:
            self._connection.execute(text, values).fetchall()
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class BarePostgresql:
    """psycopg without any layer above it."""

    def __init__(self, uri: str) -> None:
        self._connection = psycopg.connect(uri, autocommit=True)

    def write(self, statements: list[Statement]) -> None:
        """Execute the statements in one transaction."""
        with self._connection.transaction():
            for text, values in statements:
                self._connection.execute(sql.SQL(text), values)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
