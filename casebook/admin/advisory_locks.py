"""Turns: of several processes on one PostgreSQL, one at a time has each, and it is free soon after that one is gone."""

from collections.abc import Callable
from typing import Any, TypeVar

from peewee import DatabaseError, InterfaceError, PostgresqlDatabase

from casebook.admin.inspection import Between, what_is_between
from casebook.database import sqlite_file
from casebook.errors import DatabaseUnavailableError, LeadershipLostError, PoolerError

T = TypeVar("T")

# PostgreSQL gives a turn to somebody else when its holder has been silent for so long: killed, it is noticed at once;
# stopped, hung or behind a dead network, only by this.
SILENCE_SECONDS = 7
_TURNS = 0x0CA5EB01  # any number that all Casebooks agree on
_CLIENT_SIDE = {
    "connect_timeout": 3,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 3,
    "tcp_user_timeout": 5000,  # milliseconds
    "application_name": "casebook turn",
}
# Those that this server has: before version 14 only the last ones.
_SERVER_SIDE = (
    ("idle_session_timeout", f"{SILENCE_SECONDS}s"),
    ("tcp_keepalives_idle", "4"),
    ("tcp_keepalives_interval", "1"),
    ("tcp_keepalives_count", "3"),
)


class AdvisoryLock:
    """A session-level advisory lock on a connection of its own; one call at a time, from any thread.

    After any error the object is done with: its connection is closed, and the next try is a new one.
    """

    def __init__(self, url: str, name: str) -> None:
        conninfo = "postgresql://" + url.partition("://")[2]
        options: dict[str, Any] = {"prefer_psycopg3": True, "prepare_threshold": None, **_CLIENT_SIDE}
        self._database: Any = PostgresqlDatabase(conninfo, thread_safe=False, autoconnect=False, **options)
        self._name = name
        self._backend = 0

    def take(self) -> bool:
        """Whether it is ours now; at once, either way. Raises DatabaseUnavailableError."""
        return self._asked(self._take)

    def _take(self) -> bool:
        if self._database.is_closed():
            self._database.connect()
            for name, value in _SERVER_SIDE:
                self._ask("SELECT set_config(name, %s, false) FROM pg_settings WHERE name = %s", value, name)
        # In one database several schemas may each have a book.
        asked = "SELECT pg_try_advisory_lock(%s, hashtext(coalesce(current_schema(), '') || %s)), pg_backend_pid()"
        is_ours, self._backend = self._ask(asked, _TURNS, f" {self._name}")
        return bool(is_ours)

    def keep(self) -> None:
        """Say that we are still there; raises TurnLostError, or DatabaseUnavailableError, when it is ours no more."""
        (backend,) = self._asked(lambda: self._ask("SELECT pg_backend_pid()"))
        if backend != self._backend:
            self.give_back()
            raise LeadershipLostError

    def give_back(self) -> None:
        """Let somebody else have it, at once."""
        try:
            self._database.close()
        except (DatabaseError, InterfaceError):
            self._database._state.reset()  # noqa: SLF001 - peewee has no public way to forget a dead connection

    def _asked(self, question: Callable[[], T]) -> T:
        try:
            return question()
        except (DatabaseError, InterfaceError) as error:
            self.give_back()
            raise DatabaseUnavailableError(f"The database does not answer: {_first_line(error)}") from error

    def _ask(self, query: str, *values: Any) -> Any:
        return self._database.execute_sql(query, values).fetchone()


def lock(url: str, name: str) -> AdvisoryLock | None:
    """The turn of this name; None on SQLite, where the lock on the file keeps everybody else away."""
    return None if sqlite_file(url) is not None else AdvisoryLock(url, name)


def refuse_pooler(url: str) -> None:
    """Raises PoolerError when turns would get lost on the way, and DatabaseUnavailableError."""
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
