"""Session settings on PostgreSQL, and commits whose answer is lost."""

import psycopg
import pytest

from casebook import database, models

NAMES = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")


def limits() -> dict[str, str]:
    """The time limits of this thread's session."""
    return {name: models.book.execute_sql(f"SHOW {name}").fetchone()[0] for name in NAMES}


def test_every_wait_of_a_session_has_a_limit(postgresql_book):
    assert limits() == {
        "lock_timeout": "5s",
        "statement_timeout": "10s",
        "idle_in_transaction_session_timeout": "10s",
    }


def test_options_in_the_url_take_precedence(postgresql):
    url = f"{postgresql()}&options=-c%20statement_timeout%3D1234ms&connect_timeout=77&keepalives_idle=99"

    with database.opened(url):
        database.work(database.ping)
        statement, line = limits()["statement_timeout"], models.book.connection().info.get_parameters()

    assert statement == "1234ms"
    assert (line["connect_timeout"], line["keepalives_idle"], line["tcp_user_timeout"]) == ("77", "99", "8000")


def test_values_set_for_the_database_take_precedence(postgresql):
    url = postgresql()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} SET lock_timeout = '3s'")

    with database.opened(url):
        database.work(database.ping)

        assert limits()["lock_timeout"] == "3s"


def test_migrations_have_no_time_limit(postgresql_book):
    with models.book.obj.unhurried():
        inside = limits()

    assert inside["statement_timeout"] == inside["lock_timeout"] == "0"
    assert limits()["statement_timeout"] == "10s"


@pytest.mark.parametrize(("end", "happened"), [("COMMIT", True), ("ROLLBACK", False)])
def test_it_is_known_whether_a_transaction_was_committed(worn_url, postgresql_book, end, happened):
    with psycopg.connect(worn_url, autocommit=True) as other:
        other.execute("BEGIN")
        (number,) = other.execute("SELECT txid_current()").fetchone()
        other.execute(end)

    assert models.book.obj._was_committed(number) is happened


def test_a_transaction_that_the_server_still_waits_for_is_ended_before_anything_is_repeated(worn_url, postgresql_book):
    with psycopg.connect(worn_url, autocommit=True) as other:
        other.execute("BEGIN")
        (number,) = other.execute("SELECT txid_current()").fetchone()

        happened = models.book.obj._was_committed(number)

        assert not happened
        with pytest.raises(psycopg.OperationalError):
            other.execute("COMMIT")
