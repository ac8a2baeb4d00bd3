"""PostgreSQL with time limits for every wait, and with commits whose result is known even after a lost connection."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from peewee import DatabaseError, InterfaceError, PostgresqlDatabase

# The kernel detects a server that is cut off. Options in DATABASE_URL override these.
# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
_CONNECTION = {
    "connect_timeout": 5,  # seconds
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 8_000,  # milliseconds
}
# A transaction of a lost connection must not hold its locks for longer. Set after connecting, since poolers refuse
# these as connection options; values that are set for the role or the database are kept.
_SESSION = {"lock_timeout": "5s", "statement_timeout": "10s", "idle_in_transaction_session_timeout": "10s"}
_STATUS_QUERIES = 30  # a tenth of a second apart, until a transaction has ended


class Server(PostgresqlDatabase):
    """PostgreSQL, reached by a URL."""

    def __init__(self, url: str) -> None:
        conninfo = "postgresql://" + url.partition("://")[2]
        given = dict(parse_qsl(urlsplit(conninfo).query))
        options: dict[str, Any] = {name: value for name, value in _CONNECTION.items() if name not in given}
        super().__init__(conninfo, prefer_psycopg3=True, autoconnect=False, **options)

    def _initialize_connection(self, conn: Any) -> None:
        conn.execute(
            "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS wanted(name, value)"
            " WHERE current_setting(name) = '0'",
            (list(_SESSION), list(_SESSION.values())),
        )

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """Remove the time limits of statements for the length of a block."""
        names = ("lock_timeout", "statement_timeout")
        before = [self._run("SELECT current_setting(%s)", (name,)).fetchone()[0] for name in names]
        self._set(names, ("0", "0"))
        try:
            yield
        finally:
            self._set(names, before)

    def _run(self: Any, sql: str, values: Sequence[Any] = ()) -> Any:
        return self.execute_sql(sql, values)

    def _connection(self: Any) -> Any:
        return self.connection()

    def _set(self, names: Sequence[str], values: Sequence[str]) -> None:
        for name, value in zip(names, values, strict=True):
            self._run("SELECT set_config(%s, %s, false)", (name, value))

    def commit(self) -> None:
        """Commit; if the connection is lost, ask the server on a new one whether the transaction was committed.

        So an operation is not run again after a commit whose answer was lost, unless the server stays unavailable.
        """
        (transaction,) = self._run("SELECT txid_current_if_assigned()").fetchone()
        try:
            super().commit()
        except (DatabaseError, InterfaceError):
            if transaction is None or not self.is_closed_to_us() or not self._was_committed(transaction):
                raise

    def is_closed_to_us(self) -> bool:
        """Whether the connection is closed or lost."""
        return self.is_closed() or bool(self._connection().closed)

    def _was_committed(self, transaction: int) -> bool:
        self.close()
        self.connect()
        for _ in range(_STATUS_QUERIES):
            (status,) = self._run("SELECT txid_status(%s)", (transaction,)).fetchone()
            if status != "in progress":
                return bool(status == "committed")
            # The server has not noticed the lost connection yet: end the old session.
            self._run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_xid::text = %s",
                (str(transaction % 2**32),),
            )
            time.sleep(0.1)
        return False
