"""The files of messages in the database."""

import pytest

from casebook import database, ledger, notices, queries
from casebook.conversation import attachments
from casebook.conversation.attachments import Fetched
from casebook.incoming import IncomingFile, Standing
from casebook.outbound import replies
from casebook.views import FileState
from fixtures.cast import ANNA, EMIL, SECOND

SHA = "a" * 64
KEPT = IncomingFile(name="../invoice\u202e.pdf", content_type="application/pdf", size=9, sha256=SHA, kept=True)
WAITING = IncomingFile(name="", content_type="", size=0, remote_id="F0FILE001")


def kinds(book, *wanted):
    return [row.kind for row in book.notices() if row.kind in (wanted or ("fetch", "files", "answer files"))]


def files_of(book, received):
    return database.work(lambda: attachments.of(book.stored(received).id))


def fetch(book, received, **came):
    claimed = book.claim(notices.DOWNLOADS)
    file = IncomingFile(name="a.txt", content_type="text/plain", size=9, **came)
    results = [Fetched(file_id=each.file_id, file=file) for each in files_of(book, received)]
    database.work(lambda: attachments.fetched(claimed, results, now=book.hours(1)))
    return claimed, results


def test_a_file_keeps_the_name_that_its_sender_gave_it_and_is_shown_under_a_safe_one(book):
    received = book.mail(attachments=(KEPT,))

    (row,) = book.stored(received).attachments
    (file,) = files_of(book, received)
    assert row.name == KEPT.name
    assert (file.name, file.size, file.sha256, file.state) == ("invoice.pdf", 9, SHA, FileState.KEPT)


def test_the_files_are_uploaded_after_the_messages_own_post(book):
    first = book.mail()
    book.mail(under=first, attachments=(KEPT,))

    assert [row.kind for row in book.notices()] == ["card", "thread", "files"]


@pytest.mark.parametrize(
    "file",
    [
        IncomingFile(name="x", content_type="", size=9, why_not="too large"),
        IncomingFile(name="x", content_type="", size=9, sha256=SHA, kept=True, embedded=True),
    ],
)
def test_files_that_are_not_kept_or_only_embedded_are_not_uploaded(book, file):
    book.mail(attachments=(file,))

    assert kinds(book) == []


def test_the_files_of_automatic_mail_are_kept_and_not_uploaded(book):
    first = book.mail()
    book.mail(under=first, standing=Standing.AUTOMATIC, attachments=(KEPT,))

    assert kinds(book) == []


def test_a_message_that_comes_twice_has_its_files_once(book):
    incoming = book.mail_message(attachments=(KEPT,))

    received = book.receive(incoming)
    book.receive(incoming)

    assert len(files_of(book, received)) == 1
    assert kinds(book) == ["files"]


def test_a_file_that_waits_is_fetched_then_uploaded_and_the_card_says_so(book):
    received = book.customer(attachments=(WAITING,))
    waiting = kinds(book)

    fetch(book, received, sha256=SHA, kept=True)

    (file,) = files_of(book, received)
    assert waiting == ["fetch"]
    assert kinds(book) == ["fetch", "files"]
    assert (file.name, file.state) == ("a.txt", FileState.KEPT)


def test_a_message_names_a_file_whose_name_comes_later(book):
    incoming = book.message("[file: without a name]\n[file: without a name]", attachments=(WAITING, WAITING))
    received = book.receive(incoming)

    fetch(book, received, sha256=SHA, kept=True)

    assert book.stored(received).body == "[file: a.txt]\n[file: a.txt]"


def test_two_couriers_that_fetch_the_same_file_make_one_upload(book):
    received = book.customer(attachments=(WAITING,))
    claimed, results = fetch(book, received, sha256=SHA, kept=True)
    book.say_all()

    database.work(lambda: attachments.fetched(claimed, results, now=book.hours(1)))

    assert kinds(book) == ["fetch", "files"]


def test_a_file_that_cannot_be_downloaded_is_left_out_with_a_reason(book):
    received = book.customer(attachments=(WAITING,))

    fetch(book, received, why_not="Slack does not give it (file_deleted)")

    (file,) = files_of(book, received)
    assert (file.state, file.why_not) == (FileState.LEFT_OUT, "Slack does not give it (file_deleted)")
    assert kinds(book, "files") == []


def test_the_files_of_a_message_that_waits_for_an_admins_word_come_with_it_and_are_needed_until_then(book):
    first = book.customer(place=SECOND.channel_id)
    book.customer(sender=EMIL.user_id, place=SECOND.channel_id)
    asked = book.admin(place=SECOND.channel_id, attachments=(KEPT,))
    needed = database.work(lambda: attachments.unneeded([SHA]))

    book.place(asked.ledger_id, first.case_id)

    assert needed == frozenset()
    assert [file.sha256 for file in files_of(book, asked)] == [SHA]
    assert database.work(ledger.files_waiting) == frozenset()


def test_the_files_of_a_deleted_message_are_deleted_and_no_longer_needed(book):
    incoming = book.mail_message(attachments=(KEPT,))
    received = book.receive(incoming)

    book.delete(incoming)

    (file,) = files_of(book, received)
    assert (file.name, file.sha256, file.state) == ("", "", FileState.DELETED)
    assert [row.state for row in book.notices("files")] == ["dropped"]
    assert database.work(lambda: attachments.unneeded([SHA])) == {SHA}


def test_bytes_that_another_message_refers_to_stay(book):
    incoming = book.mail_message(attachments=(KEPT,))
    book.receive(incoming)
    book.mail(sender="noor@customer.example.com", attachments=(KEPT,))

    book.delete(incoming)

    assert database.work(lambda: attachments.unneeded([SHA, "b" * 64])) == {"b" * 64}


def test_a_copy_that_was_uploaded_while_its_message_was_deleted_is_taken_back(book):
    incoming = book.mail_message(attachments=(KEPT,))
    received = book.receive(incoming)
    book.sent(book.claim())
    claimed = book.claim()
    (file,) = files_of(book, received)
    book.delete(incoming)

    database.work(lambda: attachments.uploaded(claimed, {file.file_id: "F0COPY001"}, now=book.hours(1)))

    (gone,) = book.notices("files gone")
    assert notices.payload_of(gone) == {"files": ["F0COPY001"]}


def test_a_failed_upload_is_shown_with_its_message_until_it_succeeds(book):
    received = book.mail(attachments=(KEPT,))
    book.sent(book.claim())
    claimed = book.claim()
    later = book.hours(2)

    database.work(lambda: attachments.refused(claimed, error="missing_scope", retry_at=later, now=book.hours(1)))
    (refused,) = database.work(lambda: queries.messages([book.stored(received).id]))
    again = book.claim(now=later)
    while again.items[0].kind != "files":
        book.sent(again)
        again = book.claim(now=later)
    database.work(lambda: attachments.uploaded(again, {}, now=later))
    (there,) = database.work(lambda: queries.messages([book.stored(received).id]))

    assert refused.upload_error == "missing_scope"
    assert there.upload_error == ""
    assert [row.kind for row in book.notices() if row.state == "pending"] == ["card"]


def test_an_answers_files_go_out_when_it_is_sent_and_not_before(book):
    case_id = book.customer().case_id
    book.say_all()
    drafted = book.answer(case_id, attachments=(WAITING,))
    fetch(book, drafted, sha256=SHA, kept=True)
    before = kinds(book)

    book.answer_sent(book.claim(book.notices("answer")[0].lane), book.hours(1))

    (upload,) = book.notices("answer files")
    assert before == ["fetch"]
    assert notices.payload_of(upload)["thread"] == notices.payload_of(book.notices("answer")[0])["thread"]


def test_an_answers_file_that_is_fetched_late_follows_it(book):
    case_id = book.customer().case_id
    book.say_all()
    drafted = book.answer(case_id, attachments=(WAITING,))
    book.answer_sent(book.claim(book.notices("answer")[0].lane), book.hours(1))
    before = kinds(book)

    fetch(book, drafted, sha256=SHA, kept=True)

    assert before == ["fetch"]
    assert kinds(book) == ["fetch", "answer files"]


def test_a_mail_waits_for_the_files_that_go_out_with_it(book):
    case_id = book.customer().case_id
    book.say_all()
    drafted = book.answer(case_id, attachments=(WAITING,))
    message_id = book.stored(drafted).id
    waiting = database.work(lambda: attachments.for_answer(message_id, wait=True))
    nothing_yet = database.work(lambda: attachments.for_answer(message_id, wait=False))

    fetch(book, drafted, sha256=SHA, kept=True)

    assert waiting is None
    assert nothing_yet == ()
    assert [file.name for file in database.work(lambda: attachments.for_answer(message_id, wait=True))] == ["a.txt"]


def test_an_answer_that_is_taken_back_sends_no_file(book):
    case_id = book.customer().case_id
    book.say_all()
    drafted = book.answer(case_id, attachments=(WAITING,))
    message_id = book.stored(drafted).id

    database.work(lambda: replies.take_back(message_id, by=ANNA.user_id, now=book.hours(1)))
    fetch(book, drafted, sha256=SHA, kept=True)

    assert kinds(book, "answer files") == []


def test_looking_for_a_files_references_and_a_messages_files_uses_an_index(plans, sqlite_book):
    received = sqlite_book.mail(attachments=(KEPT,))
    message_id = sqlite_book.stored(received).id

    for operation in (lambda: attachments.unneeded([SHA]), lambda: attachments.of(message_id)):
        (plan,) = plans(operation).values()
        assert "USING" in plan
        assert "SCAN" not in plan
