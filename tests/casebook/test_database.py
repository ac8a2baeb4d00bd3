"""Opening and locking the database, and operations that are repeated after a lost connection."""

import psycopg
import pytest
from peewee import IntegrityError

from casebook import database, models
from casebook.errors import BookInUseError, DatabaseUnavailableError, DatabaseUrlError
from casebook.models import Case, Counter, LedgerRow, Message
from fixtures.cast import DORA

MANY = 50


# Opening


@pytest.mark.parametrize(
    "url",
    [
        "",
        "casebook.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://casebook.db",
        "mysql://localhost/book",
        "sqlite+x:///book.db",
    ],
)
def test_any_other_url_is_refused(url):
    with pytest.raises(DatabaseUrlError, match="DATABASE_URL must be"):
        database.open(url)


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite:///casebook.db", "casebook.db"),
        ("sqlite:////var/lib/casebook.db", "/var/lib/casebook.db"),
        ("sqlite:///a%20book.db", "a book.db"),
        ("postgresql://localhost/book", None),
        ("sqlite:///:memory:", None),
    ],
)
def test_the_file_of_a_url(url, file):
    found = database.sqlite_file(url)

    assert (None if found is None else str(found)) == file


def test_the_short_name_of_postgresql_works_too(postgresql):
    database.open(postgresql().replace("postgresql://", "postgres://"))

    database.work(database.ping)

    assert database.is_postgresql()
    database.close()


def test_an_opened_book_is_closed_after_its_block(database_url):
    with database.opened(database_url):
        database.work(database.ping)
        inside = models.book.is_closed()

    assert not inside
    assert models.book.is_closed()


def test_sqlite_keeps_what_it_has_acknowledged_and_checks_its_keys(durable, sqlite_book):
    values = {
        name: models.book.execute_sql(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "foreign_keys")
    }

    assert values == {"journal_mode": "wal", "foreign_keys": 1}
    assert models.book.execute_sql("PRAGMA synchronous").fetchone()[0] == 2  # FULL


def test_a_message_cannot_belong_to_a_case_that_is_not_there(book):
    received = book.customer()

    with pytest.raises(IntegrityError):
        Message.update(case="CASE-9999").where(Message.id == book.stored(received).id).execute()


# Keeping others off


def test_a_second_bot_on_one_file_is_refused_and_let_in_when_the_first_has_gone(sqlite_url):
    first = database.lock_book(sqlite_url)

    with pytest.raises(BookInUseError, match=r"casebook\.db"):
        database.lock_book(sqlite_url)

    first.close()
    second = database.lock_book(sqlite_url)
    second.close()
    assert second is not None


def test_the_lock_does_not_stop_the_commands(sqlite_url):
    with database.lock_book(sqlite_url), database.opened(sqlite_url):
        database.work(database.ping)


def test_postgresql_lets_several_bots_work(postgresql):
    assert database.lock_book(postgresql()) is None


# Units of work


def test_work_returns_what_the_operation_returns(book):
    assert database.work(lambda: 42) == 42


def test_work_is_repeated_once_after_a_race(book):
    tries = []

    def second_delivery():
        tries.append(1)
        if len(tries) == 1:
            with models.book.atomic():
                Counter.create(name="ours", value=1)
                Counter.create(name="cases", value=0)
        return Counter.select().where(Counter.name == "ours").count()

    left_behind = database.work(second_delivery)

    assert len(tries) == 2
    assert left_behind == 0


def test_a_second_race_raises_the_error(book):
    tries = []

    def always_lost():
        tries.append(1)
        Counter.create(name="cases", value=0)

    with pytest.raises(IntegrityError):
        database.work(always_lost)

    assert len(tries) == 2


def test_an_operation_with_an_error_of_its_own_is_not_repeated(book):
    tries = []

    def mistaken():
        tries.append(1)
        raise LookupError

    with pytest.raises(LookupError):
        database.work(mistaken)

    assert len(tries) == 1


def test_a_connection_that_was_lost_between_two_operations_is_reopened(postgresql_book):
    cut_this_connection()

    received = postgresql_book.customer()

    assert received.opened


def test_an_operation_is_repeated_when_the_connection_is_lost_inside_it(postgresql_book):
    tries = []

    def operation():
        tries.append(1)
        with models.book.atomic():
            received = postgresql_book.receive(message)
            if len(tries) == 1:
                cut_this_connection()
                models.book.execute_sql("SELECT 1")
            return received

    message = postgresql_book.message()

    received = database.work(operation)

    assert len(tries) == 2
    assert received.opened
    assert not received.known
    assert Message.select().count() == 1


def test_an_unavailable_database_is_reported_in_one_sentence_until_it_is_back(postgresql):
    url = postgresql()
    away = url.replace("?", "_that_is_not_there?")
    database.open(away)

    with pytest.raises(DatabaseUnavailableError, match=r"^The database does not answer: .+$") as told:
        database.work(database.ping)

    assert not told.value.permanent
    assert "\n" not in str(told.value)
    database.open(url)
    database.work(database.ping)
    database.close()


def test_a_file_that_cannot_be_opened_is_reported_in_one_sentence(tmp_path):
    database.open(f"sqlite:///{tmp_path}/no/such/folder/casebook.db")

    with pytest.raises(DatabaseUnavailableError, match="unable to open database file"):
        database.work(database.ping)

    database.close()


def test_closing_twice_is_harmless(book):
    database.close()
    database.close()

    assert database.work(lambda: Counter.select().count()) == 1


def cut_this_connection():
    """The server ends this thread's connection, as it does when it is restarted."""
    (backend,) = models.book.execute_sql("SELECT pg_backend_pid()").fetchone()
    uri = models.book.connection().info
    with psycopg.connect(host=uri.host, dbname=uri.dbname, user=uri.user, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (backend,))


# Many at the same moment


def test_fifty_first_messages_of_one_customer_make_one_case(book):
    messages = [book.message(f"message {number}") for number in range(MANY)]

    received = book.at_once(*[lambda m=m: book.receive(m, now=book.hours(2)) for m in messages])

    case = Case.get()
    assert sum(one.opened for one in received) == 1
    assert sum(one.escalated for one in received) == 1
    assert (case.case_id, case.status, case.message_count) == ("CASE-0001", "open", MANY)
    assert Message.select().count() == LedgerRow.select().count() == MANY
    assert case.last_message_at == max(message.timestamp for message in messages)
    assert case.waiting_since == min(message.timestamp for message in messages)


def test_fifty_first_mails_of_one_sender_make_one_case(book):
    mails = [book.mail_message(f"mail {number}") for number in range(MANY)]

    received = book.at_once(*[lambda m=m: book.receive(m, now=book.hours(2)) for m in mails])

    case = Case.get()
    assert sum(one.opened for one in received) == 1
    assert (case.case_id, case.status, case.message_count) == ("CASE-0001", "open", MANY)
    assert Message.select().count() == LedgerRow.select().count() == MANY


def test_many_customers_at_once_get_numbers_without_gaps(book):
    messages = [book.message(sender=f"U0{number:06d}") for number in range(20) for _ in range(2)]

    book.at_once(*[lambda m=m: book.receive(m, now=book.hours(2)) for m in messages])

    assert sorted(case.number for case in Case.select()) == list(range(1, 21))
    assert {case.message_count for case in Case.select()} == {2}
    assert Counter.get_by_id("cases").value == 20


def test_one_message_delivered_many_times_at_once_is_there_once(book):
    message = book.message(sender=DORA.user_id)

    received = book.at_once(*[lambda: book.receive(message)] * 10)

    assert sum(not one.known for one in received) == 1
    assert len({one.ledger_id for one in received}) == 1
    assert Case.get().message_count == Message.select().count() == 1
    assert len(book.notices("card")) == 1
