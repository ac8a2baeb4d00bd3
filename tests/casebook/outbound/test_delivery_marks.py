"""Results recorded after a claim has ended: they neither reopen nor release what another process has claimed."""

from datetime import timedelta

import pytest

from casebook import database, notices
from casebook.conversation import attachments
from casebook.incoming import IncomingFile
from casebook.models import Post
from casebook.notices import LOG, SUPPORT
from casebook.outbound import emails, replies
from casebook.outcomes import NoticeKind
from fixtures.cast import SHARED

LATER = {"error": "not_in_channel"}
# Each function that must change nothing once another process has the claim.
MARKS = {
    "failed": lambda claimed, at: notices.mark_failed(claimed, **LATER, retry_at=at),
    "failed, perhaps said": lambda claimed, at: notices.mark_failed(claimed, **LATER, retry_at=at, uncertain=True),
    "put off": lambda claimed, at: notices.put_off(claimed, **LATER, retry_at=at),
    "uncertain": lambda claimed, at: notices.mark_uncertain(claimed, **LATER, retry_at=at),
    "given back": lambda claimed, at: notices.give_back(claimed, due_at=at),
    "given up": lambda claimed, _at: notices.give_up(claimed),
    "remembered": lambda claimed, at: notices.save_payload(claimed, {"text": "late"}, until=at),
    "held": lambda claimed, at: notices.extend_claim(claimed, until=at),
}


@pytest.fixture(params=MARKS)
def mark(request):
    """One of these functions, called at a given time."""
    return lambda claimed, at: database.work(lambda: MARKS[request.param](claimed, at))


def twice(book, lane):
    """A process claims the next notice and stops responding; another claims it after the lease."""
    late = book.claim(lane, book.minutes(10))
    other = book.claim(lane, book.minutes(20))
    assert (late.ids, late.until < other.until) == (other.ids, True)
    return late, other


def a_line(book):
    database.work(lambda: notices.log("a line", now=book.noon))
    return twice(book, LOG)


def test_a_late_result_does_not_reopen_a_notice_that_another_has_sent(book, mark):
    late, other = a_line(book)
    book.sent(other, book.minutes(21))
    before = book.snapshot()

    noted = mark(late, book.minutes(30))

    assert not noted
    assert book.snapshot() == before


def test_a_late_result_does_not_release_a_notice_that_another_has_claimed(book, mark):
    late, _ = a_line(book)
    before = book.snapshot()

    noted = mark(late, book.minutes(30))

    assert not noted
    assert book.snapshot() == before


def test_a_late_result_does_not_change_a_notice_that_failed_for_another(book, mark):
    late, other = a_line(book)
    database.work(lambda: notices.mark_failed(other, error="is_archived", retry_at=book.hours(5)))
    before = book.snapshot()

    noted = mark(late, book.minutes(30))

    assert not noted
    assert book.snapshot() == before


def test_a_result_counts_after_the_lease_while_nobody_else_has_claimed_the_notice(book, mark):
    database.work(lambda: notices.log("a line", now=book.noon))
    claimed = book.claim(LOG, book.minutes(10))
    before = book.snapshot()

    noted = mark(claimed, book.hours(3))

    assert noted
    assert book.snapshot() != before


def test_a_late_success_counts_and_the_other_claim_is_lost(book):
    late, other = a_line(book)

    noted = database.work(lambda: notices.mark_sent(late, channel="C1", ts="1.1", now=book.minutes(21)))
    again = database.work(lambda: notices.extend_claim(other, until=book.minutes(30)))

    assert noted
    assert again is None
    assert [(row.state, row.sent_at) for row in book.notices()] == [("sent", book.minutes(21))]


def test_a_sent_notice_keeps_the_post_of_the_first_result(book):
    case_id = book.customer().case_id
    late, other = twice(book, SUPPORT)
    ts = book.sent(other, book.minutes(21))

    noted = database.work(lambda: notices.mark_sent(late, channel="C1", ts="1.1", now=book.minutes(30)))

    assert not noted
    assert book.card_of(case_id) == ts
    assert book.notices("card")[0].sent_at == book.minutes(21)


def test_an_extended_claim_replaces_the_original_one(book, mark):
    database.work(lambda: notices.log("a line", now=book.noon))
    claimed = book.claim(LOG, book.minutes(10))
    longer = database.work(lambda: notices.save_payload(claimed, {"text": "two"}, until=book.minutes(30)))

    by_the_old_one = mark(claimed, book.minutes(40))
    by_the_new_one = mark(longer, book.minutes(40))

    assert longer.items[0].payload == {"text": "two"}
    assert (bool(by_the_old_one), bool(by_the_new_one)) == (False, True)


def test_a_late_report_of_a_deleted_post_does_not_forget_the_new_post(book):
    case_id = book.customer().case_id
    book.say_all(book.minutes(2))
    database.work(lambda: notices.card(case_id, now=book.minutes(3)))
    late, other = twice(book, SUPPORT)
    gone = {"error": "message_not_found", "retry_at": book.minutes(21), "is_post_gone": True}
    database.work(lambda: notices.mark_failed(other, **gone))
    book.sent(book.claim(SUPPORT, book.minutes(22)), book.minutes(22))
    posted = book.card_of(case_id)

    noted = database.work(lambda: notices.mark_failed(late, **gone))

    assert not noted
    assert book.card_of(case_id) == posted


def test_a_deleted_post_is_forgotten_in_the_transaction_that_records_it(book):
    case_id = book.customer().case_id
    book.say_all(book.minutes(2))
    database.work(lambda: notices.card(case_id, now=book.minutes(3)))
    claimed = book.claim(SUPPORT, book.minutes(4))

    given = {"error": "message_not_found", "retry_at": book.minutes(5), "is_post_gone": True}
    database.work(lambda: notices.mark_failed(claimed, **given))

    assert not Post.select().where(Post.key == f"card:{case_id}").exists()
    assert book.claim(SUPPORT, book.minutes(6)).items[0].post is None


# Answers


@pytest.fixture
def answered(book):
    """An answer that two processes have claimed, one after the other."""
    case_id = book.customer(place=SHARED.channel_id).case_id
    book.say_all(book.minutes(2))
    book.answer(case_id, at=book.minutes(3))
    return twice(book, SHARED.channel_id)


def test_a_sent_answer_is_not_reopened_by_a_late_failure(book, answered):
    late, other = answered
    book.answer_sent(other, book.minutes(21))
    before = book.snapshot()

    is_ours = database.work(
        lambda: replies.failed(late, **LATER, retry_at=book.minutes(30), now=book.minutes(30), uncertain=True)
    )

    assert not is_ours
    assert book.snapshot() == before
    assert book.claim(SHARED.channel_id, book.hours(9)) is None


def test_an_answer_that_was_refused_and_taken_back_is_not_reopened(book, answered):
    late, other = answered
    at = {"retry_at": book.minutes(25), "now": book.minutes(21)}
    database.work(lambda: replies.failed(other, **LATER, **at))
    message_id = other.items[0].target_id
    database.work(lambda: replies.take_back(message_id, by="U0ANNA001", now=book.minutes(22)))

    is_ours = database.work(lambda: replies.failed(late, **LATER, **at))

    assert not is_ours
    assert book.claim(SHARED.channel_id, book.hours(9)) is None


# Emails


@pytest.fixture
def mailed(book):
    """An email to a customer that two processes have claimed, one after the other."""
    case_id = book.mail().case_id
    given = {"lane": notices.MAIL, "now": book.noon, "case_id": case_id, "payload": {"text": "Closed."}}
    database.work(lambda: notices.put(NoticeKind.TELL, **given))
    return twice(book, notices.MAIL)


def test_a_sent_email_is_not_dropped_or_reported_by_a_late_failure(book, mailed):
    late, other = mailed
    given = {"refused": "", "limits": book.limits}
    database.work(lambda: emails.sent(other, now=book.minutes(21), **given))
    before = book.snapshot()

    database.work(lambda: emails.refused(late, error="550", retry_at=None, now=book.minutes(30)))
    database.work(lambda: emails.refused(late, error="450", retry_at=book.minutes(40), now=book.minutes(30)))
    away = {"error": "away", "retry_at": book.minutes(40), "now": book.minutes(30)}
    database.work(lambda: emails.put_off(late, **away, maybe_sent=True))

    assert book.snapshot() == before


def test_refused_recipients_are_reported_only_by_the_first_result(book, mailed):
    late, other = mailed
    given = {"refused": "x@example.org: 550", "limits": book.limits}
    database.work(lambda: emails.sent(other, now=book.minutes(21), **given))
    before = book.snapshot()

    is_news = database.work(lambda: emails.sent(late, now=book.minutes(30), **given))

    assert not is_news
    assert book.snapshot() == before


def test_a_failure_after_sending_an_email_is_reported_once(book, mailed):
    late, other = mailed

    database.work(lambda: emails.sent_without_follow_up(other, now=book.minutes(21)))
    database.work(lambda: emails.sent_without_follow_up(late, now=book.minutes(22)))

    assert [row.state for row in book.notices("tell")] == ["sent"]
    assert len([row for row in book.notices("log") if "not what follows from it" in row.payload]) == 1


# Files


def test_uploaded_files_do_not_fail_afterwards(book):
    kept = IncomingFile(name="a.pdf", content_type="application/pdf", size=9, sha256="a" * 64, kept=True)
    book.customer(attachments=(kept,))
    book.sent(book.claim(SUPPORT, book.minutes(5)), book.minutes(5))
    late, other = twice(book, SUPPORT)
    (file,) = attachments.of(int(late.items[0].target.partition(":")[2]))
    database.work(lambda: attachments.uploaded(other, {file.file_id: "F0COPY001"}, now=book.minutes(21)))
    before = book.snapshot()

    at = {"retry_at": book.minutes(30), "now": book.minutes(30)}
    is_ours = database.work(lambda: attachments.refused(late, **LATER, **at))
    database.work(lambda: attachments.uploaded(late, {file.file_id: "F0COPY002"}, now=book.minutes(31)))

    assert not is_ours
    assert book.snapshot() == before


def test_dropping_does_not_affect_a_claimed_notice(book):
    database.work(lambda: notices.log("a line", now=book.noon))
    claimed = book.claim(LOG, book.minutes(10))

    database.work(lambda: notices.drop(claimed.ids))

    assert [row.state for row in book.notices()] == ["pending"]


def test_of_two_results_at_the_same_moment_one_is_recorded(book):
    late, other = a_line(book)
    marks = [
        lambda: notices.mark_sent(late, channel="C1", ts="1.1", now=book.minutes(21)),
        lambda: notices.mark_sent(other, channel="C1", ts="1.2", now=book.minutes(21)),
        lambda: notices.mark_failed(other, **LATER, retry_at=book.minutes(21) + timedelta(seconds=1)),
    ]

    noted = book.at_once(*marks)

    assert sum(noted[:2]) == 1
    assert [row.state for row in book.notices()] == ["sent"]
