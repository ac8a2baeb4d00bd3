"""Leader election among processes on one PostgreSQL: advisory locks that are free soon after their holder is gone."""

from collections.abc import Callable
from typing import Any, TypeVar

from peewee import DatabaseError, InterfaceError, PostgresqlDatabase

from casebook.admin.inspection import Between, what_is_between
from casebook.database import sqlite_file
from casebook.errors import DatabaseUnavailableError, LeadershipLostError, PoolerError

T = TypeVar("T")

# PostgreSQL ends the session of a holder, and so releases its lock, after this long without a query. A holder that is
# killed is noticed at once; one that is stopped, hung or behind a dead network only by this.
SILENCE_SECONDS = 7
_KEY = 0x0CA5EB01  # any number that all Casebooks agree on
_CLIENT_SIDE = {
    "connect_timeout": 3,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5000,  # milliseconds
    "application_name": "casebook lock",
}
# Applied if the server has them: idle_session_timeout is new in version 14.
_SERVER_SIDE = (
    ("idle_session_timeout", f"{SILENCE_SECONDS}s"),
    ("tcp_keepalives_idle", "4"),
    ("tcp_keepalives_interval", "1"),
    ("tcp_keepalives_count", "3"),
)


class AdvisoryLock:
    """A session-level advisory lock on a connection of its own; one call at a time, from any thread.

    After an error the connection is closed; the next `take` opens a new one.
    """

    def __init__(self, url: str, name: str) -> None:
        conninfo = "postgresql://" + url.partition("://")[2]
        options: dict[str, Any] = {"prefer_psycopg3": True, "prepare_threshold": None, **_CLIENT_SIDE}
        self._database: Any = PostgresqlDatabase(conninfo, thread_safe=False, autoconnect=False, **options)
        self._name = name
        self._backend = 0

    def take(self) -> bool:
        """Try to take the lock without waiting; whether it is ours now. Raises DatabaseUnavailableError."""
        return self._checked(self._take)

    def _take(self) -> bool:
        if self._database.is_closed():
            self._database.connect()
            for name, value in _SERVER_SIDE:
                self._query("SELECT set_config(name, %s, false) FROM pg_settings WHERE name = %s", value, name)
        # Several schemas of one database may each hold a Casebook.
        query = "SELECT pg_try_advisory_lock(%s, hashtext(coalesce(current_schema(), '') || %s)), pg_backend_pid()"
        is_ours, self._backend = self._query(query, _KEY, f" {self._name}")
        return bool(is_ours)

    def keep(self) -> None:
        """Keep the session alive. Raises LeadershipLostError or DatabaseUnavailableError if the lock is lost."""
        (backend,) = self._checked(lambda: self._query("SELECT pg_backend_pid()"))
        if backend != self._backend:
            self.give_back()
            raise LeadershipLostError

    def give_back(self) -> None:
        """Release the lock at once."""
        try:
            self._database.close()
        except (DatabaseError, InterfaceError):
            self._database._state.reset()  # noqa: SLF001 - peewee has no public way to forget a dead connection

    def _checked(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except (DatabaseError, InterfaceError) as error:
            self.give_back()
            raise DatabaseUnavailableError(f"The database does not answer: {_first_line(error)}") from error

    def _query(self, query: str, *values: Any) -> Any:
        return self._database.execute_sql(query, values).fetchone()


def lock(url: str, name: str) -> AdvisoryLock | None:
    """The lock of this name; None on SQLite, where the lock on the file excludes every other process."""
    return None if sqlite_file(url) is not None else AdvisoryLock(url, name)


def refuse_pooler(url: str) -> None:
    """Raises PoolerError if a pooler would lose advisory locks, and DatabaseUnavailableError."""
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
