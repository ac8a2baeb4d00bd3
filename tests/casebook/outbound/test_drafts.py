"""Messages by admins under the card: an edit changes a pending answer, but none that was sent."""

import itertools
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from casebook import database, notices, queries
from casebook.conversation import attachments
from casebook.incoming import IncomingFile, Standing
from casebook.models import Version
from casebook.outbound import drafts, replies
from casebook.views import AnswerState, FileState
from fixtures.cast import ANNA, DORA, SHARED, SUPPORT

PHRASE = "I'm closing this case."
UNDO = timedelta(seconds=10)
LANE = SHARED.channel_id


@pytest.fixture
def asked(book):
    """The case of a waiting customer, with its card."""
    case_id = book.customer("It is urgent", sender_name="Dora Demo").case_id
    book.say_all(book.minutes(1.5))
    return case_id


def under_card(book, case_id, text, **changes):
    """A message that Anna types under the card."""
    given = {"standing": Standing.NOTE, "place": SUPPORT.channel_id, "thread": book.card_of(case_id)} | changes
    return book.message(text, ANNA.user_id, at=book.minutes(2), **given)


def as_typed(words, text, edited_at=None):
    """The message with another text, and the answer in it, as the door parses it."""
    said = replace(words, body=text, new_text=text, edited_at=edited_at)
    if not text.startswith("reply:") or words.standing is not Standing.NOTE:
        return said, None
    meant = text.removeprefix("reply:").strip()
    return said, replace(said, body=meant, new_text=meant)


def write(book, words, now=None):
    said, answer = as_typed(words, words.body)
    given = {"now": now or book.minutes(2), "limits": book.limits}
    if answer is None:
        return book.receive(words, given["now"])
    return database.work(lambda: drafts.write(said, answer, undo=UNDO, **given))


def edit(book, words, text, minute=2.05, now=None, **changes):
    """Anna edits the message at that minute."""
    said, answer = as_typed(replace(words, **changes), text, book.minutes(minute))
    given = {"now": now or book.minutes(minute), "undo": UNDO, "limits": book.limits}
    return database.work(lambda: drafts.edit(said, answer, **given))


def told(book):
    """The private messages that were sent."""
    return [json.loads(notice.payload)["text"] for notice in book.notices("private")]


def view(book, received):
    return database.work(lambda: replies.view(book.stored(received).id))


def sent_words(book, now=None):
    """Send what is due, and return its text."""
    claimed = book.claim(LANE, now or book.minutes(30))
    if claimed is None:
        return None
    words = database.work(lambda: replies.view(claimed.items[0].target_id)).text
    book.answer_sent(claimed, now or book.minutes(30))
    return words


# A pending answer


def test_an_edit_in_time_changes_what_is_sent(book, asked):
    words = under_card(book, asked, "reply: twelve oclock")
    write(book, words)

    edit(book, words, "reply: twelve o'clock")

    assert sent_words(book) == "twelve o'clock"
    assert [row.body for row in Version.select()] == ["twelve oclock"]


@pytest.mark.parametrize("text", ["we will refund you", "better not", "They want a refund. reply: no"])
def test_an_edit_that_removes_the_prefix_makes_it_a_note(book, asked, text):
    words = under_card(book, asked, "reply: we will refund you")
    drafted = write(book, words)

    edited = edit(book, words, text)

    message = book.stored(drafted)
    assert (message.standing, message.kind, message.is_admin, message.body) == ("note", "note", True, text)
    assert sent_words(book, book.hours(9)) is None
    assert view(book, drafted).state is AnswerState.NOTE
    assert book.ledger_row(edited).outcome == "edited"
    assert book.case(asked).message_count == 1
    assert "answer taken back" in book.history(asked)


def test_a_refused_answer_that_waits_for_its_next_try_is_changed_by_an_edit(book, asked):
    words = under_card(book, asked, "reply: one")
    drafted = write(book, words)
    claimed = book.claim(LANE, book.minutes(3))
    at = {"retry_at": book.minutes(9), "now": book.minutes(3)}
    database.work(lambda: replies.failed(claimed, error="not_in_channel", **at))

    edit(book, words, "reply: two", 4)
    changed = sent_words(book, book.minutes(10))

    assert changed == "two"
    assert view(book, drafted).state is AnswerState.SENT


def test_a_refused_answer_is_made_a_note_by_an_edit(book, asked):
    words = under_card(book, asked, "reply: one")
    drafted = write(book, words)
    claimed = book.claim(LANE, book.minutes(3))
    at = {"retry_at": book.minutes(9), "now": book.minutes(3)}
    database.work(lambda: replies.failed(claimed, error="not_in_channel", **at))

    edit(book, words, "one", 4)

    assert sent_words(book, book.hours(9)) is None
    assert book.stored(drafted).standing == "note"


@pytest.mark.parametrize("text", ["reply: too late", "too late"])
@pytest.mark.parametrize("uncertain", [False, True])
def test_what_is_on_its_way_stays_as_it_goes_out_and_its_author_is_told_once(book, asked, text, uncertain):
    words = under_card(book, asked, "reply: one")
    drafted = write(book, words)
    claimed = book.claim(LANE, book.minutes(3))
    if uncertain:
        lost = {"error": "HTTP 500", "retry_at": book.minutes(9)}
        database.work(lambda: notices.mark_uncertain(claimed, **lost))

    edit(book, words, text, 4)
    edit(book, words, text, 4, now=book.minutes(5))

    assert book.stored(drafted).body == "one"
    assert [sentence.partition(":")[0] for sentence in told(book)] == ["Your edit came too late"]


def test_an_edit_that_was_too_late_is_not_taken_in_when_the_answer_is_refused_after_it(book, asked):
    words = under_card(book, asked, "reply: one")
    drafted = write(book, words)
    claimed = book.claim(LANE, book.minutes(3))
    edit(book, words, "reply: two", 4)
    at = {"retry_at": book.minutes(9), "now": book.minutes(5)}
    database.work(lambda: replies.failed(claimed, error="not_in_channel", **at))

    edit(book, words, "reply: two", 4, now=book.minutes(6))
    edit(book, words, "reply: older", 3.5, now=book.minutes(6))

    assert (book.stored(drafted).body, len(told(book))) == ("one", 1)


@pytest.mark.parametrize("text", ["reply: something else", "something else", "we will refund you"])
def test_the_customer_has_a_sent_answer_as_it_was_and_its_author_is_told_so_once(book, asked, text):
    words = under_card(book, asked, "reply: we will refund you")
    drafted = write(book, words)
    sent_words(book)

    edit(book, words, text, 40)
    before = book.snapshot()
    edit(book, words, text, 40, now=book.minutes(50))

    message = book.stored(drafted)
    assert (message.body, message.standing, message.kind) == ("we will refund you", "admin", "message")
    assert [sentence.partition(",")[0] for sentence in told(book)] == ["The customer has this answer as it was sent"]
    assert book.snapshot() == before


def test_an_answer_that_was_taken_back_stays_so_when_it_is_edited_and_its_author_is_told_the_way_on(book, asked):
    words = under_card(book, asked, "reply: one")
    drafted = write(book, words)
    message_id = book.stored(drafted).id
    database.work(lambda: replies.take_back(message_id, by=ANNA.user_id, now=book.minutes(2.1)))

    edit(book, words, "reply: two", 3)
    edit(book, words, "reply: two", 3, now=book.minutes(4))

    assert sent_words(book, book.hours(9)) is None
    assert (book.stored(drafted).body, view(book, drafted).state) == ("two", AnswerState.TAKEN_BACK)
    assert [("Nothing was sent" in each, "begins with reply:" in each) for each in told(book)] == [(True, True)]


@pytest.mark.parametrize("text", ["reply: ", "reply: " + "x" * 12_001])
def test_an_answer_that_is_edited_to_what_cannot_be_sent_is_a_note_and_its_author_is_told_why(book, asked, text):
    words = under_card(book, asked, "reply: one")
    drafted = write(book, words)

    edit(book, words, text)

    assert sent_words(book, book.hours(9)) is None
    assert (book.stored(drafted).standing, book.stored(drafted).body) == ("note", text)
    assert told(book)[0].startswith("Not sent, and kept as a note: An answer ")


def test_a_former_admin_sends_nothing_by_an_edit(book, asked):
    words = under_card(book, asked, "reply: one")
    drafted = write(book, words)

    edit(book, words, "reply: two", standing=Standing.REMARK)

    message = book.stored(drafted)
    assert (message.standing, message.is_admin) == ("remark", False)
    assert sent_words(book, book.hours(9)) is None
    assert "only admins" in told(book)[0]


def test_a_preview_of_a_link_in_an_answer_is_no_edit(book, asked):
    words = under_card(book, asked, "reply: see https://example.org")
    write(book, words)
    before = book.snapshot()

    said, answer = as_typed(words, words.body)
    given = {"now": book.minutes(3), "undo": UNDO, "limits": book.limits}
    received = database.work(lambda: drafts.edit(said, answer, **given))

    assert received.known
    assert book.snapshot() == before


@pytest.mark.parametrize(("text", "status"), [(f"Done. {PHRASE}", "closed"), ("Done.", "open")])
def test_the_words_that_close_do_so_in_what_became_a_note(book, asked, text, status):
    words = under_card(book, asked, f"reply: Done. {PHRASE}")
    write(book, words)

    edited = edit(book, words, text)

    assert (book.case(asked).status, edited.closed) == (status, status == "closed")


def test_the_files_of_an_answer_that_became_a_note_are_not_sent(book, asked):
    waiting = IncomingFile(name="a.txt", content_type="text/plain", size=9, remote_id="F0FILE001")
    words = under_card(book, asked, "reply: see the file", attachments=(waiting,))
    drafted = write(book, words)
    edit(book, words, "see the file")

    claimed = book.claim(notices.DOWNLOADS)
    (file,) = attachments.of(book.stored(drafted).id)
    came = IncomingFile(name="a.txt", content_type="text/plain", size=9, sha256="a" * 64, kept=True)
    results = [attachments.Fetched(file_id=file.file_id, file=came)]
    database.work(lambda: attachments.fetched(claimed, results, now=book.hours(1)))

    assert attachments.of(book.stored(drafted).id)[0].state is FileState.KEPT
    assert book.notices("answer files") == book.notices("files") == []


# A note


def test_an_edit_that_adds_the_prefix_makes_a_note_an_answer_with_its_own_undo(book, asked):
    words = under_card(book, asked, "we will refund you")
    noted = write(book, words)

    edit(book, words, "reply: we will refund you", 20)
    waiting = view(book, noted)
    (notice,) = book.notices("answer")
    early, due = book.claim(LANE, book.minutes(20.1)), sent_words(book, book.minutes(21))

    assert waiting.state is AnswerState.WAITING
    assert notice.due_at == book.minutes(20) + UNDO
    assert (early, due) == (None, "we will refund you")
    assert [notice.target for notice in book.notices("answer state")][:1] == [f"state:{book.stored(noted).id}"]
    assert (book.stored(noted).standing, book.case(asked).message_count) == ("admin", 2)


def test_a_note_that_became_an_answer_can_be_taken_back(book, asked):
    words = under_card(book, asked, "hm")
    noted = write(book, words)
    edit(book, words, "reply: hm", 3)

    message_id = book.stored(noted).id
    database.work(lambda: replies.take_back(message_id, by=ANNA.user_id, now=book.minutes(3.1)))

    assert sent_words(book, book.hours(9)) is None


def test_of_edits_back_and_forth_the_last_counts_and_one_answer_is_sent(book, asked):
    words = under_card(book, asked, "reply: one")
    drafted = write(book, words)
    for minute, text in ((2.02, "one"), (2.04, "reply: two"), (2.06, "two"), (2.08, "reply: three")):
        edit(book, words, text, minute)

    first, second = sent_words(book), sent_words(book, book.hours(9))

    assert (first, second) == ("three", None)
    assert view(book, drafted).state is AnswerState.SENT
    assert [notice.state for notice in book.notices("answer")] == ["dropped", "dropped", "sent"]


def test_a_note_of_a_closed_case_stays_one_and_its_author_is_told_why(book, asked):
    words = under_card(book, asked, "hm")
    noted = write(book, words)
    book.close(asked, book.minutes(5))

    edit(book, words, "reply: hm", 6)
    edit(book, words, "reply: hm", 6, now=book.minutes(7))

    assert (book.stored(noted).standing, book.stored(noted).body) == ("note", "reply: hm")
    assert told(book) == [f"Not sent, and kept as a note: {asked} is closed; reopen it to answer."]


def test_a_note_that_was_refused_as_an_answer_is_not_sent_by_a_later_event(book, asked):
    words = under_card(book, asked, "reply: see https://example.org")
    book.close(asked, book.minutes(1.9))
    write(book, words)
    book.reopen(asked, book.minutes(3))

    edit(book, words, words.body, 4)

    assert sent_words(book, book.hours(9)) is None
    assert len(told(book)) == 1


def test_a_note_to_a_customer_by_mail_without_a_mail_server_stays_one(book):
    case_id = book.mail().case_id
    book.say_all()
    words = under_card(book, case_id, "hm")
    noted = write(book, words)

    edit(book, words, "reply: hm", 6)

    assert book.stored(noted).standing == "note"
    assert "answer from your mail program" in told(book)[0]


def test_a_note_is_edited_as_before(book, asked):
    words = under_card(book, asked, "hm")
    noted = write(book, words)

    edited = edit(book, words, "hm!")

    assert (edited.known, book.stored(noted).body, book.stored(noted).standing) == (False, "hm!", "note")
    assert told(book) == []


def test_what_an_admin_wrote_before_the_customers_eyes_is_edited_as_before(book, asked):
    words = book.message("reply: hello", ANNA.user_id, standing=Standing.ADMIN, at=book.minutes(2))
    said = book.receive(words)

    edit(book, words, "reply: hello all", 3)

    assert (book.stored(said).body, told(book)) == ("reply: hello all", [])


# Order


@pytest.mark.parametrize("arrival", list(itertools.permutations(range(4))))
def test_of_several_edits_the_last_one_made_counts_in_whatever_order_they_arrive(sqlite_book, arrival):
    book = sqlite_book
    case_id = book.customer().case_id
    book.say_all(book.minutes(1.5))
    words = under_card(book, case_id, "reply: one")
    steps = [
        lambda: write(book, words, book.minutes(2.1)),
        lambda: edit(book, words, "two", 2.02, now=book.minutes(2.1)),
        lambda: edit(book, words, "reply: three", 2.04, now=book.minutes(2.1)),
        lambda: edit(book, words, "reply: four", 2.06, now=book.minutes(2.1)),
    ]

    received = [steps[index]() for index in arrival]
    before = book.snapshot()
    for step in steps:
        step()

    assert book.snapshot() == before
    assert book.stored(received[0]).body == "four"
    assert sent_words(book) == "four"
    assert sent_words(book, book.hours(9)) is None


@pytest.mark.parametrize("arrival", list(itertools.permutations(range(3))))
def test_a_final_note_is_not_sent_in_whatever_order_its_edits_arrive(sqlite_book, arrival):
    book = sqlite_book
    case_id = book.customer().case_id
    book.say_all(book.minutes(1.5))
    words = under_card(book, case_id, "reply: one")
    steps = [
        lambda: write(book, words, book.minutes(2.1)),
        lambda: edit(book, words, "reply: two", 2.02, now=book.minutes(2.1)),
        lambda: edit(book, words, "three", 2.04, now=book.minutes(2.1)),
    ]

    received = [steps[index]() for index in arrival]

    assert (book.stored(received[0]).body, book.stored(received[0]).standing) == ("three", "note")
    assert sent_words(book, book.hours(9)) is None


def test_an_edit_before_its_message_brings_the_answer_and_the_earlier_words(book, asked):
    words = under_card(book, asked, "reply: one")

    edited = edit(book, words, "reply: two", 3)
    late = write(book, words, book.minutes(3))

    assert (edited.outcome, late.known) == ("edited", True)
    assert [row.body for row in Version.select()] == ["one"]
    assert sent_words(book) == "two"


def test_a_note_that_waits_for_its_thread_is_not_sent_by_an_edit_and_its_author_is_told(book):
    thread = f"{int(book.minutes(1).timestamp())}.000001"
    name = f"T:{SUPPORT.channel_id}:{thread}"
    given = {"standing": Standing.NOTE, "place": SUPPORT.channel_id, "thread": thread, "conversation": (name,)}
    words = book.message("hm", ANNA.user_id, at=book.minutes(2), **given)
    book.receive(words)

    for _ in range(2):
        edit(book, words, "reply: hm", 3)

    assert told(book) == ["Not sent, and kept as a note: it belongs to no case yet."]


# Written and refused, in one transaction


def test_storing_an_unsendable_answer_as_a_note_and_reporting_it_is_atomic(book, asked):
    book.close(asked, book.minutes(1.9))
    words = under_card(book, asked, "reply: hello")
    said, answer = as_typed(words, words.body)
    given = {"now": book.minutes(2), "undo": UNDO, "limits": book.limits}
    before = book.snapshot()

    def write_and_fail():
        with notices.book.atomic():
            drafts.write(said, answer, **given)
            raise LookupError

    with pytest.raises(LookupError):
        database.work(write_and_fail)
    after_failure = book.snapshot()
    write(book, words)
    write(book, words)

    assert after_failure == before
    assert told(book) == [f"Not sent, and kept as a note: {asked} is closed; reopen it to answer."]
    assert [view.body for view in queries.history(asked).messages][1:] == ["reply: hello"]


def test_an_answer_without_a_case_is_not_reported_as_kept(book):
    words = book.message("reply: hello", ANNA.user_id, standing=Standing.NOTE, place=SUPPORT.channel_id)

    write(book, words)

    assert told(book) == ["Not sent: There is no such case."]


# Deleted


def test_an_answer_deleted_during_its_delivery_is_not_sent(book, asked):
    words = under_card(book, asked, "reply: hello")
    drafted = write(book, words)
    claimed = book.claim(LANE, book.minutes(3))
    book.delete(words, book.minutes(3))

    database.work(lambda: replies.not_sent(claimed, now=book.minutes(3)))

    assert view(book, drafted).state is AnswerState.TAKEN_BACK
    assert book.claim(LANE, book.hours(9)) is None
    assert book.case(asked).waiting_since is not None


def test_the_words_of_a_deleted_note_that_was_an_answer_do_not_stay_under_the_card(book, asked):
    words = under_card(book, asked, "reply: hello")
    drafted = write(book, words)
    edit(book, words, "hello")
    book.say_all(book.minutes(4))

    book.delete(words, book.minutes(5))

    states = [notice.state for notice in book.notices("answer state")]
    assert (view(book, drafted).text, states[-1]) == ("", "pending")


def test_customer_messages_are_edited_as_usual(book, asked):
    words = book.message("reply: hello", DORA.user_id, at=book.minutes(2))
    said = book.receive(words)

    edit(book, words, "reply: hello all", 3)

    assert book.stored(said).body == "reply: hello all"
