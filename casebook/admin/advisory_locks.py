"""Advisory locks on PostgreSQL: one process at a time holds each, and the server frees it when that process is gone."""

from collections.abc import Callable
from typing import Any, TypeVar

from peewee import DatabaseError, InterfaceError, PostgresqlDatabase

from casebook.admin.inspection import Between, what_is_between
from casebook.database import sqlite_file
from casebook.errors import DatabaseUnavailableError, LeadershipLostError, PoolerError

T = TypeVar("T")

# PostgreSQL frees a lock when its holder has been silent for so long. A killed process is noticed at once; one that is
# stopped, hangs or is behind a dead network, only by this.
SILENCE_SECONDS = 7
_LOCKS = 0x0CA5EB01  # any number, the same in every Casebook process
_CLIENT_SIDE = {
    "connect_timeout": 3,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5000,  # milliseconds
    "application_name": "casebook leader",
}
# Set where the server has them: before version 14 there is no idle_session_timeout.
_SERVER_SIDE = (
    ("idle_session_timeout", f"{SILENCE_SECONDS}s"),
    ("tcp_keepalives_idle", "4"),
    ("tcp_keepalives_interval", "1"),
    ("tcp_keepalives_count", "3"),
)


class AdvisoryLock:
    """A session-level advisory lock on a connection of its own; one call at a time, from any thread.

    After any error its connection is closed, and the next attempt needs a new object.
    """

    def __init__(self, url: str, name: str) -> None:
        conninfo = "postgresql://" + url.partition("://")[2]
        options: dict[str, Any] = {"prefer_psycopg3": True, "prepare_threshold": None, **_CLIENT_SIDE}
        self._database: Any = PostgresqlDatabase(conninfo, thread_safe=False, autoconnect=False, **options)
        self._name = name
        self._backend = 0

    def take(self) -> bool:
        """Try to take the lock, without waiting; whether it is ours. Raises DatabaseUnavailableError."""
        return self._run(self._take)

    def _take(self) -> bool:
        if self._database.is_closed():
            self._database.connect()
            for name, value in _SERVER_SIDE:
                self._query("SELECT set_config(name, %s, false) FROM pg_settings WHERE name = %s", value, name)
        # Several schemas of one database may each hold a Casebook.
        asked = "SELECT pg_try_advisory_lock(%s, hashtext(coalesce(current_schema(), '') || %s)), pg_backend_pid()"
        is_ours, self._backend = self._query(asked, _LOCKS, f" {self._name}")
        return bool(is_ours)

    def check(self) -> None:
        """Query over the connection, so that the server keeps it; raises LeadershipLostError, DatabaseUnavailableError.

        After either error the lock is not ours any more.
        """
        (backend,) = self._run(lambda: self._query("SELECT pg_backend_pid()"))
        if backend != self._backend:
            self.release()
            raise LeadershipLostError

    def release(self) -> None:
        """Close the connection, which frees the lock at once."""
        try:
            self._database.close()
        except (DatabaseError, InterfaceError):
            self._database._state.reset()  # noqa: SLF001 - peewee has no public way to forget a dead connection

    def _run(self, call: Callable[[], T]) -> T:
        try:
            return call()
        except (DatabaseError, InterfaceError) as error:
            self.release()
            raise DatabaseUnavailableError(f"The database does not answer: {_first_line(error)}") from error

    def _query(self, query: str, *values: Any) -> Any:
        return self._database.execute_sql(query, values).fetchone()


def lock(url: str, name: str) -> AdvisoryLock | None:
    """The lock of this name; None on SQLite, where the lock on the file keeps other processes away."""
    return None if sqlite_file(url) is not None else AdvisoryLock(url, name)


def refuse_pooler(url: str) -> None:
    """Raise PoolerError where a connection pooler would lose session-level locks; raises DatabaseUnavailableError."""
    if sqlite_file(url) is not None:
        return
    try:
        between = what_is_between("postgresql://" + url.partition("://")[2])
    except (DatabaseError, InterfaceError) as error:
        raise DatabaseUnavailableError(f"The database does not answer: {_first_line(error)}") from error
    if between is Between.TRANSACTION_POOLER:
        raise PoolerError


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
