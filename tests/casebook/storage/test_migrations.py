"""The migrations create the schema of the models, on both databases and from every version."""

from datetime import UTC, datetime, timedelta

import pytest

from casebook import database, notices
from casebook.conversation import attachments, channel_changes
from casebook.errors import NewerBookError
from casebook.models import TABLES, Case, Counter, Early, Message, book
from casebook.outbound import emails, replies
from casebook.records import cursors
from casebook.rules import Limits

HISTORY = "schema_migration"


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """Creates empty databases, all on SQLite or all on PostgreSQL, and returns their URLs."""
    if request.param == "sqlite":
        numbers = iter(range(10))
        yield lambda: f"sqlite:///{tmp_path}/empty{next(numbers)}.db"
    else:
        fresh = request.getfixturevalue("postgresql")
        yield lambda: fresh("template1")
    database.close()


def migrate(url):
    database.close()
    database.open(url)
    return database.work(database.migrate)


def schema():
    """Tables, columns, keys and indexes of the open database."""
    return postgresql_schema() if database.is_postgresql() else sqlite_schema()


def postgresql_schema():
    columns = book.execute_sql(
        "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default"
        " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
    )
    indexes = book.execute_sql("SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
    keys = book.execute_sql(
        "SELECT conrelid::regclass::text, contype, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace"
    )
    return {
        kind: sorted(row for row in rows if row[0] != HISTORY)
        for kind, rows in (("columns", columns), ("indexes", indexes), ("keys", keys))
    }


def sqlite_schema():
    tables = [
        name
        for (name,) in book.execute_sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        if name != HISTORY and not name.startswith("sqlite_")
    ]
    return {
        table: {
            "columns": list(book.execute_sql(f"PRAGMA table_info({table})")),
            "keys": sorted(row[2:5] for row in book.execute_sql(f"PRAGMA foreign_key_list({table})")),
            "indexes": sorted(sqlite_indexes(table)),
        }
        for table in tables
    }


def sqlite_indexes(table):
    for _, name, unique, origin, partial in book.execute_sql(f"PRAGMA index_list({table})"):
        columns = [row[2] for row in book.execute_sql(f"PRAGMA index_info({name})")]
        (sql,) = book.execute_sql("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        condition = (sql or "").partition(" WHERE ")[2].strip(" ()")
        shown = name if origin == "c" else ""  # the index of a key has a name of SQLite's own
        yield (shown, columns, unique, origin, partial, condition)


def test_the_migrations_make_the_schema_of_the_models(empty):
    database.open(empty())
    database.work(lambda: book.create_tables(TABLES))
    of_the_models = schema()
    database.close()

    migrate(empty())

    assert schema() == of_the_models


def test_the_comparison_sees_a_missing_column_and_a_missing_index(empty):
    migrate(empty())
    whole = schema()

    book.execute_sql("DROP INDEX cases_silent")
    without_index = schema()
    book.execute_sql("ALTER TABLE positions DROP COLUMN value")

    assert without_index != whole
    assert schema() != without_index


def test_every_step_is_taken_once(empty):
    url = empty()

    first, second = migrate(url), migrate(url)

    assert first[0] == "0001_first_book"
    assert second == ()
    assert Counter.select().count() == 1


def test_pending_names_the_steps_that_are_missing(empty):
    url = empty()
    database.open(url)

    before = database.work(database.pending)
    migrate(url)

    assert before[0] == "0001_first_book"
    assert database.work(database.pending) == ()


def test_a_book_from_before_mail_of_ours_keeps_its_messages_and_can_write_mail(empty, book_tools):
    database.open(empty())
    database.work(lambda: steps_up_to("0001_first_book"))
    database.work(old_case_with_a_mail)

    taken = database.work(database.migrate)

    (message,) = database.work(lambda: list(Message.select()))
    assert taken[0] == "0002_mail_of_ours"
    assert (message.body, message.conversation) == ("It does not work", None)
    assert database.work(emails.conversation_key)


def steps_up_to(name):
    database._runner().up(name)


def old_case_with_a_mail():
    at = "2026-03-02T12:00:00.000000+00:00"
    case = {
        "case_id": "CASE-0001", "number": 1, "customer_identifier": "mia@customer.example.com", "customer_name": "",
        "source": "email", "subject": "", "status": "open", "created_at": at, "last_message_at": at,
        "message_count": 1, "silent_since": at, "escalated": False,
    }  # fmt: skip
    mail = {
        "case_id": "CASE-0001", "sender": "mia@customer.example.com", "sender_name": "", "is_admin": False,
        "kind": "message", "standing": "customer", "body": "It does not work", "subject": "", "timestamp": at,
        "source": "email", "external_id": "m1@customer.example.com", "place": "INBOX", "thread": "", "cut": False,
    }  # fmt: skip
    for table, row in (("cases", case), ("messages", mail)):
        book.execute_sql(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join([book.obj.param] * len(row))})",
            tuple(row.values()),
        )


def test_a_step_is_taken_wholly_or_not_at_all(empty):
    database.open(empty())
    database.work(lambda: book.execute_sql("CREATE TABLE events (something INTEGER)"))

    with pytest.raises(Exception, match="exist"):
        database.work(database.migrate)

    assert set(database.work(book.get_tables)) <= {"events", HISTORY}


def test_a_book_from_before_attachments_gets_their_table_and_keeps_its_messages(empty):
    database.open(empty())
    database.work(lambda: database._runner().up("0001_first_book"))
    moment = "2026-03-02T12:00:00.000000+00:00"
    book.execute_sql(
        "INSERT INTO cases (case_id, number, customer_identifier, customer_name, source, subject, status, created_at,"
        " last_message_at, message_count, silent_since, escalated)"
        f" VALUES ('CASE-0001', 1, 'U1', '', 'slack', '', 'open', '{moment}', '{moment}', 1, '{moment}', false)"
    )
    book.execute_sql(
        "INSERT INTO messages (case_id, sender, sender_name, is_admin, kind, standing, body, subject, timestamp,"
        " source, external_id, place, thread, cut) VALUES ('CASE-0001', 'U1', '', false, 'message', 'customer',"
        f" 'Hello', '', '{moment}', 'slack', 'T:C:1.000001', 'C1', '1.000001', false)"
    )

    taken = database.work(database.migrate)

    assert "0003_attachments" in taken
    assert [message.body for message in Message.select()] == ["Hello"]
    assert database.work(lambda: attachments.of(Message.get().id)) == ()


def test_a_book_from_before_early_replies_keeps_its_cases_and_can_keep_a_reply_waiting(empty):
    database.open(empty())
    database.work(lambda: steps_up_to("0001_first_book"))
    database.work(old_case_with_a_mail)

    taken = database.work(database.migrate)

    assert "0005_early" in taken
    assert [case.case_id for case in Case.select()] == ["CASE-0001"]
    assert database.work(lambda: Early.select().count()) == 0


def test_migrations_at_the_same_moment_take_each_step_once(empty, book_tools):
    database.open(empty())
    waiting = database.work(database.pending)

    taken = book_tools.at_once(*[database.migrate] * 4)

    assert sorted(step for steps in taken for step in steps) == list(waiting)
    assert database.work(lambda: Counter.select().count()) == 1


def test_a_book_that_is_newer_than_the_program_is_left_alone(empty):
    url = empty()
    migrate(url)
    book.execute_sql(f"INSERT INTO {HISTORY} (name, applied) VALUES ('9999_from_the_future', '2026-03-02 12:00:00')")
    before = schema()

    with pytest.raises(NewerBookError, match="9999_from_the_future"):
        database.work(database.migrate)

    assert schema() == before


def test_after_a_refused_migration_the_next_one_is_not_kept_waiting(empty, book_tools):
    url = empty()
    migrate(url)
    book.execute_sql(f"INSERT INTO {HISTORY} (name, applied) VALUES ('9999_from_the_future', '2026-03-02 12:00:00')")
    with pytest.raises(NewerBookError):
        database.work(database.migrate)

    book.execute_sql(f"DELETE FROM {HISTORY} WHERE name = '9999_from_the_future'")

    assert book_tools.at_once(database.migrate) == [()]


def test_what_waits_in_a_book_from_before_look_ups_by_slacks_clock_still_waits(empty):
    database.open(empty())
    for name in ("0001_first_book", "0002_mail_of_ours", "0003_attachments"):
        database.work(lambda name=name: steps_up_to(name))
    at = "2026-03-02T12:00:00.000000+00:00"
    row = {
        "key": "k1", "kind": "log", "lane": "log", "target": "", "payload": '{"text": "a line"}', "state": "pending",
        "attempts": 1, "created_at": at, "due_at": at, "claimed_until": at, "burst": "k1", "error": "HTTP 500",
    }  # fmt: skip
    parameters = ", ".join([book.obj.param] * len(row))
    book.execute_sql(f"INSERT INTO notices ({', '.join(row)}) VALUES ({parameters})", tuple(row.values()))

    taken = database.work(database.migrate)
    claimed = database.work(lambda: notices.claim("log", now=datetime(2026, 3, 2, 13, tzinfo=UTC)))

    assert "0006_notices_look_from" in taken
    assert (claimed.uncertain, claimed.look_from) == (True, None)


def test_a_book_from_before_the_index_of_what_is_in_hand_goes_on_saying_one_after_the_other(empty):
    database.open(empty())
    for step in ("0001_first_book", "0002_mail_of_ours", "0003_attachments", "0005_early", "0006_notices_look_from"):
        database.work(lambda step=step: steps_up_to(step))
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    database.work(lambda: [notices.log(text, now=at) for text in ("first", "second")])
    before = database.work(lambda: notices.claim("log", now=at))

    taken = database.work(database.migrate)
    again = database.work(lambda: notices.claim("log", now=at + timedelta(hours=1)))

    assert "0007_notices_in_hand" in taken
    assert (again.uncertain, again.ids) == (True, before.ids)


def a_mail():
    """A case with one message, as of migration 7."""
    at = "2026-03-02T12:00:00.000000+00:00"
    case = {
        "case_id": "CASE-0001", "number": 1, "customer_identifier": "mia@customer.example.com", "customer_name": "Mia",
        "source": "email", "subject": "Ink", "status": "open", "created_at": at, "last_message_at": at,
        "message_count": 1, "silent_since": at, "escalated": False,
    }  # fmt: skip
    message = {
        "case_id": "CASE-0001", "sender": "mia@customer.example.com", "sender_name": "Mia", "is_admin": False,
        "kind": "message", "standing": "customer", "body": "Ink?", "subject": "Ink", "timestamp": at,
        "source": "email", "external_id": "1@customer.example.com", "place": "INBOX", "thread": "", "cut": False,
    }  # fmt: skip
    for table, row in (("cases", case), ("messages", message)):
        names, parameters = ", ".join(row), ", ".join([book.obj.param] * len(row))
        book.execute_sql(f"INSERT INTO {table} ({names}) VALUES ({parameters})", tuple(row.values()))


def test_a_book_from_before_it_was_known_who_wrote_a_mail_keeps_what_its_mails_said_of_that(empty):
    database.open(empty())
    steps = ("0001_first_book", "0002_mail_of_ours", "0003_attachments", "0005_early", "0006_notices_look_from")
    for step in (*steps, "0007_notices_in_hand"):
        database.work(lambda step=step: steps_up_to(step))
    a_mail()

    taken = database.work(database.migrate)
    readers = database.work(lambda: replies.check_answerable("CASE-0001", Limits(can_mail=True)))

    assert taken[0] == "0008_who_wrote_a_mail"
    assert (readers.named, readers.choices) == ("Mia", ())


def test_in_a_book_from_before_channels_changed_their_ids_one_can_be_followed(empty):
    database.open(empty())
    steps = ("0001_first_book", "0002_mail_of_ours", "0003_attachments", "0005_early", "0006_notices_look_from")
    for step in (*steps, "0007_notices_in_hand", "0008_who_wrote_a_mail"):
        database.work(lambda step=step: steps_up_to(step))
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    database.work(lambda: cursors.keep({"slack:T0:C0OLD": "1.0"}, now=at))

    taken = database.work(database.migrate)
    database.work(lambda: channel_changes.follow("T0", "C0OLD", "C0NEW", now=at, limits=Limits()))

    assert "0009_slack_as_it_is" in taken
    assert database.work(lambda: cursors.below("slack:T0:")) == {"C0NEW": "1.0"}


def test_in_a_book_from_before_transcripts_a_file_has_none(empty):
    database.open(empty())
    for step in ("0001_first_book", "0002_mail_of_ours", "0003_attachments", "0005_early", "0006_notices_look_from"):
        database.work(lambda step=step: steps_up_to(step))
    for step in ("0007_notices_in_hand", "0008_who_wrote_a_mail", "0009_slack_as_it_is"):
        database.work(lambda step=step: steps_up_to(step))
    a_mail()
    row = {
        "message_id": 1, "position": 1, "name": "a.m4a", "content_type": "audio/mp4", "size": 1, "sha256": "",
        "state": "kept", "why_not": "", "embedded": False, "remote_id": "F1", "copy_id": "",
    }  # fmt: skip
    names, parameters = ", ".join(row), ", ".join([book.obj.param] * len(row))
    book.execute_sql(f"INSERT INTO attachments ({names}) VALUES ({parameters})", tuple(row.values()))

    taken = database.work(database.migrate)
    (file,) = database.work(lambda: attachments.of(1))

    assert "0010_transcripts" in taken
    assert file.transcript is None
