"""Inspects a database without opening it for work: creates, writes and locks nothing."""

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

_ROUNDS = 3  # one may miss a pooler whose other clients use it at the same time


class Between(StrEnum):
    """What is between us and PostgreSQL."""

    NOTHING = "nothing"
    SESSION_POOLER = "session pooler"  # one backend per client: advisory locks work
    TRANSACTION_POOLER = "transaction pooler"  # one backend per transaction or statement: advisory locks get lost
    NO_ROOM = "no room"  # the server allows no second connection


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """Facts about a PostgreSQL server."""

    clock: datetime
    read_only: bool
    may_create: bool  # create tables in the current schema
    not_ours: tuple[str, ...]  # our tables that this role may not write to
    between: Between


@dataclass(frozen=True, slots=True, kw_only=True)
class BookFacts:
    """What an inspection found."""

    version: str  # of the database software
    taken: tuple[str, ...]  # the schema steps that were applied
    lacking: tuple[str, ...]  # the schema steps of this program that were not applied
    unknown: tuple[str, ...]  # applied schema steps that this program does not know, from a newer one
    positions: Mapping[str, str] = field(default_factory=dict)  # how far each door has been read
    server: ServerFacts | None = None  # None on SQLite


def look(url: str) -> BookFacts | None:
    """Inspect the database; None if it is a SQLite file that does not exist.

    Raises DatabaseUrlError, or DatabaseUnavailableError if it does not answer or is not a database.
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
    """Whether a bot has locked a SQLite database; always False on PostgreSQL.

    Takes the lock and releases it at once, since the kernel offers no other test.
    """
    path = lock_file(url)
    if path is None or not path.exists():
        return False
    with path.open("rb") as file:  # for reading: creates no file and changes no timestamp
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(file, fcntl.LOCK_UN)
    return False


def journal_mode(path: Path) -> str:
    """`wal` or `rollback`, from bytes 18 and 19 of the file; empty if it is not a SQLite database.

    https://sqlite.org/fileformat2.html#file_format_version_numbers
    """
    with path.open("rb") as file:
        head = file.read(20)
    return {b"\1\1": "rollback", b"\2\2": "wal"}.get(head[18:20], "") if head.startswith(b"SQLite format 3") else ""


def channel_changes(url: str) -> dict[str, str]:
    """The current ID of each channel by its former IDs; empty if the database does not exist or is too old.

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
    # A read-only connection to a WAL database that no process has open creates -wal and -shm files; an immutable
    # connection does not. If a process has it open, both files exist, and only mode=ro sees the newest rows.
    in_use = path.with_name(path.name + "-shm").exists()
    with_options = f"{path.absolute().as_uri()}?{'mode=ro' if in_use else 'immutable=1'}"
    return SqliteDatabase(with_options, uri=True, autoconnect=False)


def _look_at_file(path: Path) -> BookFacts:
    database = _file(path)
    with database.connection_context():
        (version,) = database.execute_sql("SELECT sqlite_version()").fetchone()
        return _facts(database, f"SQLite {version}", None)


def _two_clients(url: str) -> tuple[Any, Any]:
    # Behind a pooler, a prepared statement may be unknown to the next backend.
    options: dict[str, Any] = {
        "prefer_psycopg3": True,
        "prepare_threshold": None,
        "connect_timeout": 5,
        "autoconnect": False,
    }
    return PostgresqlDatabase(url, **options), PostgresqlDatabase(url, **options)


def what_is_between(url: str) -> Between:
    """What is between us and PostgreSQL; raises DatabaseError or InterfaceError if it cannot be reached."""
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
    """Whether there is a pooler, and of which kind; advisory locks need a backend per client.

    Every client receives a process ID when it connects: PostgreSQL sends that of the backend, a pooler sends one of
    its own. If pg_backend_pid() differs, there is a pooler. To find its kind, two clients alternate: the first is idle
    between two transactions while the second begins one. In a session pool both keep their backends. In a transaction
    pool the second gets the backend that the first has just left, or the first gets another one afterwards. Trying an
    advisory lock itself would leave the lock behind in the pool.
    """
    announced = first.connection().info.backend_pid
    try:
        second.connect()
        _backend(second)
    except DatabaseError:
        return Between.NO_ROOM
    else:
        is_shared = _share_backends(first, second)
    finally:
        second.close()
    if is_shared:
        return Between.TRANSACTION_POOLER
    return Between.NOTHING if announced == _backend(first) else Between.SESSION_POOLER


def _share_backends(first: Any, second: Any) -> bool:
    """Whether two clients share their backends."""
    try:
        for _ in range(_ROUNDS):
            before = _backend(first)
            with second.transaction():
                if _backend(second) == before or _backend(first) != before:
                    return True
    except DatabaseError:  # a statement pooler does not allow transactions
        return True
    return False


def _backend(client: Any) -> int:
    return int(client.execute_sql("SELECT pg_backend_pid()").fetchone()[0])


def _server_facts(database: Any, between: Between) -> ServerFacts:
    clock, read_only, may_create = database.execute_sql(
        "SELECT clock_timestamp(), pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on',"
        " coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)"
    ).fetchone()
    names = [table._meta.table_name for table in TABLES]  # noqa: SLF001 - peewee has no public attribute for it
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
