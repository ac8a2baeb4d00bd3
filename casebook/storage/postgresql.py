"""A PostgreSQL that never keeps us waiting for ever, and of whose commits it is always known whether they happened."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from peewee import DatabaseError, InterfaceError, PostgresqlDatabase

# A server that is cut off says nothing: the kernel finds out. What stands in DATABASE_URL wins.
# https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
_LINE = {
    "connect_timeout": 5,  # seconds
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 8_000,  # milliseconds
}
# What we began and were cut off from must not hold its locks for longer than this. Asked for after connecting, since
# poolers refuse it as an option of the connection; what the operator has set for the role or the database wins.
_SESSION = {"lock_timeout": "5s", "statement_timeout": "10s", "idle_in_transaction_session_timeout": "10s"}
_ASKED = 30  # times, a tenth of a second apart, whether a transaction has ended


class Server(PostgresqlDatabase):
    """PostgreSQL, reached by a URL."""

    def __init__(self, url: str) -> None:
        conninfo = "postgresql://" + url.partition("://")[2]
        given = dict(parse_qsl(urlsplit(conninfo).query))
        line: dict[str, Any] = {name: value for name, value in _LINE.items() if name not in given}
        super().__init__(conninfo, prefer_psycopg3=True, autoconnect=False, **line)

    def _initialize_connection(self, conn: Any) -> None:
        conn.execute(
            "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS wanted(name, value)"
            " WHERE current_setting(name) = '0'",
            (list(_SESSION), list(_SESSION.values())),
        )

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """No limit to how long a statement may take or wait, for the length of a block."""
        names = ("lock_timeout", "statement_timeout")
        before = [self._ask("SELECT current_setting(%s)", (name,)).fetchone()[0] for name in names]
        self._set(names, ("0", "0"))
        try:
            yield
        finally:
            self._set(names, before)

    def _ask(self: Any, sql: str, values: Sequence[Any] = ()) -> Any:
        return self.execute_sql(sql, values)

    def _line(self: Any) -> Any:
        return self.connection()

    def _set(self, names: Sequence[str], values: Sequence[str]) -> None:
        for name, value in zip(names, values, strict=True):
            self._ask("SELECT set_config(%s, %s, false)", (name, value))

    def commit(self) -> None:
        """Commit; where the answer got lost, ask the server on another connection whether it did.

        So no operation is run a second time because of a lost answer, unless the server stays away.
        """
        (transaction,) = self._ask("SELECT txid_current_if_assigned()").fetchone()
        try:
            super().commit()
        except (DatabaseError, InterfaceError):
            if transaction is None or not self.is_closed_to_us() or not self._was_committed(transaction):
                raise

    def is_closed_to_us(self) -> bool:
        """Whether the connection is lost, so that nothing more can be heard on it."""
        return self.is_closed() or bool(self._line().closed)

    def _was_committed(self, transaction: int) -> bool:
        self.close()
        self.connect()
        for _ in range(_ASKED):
            (status,) = self._ask("SELECT txid_status(%s)", (transaction,)).fetchone()
            if status != "in progress":
                return bool(status == "committed")
            # The server has not noticed yet that its client is gone: it need not wait for more.
            self._ask(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_xid::text = %s",
                (str(transaction % 2**32),),
            )
            time.sleep(0.1)
        return False
