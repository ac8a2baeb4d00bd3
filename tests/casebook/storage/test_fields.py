"""Times and text as both databases store them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from casebook import database, ledger, notices
from casebook.incoming import Standing
from casebook.models import Case, Event, LedgerRow, Message, Notice, Position, ReasonRow
from casebook.storage.fields import SafeTextField, UtcField
from fixtures.cast import ANNA

BERLIN = timezone(timedelta(hours=1))
DIRT = "a\x00b\ud83dc\udfffd"
CLEAN = "ab\ufffdc\ufffdd"


def test_a_moment_is_stored_in_utc_whatever_its_zone():
    moment = datetime(2026, 3, 2, 13, 0, tzinfo=BERLIN)

    assert UtcField().db_value(moment) == "2026-03-02T12:00:00.000000+00:00"


def test_moments_as_text_have_one_width_so_that_they_sort():
    field = UtcField()
    moments = [datetime(2026, 3, 2, 12, 0, 0, fraction, tzinfo=UTC) for fraction in (0, 1, 10, 999999)]

    stored = [field.db_value(moment) for moment in moments]

    assert stored == sorted(stored)
    assert len({len(text) for text in stored}) == 1


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="created_at: a time without a zone"):
        Case.created_at.db_value(datetime(2026, 3, 2, 12, 0))  # noqa: DTZ001 - the mistake itself


@pytest.mark.parametrize(
    "value", ["2026-03-02T12:00:00.000000+00:00", "2026-03-02 13:00:00+01:00", datetime(2026, 3, 2, 13, tzinfo=BERLIN)]
)
def test_a_moment_comes_back_aware_and_in_utc(value):
    moment = UtcField().python_value(value)

    assert moment == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert moment.utcoffset() == timedelta(0)


def test_no_moment_and_no_text_stay_none():
    assert UtcField().db_value(None) is None
    assert UtcField().python_value(None) is None
    assert SafeTextField().db_value(None) is None


@pytest.mark.parametrize(
    ("text", "stored"), [(DIRT, CLEAN), ("Grüße 👍\t\n", "Grüße 👍\t\n"), ("", ""), ("\ud83d\ude00", "\ufffd\ufffd")]
)
def test_text_loses_only_what_no_database_takes(text, stored):
    assert SafeTextField().db_value(text) == stored


def test_a_moment_survives_the_database_to_the_microsecond(book):
    moment = datetime(2026, 3, 2, 13, 0, 0, 123456, tzinfo=BERLIN)

    database.work(lambda: ledger.keep_position("door", "1", now=moment))

    assert Position.get_by_id("door").at == moment
    assert Position.get_by_id("door").at.utcoffset() == timedelta(0)


def test_moments_are_compared_as_moments_in_the_database(book):
    early, late = datetime(2026, 3, 2, 12, 30, tzinfo=UTC), datetime(2026, 3, 2, 14, 0, tzinfo=BERLIN)
    database.work(lambda: ledger.keep_position("early", "1", now=early))
    database.work(lambda: ledger.keep_position("late", "1", now=late))

    found = [row.door for row in Position.select().where(Position.at > early)]

    assert found == ["late"]


def test_a_naive_moment_of_a_message_is_refused(book):
    naive = book.minutes(1).replace(tzinfo=None)

    with pytest.raises((ValueError, TypeError)):
        book.receive(book.message(timestamp=naive), now=book.minutes(1))

    assert LedgerRow.select().count() == 0
    assert Case.select().count() == 0


@pytest.mark.parametrize("field", ["external_id", "sender", "sender_name", "subject", "body", "new_text", "place"])
def test_a_message_with_unstorable_text_is_stored_and_known_again(book, field):
    incoming = replace(book.mail_message(), **{field: DIRT})

    received, again = book.receive(incoming), book.receive(incoming)

    assert getattr(book.stored(received), field) == CLEAN
    assert again.known
    assert again.ledger_id == received.ledger_id


def test_unstorable_names_of_customers_find_their_case_again(book):
    first = book.receive(replace(book.mail_message(), sender=DIRT, sender_name=DIRT, subject=DIRT))
    second = book.receive(replace(book.mail_message(), sender=DIRT))

    case = book.case(first.case_id)
    assert second.case_id == first.case_id
    assert (case.customer_identifier, case.customer_name, case.subject) == (CLEAN, CLEAN, CLEAN)


def test_unstorable_conversations_lead_to_the_case(book):
    first = book.mail(external_id=DIRT)

    reply = book.mail(sender=ANNA.email, standing=Standing.ADMIN, conversation=(DIRT,))

    assert reply.case_id == first.case_id


def test_an_edit_to_unstorable_text_is_stored(book):
    incoming = book.message()
    received = book.receive(incoming)

    book.edit(incoming, DIRT)

    assert book.stored(received).body == CLEAN


def test_what_a_person_gives_as_a_reason_may_be_unstorable(book):
    case_id = book.customer().case_id
    book.escalate(case_id, reason=DIRT)
    book.close(case_id, reason=DIRT, by=DIRT)

    assert book.case(case_id).closed_by == CLEAN
    assert ReasonRow.get().evidence == CLEAN
    assert Event.select().where(Event.detail == CLEAN).exists()
    assert len(book.say_all()) > 0


def test_a_reason_in_the_ledger_may_be_unstorable(book):
    ignored = database.work(lambda: ledger.ignore("slack", DIRT, reason=DIRT, now=book.noon))
    kept = database.work(
        lambda: ledger.quarantine(source="email", external_id=DIRT, raw=b"\x00\xff", reason=DIRT, now=book.noon)
    )

    assert book.ledger_row(ignored).reason == CLEAN
    assert bytes(book.ledger_row(kept).raw_bytes) == b"\x00\xff"
    assert len(book.notices("log")) == 1


def test_a_message_that_waits_may_be_unstorable(book):
    book.customer(sender="U0DORA001")
    book.customer(sender="U0EMIL001")
    asked = book.admin(DIRT, new_text=DIRT, sender_name=DIRT)

    placed = book.place(asked.ledger_id, asked.candidates[0])

    assert placed is not None
    assert Message.get(Message.is_admin).body == CLEAN


def test_the_error_of_a_notice_may_be_unstorable(book):
    book.customer()
    claimed = book.claim()

    database.work(lambda: notices.mark_failed(claimed, error=DIRT, retry_at=book.hours(2)))

    assert Notice.get(Notice.state == "failed").error == CLEAN
