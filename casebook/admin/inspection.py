"""Looking at a book without opening it for work: nothing is made, written or locked, whatever is found."""

import fcntl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from peewee import DatabaseError, InterfaceError, PostgresqlDatabase, SqliteDatabase

from casebook.database import lock_file, sqlite_file, steps_of
from casebook.errors import DatabaseUnavailableError, DatabaseUrlError
from casebook.models import TABLES

_ROUNDS = 3  # a pooler's other clients may come in between and hide it in one


class Between(StrEnum):
    """What stands between us and PostgreSQL."""

    NOTHING = "nothing"
    SESSION_POOLER = "session pooler"  # keeps a backend for a client: locks hold
    TRANSACTION_POOLER = "transaction pooler"  # keeps one for a transaction or a statement: locks get lost
    NO_ROOM = "no room"  # there is no second connection beside the first


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """What only PostgreSQL has."""

    clock: datetime
    read_only: bool
    may_create: bool  # tables, in the schema that is used
    not_ours: tuple[str, ...]  # tables of the book that this role may not write to
    between: Between


@dataclass(frozen=True, slots=True, kw_only=True)
class BookFacts:
    """What a look at the book showed."""

    version: str  # of the database's program
    taken: tuple[str, ...]  # the schema steps that the book has
    lacking: tuple[str, ...]  # those of this program that it lacks
    unknown: tuple[str, ...]  # those that this program does not know: a newer one made them
    positions: Mapping[str, str] = field(default_factory=dict)  # how far each door has been read
    server: ServerFacts | None = None  # None on SQLite


def look(url: str) -> BookFacts | None:
    """Look at the book; None when it is a SQLite file that is not there.

    Raises DatabaseUrlError, and DatabaseUnavailableError when it does not answer or is no database.
    """
    path = sqlite_file(url)
    try:
        if path is not None:
            return _look_at_file(path) if path.exists() else None
        if not url.startswith("postgresql://"):
            raise DatabaseUrlError
        return _look_at_server(url)
    except (DatabaseError, InterfaceError) as error:
        raise DatabaseUnavailableError(str(error).strip().partition("\n")[0]) from error


def is_locked(url: str) -> bool:
    """Whether a bot holds a SQLite book; always False on PostgreSQL.

    The lock is asked for and given back at once, since the kernel has no other way to tell.
    """
    path = lock_file(url)
    if path is None or not path.exists():
        return False
    with path.open("rb") as file:  # for reading: nothing is made, no time of the file changes
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(file, fcntl.LOCK_UN)
    return False


def journal_mode(path: Path) -> str:
    """`wal` or `rollback`, from bytes 18 and 19 of the file; empty where it is no SQLite database.

    https://sqlite.org/fileformat2.html#file_format_version_numbers
    """
    with path.open("rb") as file:
        head = file.read(20)
    return {b"\1\1": "rollback", b"\2\2": "wal"}.get(head[18:20], "") if head.startswith(b"SQLite format 3") else ""


def channel_changes(url: str) -> dict[str, str]:
    """The ID of today by every other that a channel had; empty where the book is not there, or an older program's.

    Raises DatabaseUnavailableError.
    """
    path = sqlite_file(url)
    if path is not None and not path.exists():
        return {}
    database = _two_clients(url)[0] if path is None else _file(path)
    try:
        with database.connection_context():
            if not database.table_exists("channel_changes"):
                return {}
            return dict(database.execute_sql("SELECT old_channel, new_channel FROM channel_changes").fetchall())
    except (DatabaseError, InterfaceError) as error:
        raise DatabaseUnavailableError(str(error).strip().partition("\n")[0]) from error


def _file(path: Path) -> Any:
    # Even a read-only connection leaves -wal and -shm beside a WAL book that nobody has open; an immutable one does
    # not. While somebody has it open both are there already, and then only mode=ro sees the newest rows.
    in_use = path.with_name(path.name + "-shm").exists()
    with_options = f"{path.absolute().as_uri()}?{'mode=ro' if in_use else 'immutable=1'}"
    return SqliteDatabase(with_options, uri=True, autoconnect=False)


def _look_at_file(path: Path) -> BookFacts:
    database = _file(path)
    with database.connection_context():
        (version,) = database.execute_sql("SELECT sqlite_version()").fetchone()
        return _facts(database, f"SQLite {version}", None)


def _two_clients(url: str) -> tuple[Any, Any]:
    # A prepared statement may be unknown to the next backend that a pooler hands out.
    options: dict[str, Any] = {
        "prefer_psycopg3": True,
        "prepare_threshold": None,
        "connect_timeout": 5,
        "autoconnect": False,
    }
    return PostgresqlDatabase(url, **options), PostgresqlDatabase(url, **options)


def what_is_between(url: str) -> Between:
    """What stands between us and PostgreSQL; raises peewee's errors where it cannot be reached."""
    first, second = _two_clients(url)
    with first.connection_context():
        return _between(first, second)


def _look_at_server(url: str) -> BookFacts:
    first, second = _two_clients(url)
    with first.connection_context():
        (version,) = first.execute_sql("SHOW server_version").fetchone()
        between = _between(first, second)
        return _facts(first, f"PostgreSQL {version.split()[0]}", _server_facts(first, between))


def _between(first: Any, second: Any) -> Between:
    """Whether a pooler stands before PostgreSQL, and of which kind; advisory locks need a backend of one's own.

    Every client is told a process ID when it connects. PostgreSQL tells that of the backend, poolers one of their
    own: another answer of pg_backend_pid() gives a pooler away. Its kind shows when two clients take turns: the first
    is idle between two transactions and the second begins one. With a backend each, both keep theirs. A pool for
    transactions either hands the second the backend that the first has just left, or keeps that one busy with the
    second, so that the first gets another. Trying an advisory lock itself would leave it behind in the pool.
    """
    told = first.connection().info.backend_pid
    try:
        second.connect()
        _backend(second)
    except DatabaseError:
        return Between.NO_ROOM
    else:
        turns = _take_turns(first, second)
    finally:
        second.close()
    if turns:
        return Between.TRANSACTION_POOLER
    return Between.NOTHING if told == _backend(first) else Between.SESSION_POOLER


def _take_turns(first: Any, second: Any) -> bool:
    """Whether two clients share their backends."""
    try:
        for _ in range(_ROUNDS):
            before = _backend(first)
            with second.transaction():
                if _backend(second) == before or _backend(first) != before:
                    return True
    except DatabaseError:  # a pooler of single statements refuses to begin a transaction
        return True
    return False


def _backend(client: Any) -> int:
    return int(client.execute_sql("SELECT pg_backend_pid()").fetchone()[0])


def _server_facts(database: Any, between: Between) -> ServerFacts:
    clock, read_only, may_create = database.execute_sql(
        "SELECT clock_timestamp(), pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on',"
        " coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)"
    ).fetchone()
    names = [table._meta.table_name for table in TABLES]  # noqa: SLF001 - peewee has no public way to ask
    rows = database.execute_sql(
        "SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass(quote_ident(name)) IS NOT NULL"
        " AND NOT (has_table_privilege(to_regclass(quote_ident(name))::oid, 'INSERT')"
        " AND has_table_privilege(to_regclass(quote_ident(name))::oid, 'UPDATE'))",
        (names,),
    ).fetchall()
    return ServerFacts(
        clock=clock,
        read_only=read_only,
        may_create=may_create,
        not_ours=tuple(sorted(name for (name,) in rows)),
        between=between,
    )


def _facts(database: Any, version: str, server: ServerFacts | None) -> BookFacts:
    steps = steps_of(database)
    positions = database.execute_sql("SELECT door, value FROM positions") if database.table_exists("positions") else ()
    return BookFacts(
        version=version,
        taken=tuple(name for name, taken, _ in steps if taken),
        lacking=tuple(name for name, taken, _ in steps if not taken),
        unknown=tuple(name for name, _, known in steps if not known),
        positions=dict(positions),
        server=server,
    )
