"""Statistics of cases and the outbox."""

from casebook import database, notices
from casebook.reports import statistics
from fixtures.cast import DORA, EMIL, FAYE


def test_an_empty_book_counts_nothing(book):
    overview, outbox = statistics.overview(), statistics.outbox()

    assert (overview.open, overview.escalated, overview.waiting, overview.unassigned) == (0, 0, 0, 0)
    assert (overview.waiting_longest, overview.oldest, overview.oldest_at) == (None, None, None)
    assert (outbox.pending, outbox.failed, outbox.oldest_pending_at, outbox.last_error) == (0, 0, None, "")


def test_the_overview_counts_only_open_cases(book):
    closed = book.customer("urgent", DORA.user_id, at=book.minutes(1))
    book.close(closed.case_id, book.minutes(2))
    answered = book.customer("two", DORA.user_id, at=book.minutes(3))
    book.customer("urgent", EMIL.user_id, at=book.minutes(5))
    book.customer("four", FAYE.user_id, at=book.minutes(4))
    book.admin(under=answered, at=book.minutes(6))
    type(book.case("CASE-0002")).update(assigned_to="U0ANNA001").where(book.case("CASE-0002")._pk_expr()).execute()

    overview = statistics.overview()

    assert (overview.open, overview.escalated, overview.waiting, overview.unassigned) == (3, 1, 2, 2)
    assert overview.waiting_longest == book.minutes(4)
    assert (overview.oldest, overview.oldest_at) == ("CASE-0002", book.minutes(3))


def test_the_outbox_has_the_number_of_waiting_notices_and_the_time_of_the_oldest(book):
    for minute in (3, 1, 2):
        database.work(lambda minute=minute: notices.log(f"line {minute}", now=book.minutes(minute)))
    book.sent(book.claim("log", book.minutes(1)))

    outbox = statistics.outbox()

    assert (outbox.pending, outbox.failed, outbox.oldest_pending_at) == (2, 0, book.minutes(2))


def test_refused_notices_are_counted_separately_with_the_last_error(book):
    for number in (1, 2):
        database.work(lambda n=number: notices.put_private("C1", f"U{n}", "only you", now=book.noon))
        claimed = book.claim("C1", book.noon)
        database.work(lambda c=claimed, n=number: notices.mark_failed(c, error=f"refused {n}", retry_at=book.hours(1)))

    outbox = statistics.outbox()

    assert (outbox.pending, outbox.failed, outbox.last_error) == (0, 2, "C1: refused 2")
    assert outbox.oldest_pending_at is None


def test_a_claimed_notice_still_waits(book):
    database.work(lambda: notices.log("a line", now=book.noon))
    book.claim("log", book.noon)

    assert statistics.outbox().oldest_pending_at == book.noon


def test_a_notice_for_later_waits_only_from_its_due_time(book):
    database.work(lambda: notices.put(notices.NoticeKind.TELL, lane="C1", now=book.noon, due_at=book.minutes(10)))

    assert statistics.outbox().oldest_pending_at == book.minutes(10)


def test_a_rate_limit_of_one_lane_does_not_explain_waiting_notices_in_another(book):
    for lane, minute in (("C1", 1), ("C2", 2)):
        now = book.minutes(minute)
        database.work(lambda lane=lane, now=now: notices.put_private(lane, "U1", "only you", now=now))

    outbox = statistics.outbox(["C1"])

    assert (outbox.oldest_pending_at, outbox.oldest_unexplained_at) == (book.minutes(1), book.minutes(2))


def test_a_refused_card_explains_the_notices_that_wait_under_it(book):
    book.customer()
    book.customer("and more")
    card = book.claim(notices.SUPPORT)
    before = statistics.outbox().oldest_unexplained_at
    database.work(lambda: notices.mark_failed(card, error="not_in_channel", retry_at=book.hours(2)))

    outbox = statistics.outbox()

    assert before is not None
    assert (outbox.pending, outbox.failed, outbox.oldest_unexplained_at) == (1, 1, None)
