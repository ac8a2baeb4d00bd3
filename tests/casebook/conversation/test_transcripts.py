"""What becomes known of a file later stands in its message, and counts as if it had been written."""

from dataclasses import replace
from datetime import timedelta

import pytest

from casebook import database, notices
from casebook.conversation import attachments, transcripts
from casebook.conversation.attachments import Fetched
from casebook.incoming import IncomingFile, Standing
from casebook.models import Attachment, Message, Version
from casebook.outbound import corrections, replies
from fixtures.cast import ANNA

CLIP = IncomingFile(name="audio_message.m4a", content_type="audio/mp4", size=2000, remote_id="F1")
NAMELESS = IncomingFile(name="", content_type="", size=0, remote_id="F2")
SAID = "our line stopped, this is an emergency"
LINE = f"Transcript: {SAID}"


def message(book, text="[file: audio_message.m4a]", files=(CLIP,), **changes):
    return book.message(text, attachments=files, **changes)


def fetch(book, *told):
    """What Slack told when it was asked for these files; nobody gets their bytes."""
    claimed = book.claim(notices.DOWNLOADS, book.minutes(30))
    results = [Fetched(file_id=file_id, file=replace(file, why_not="gone")) for file_id, file in by_id(claimed, told)]
    database.work(lambda: transcripts.fetched(claimed, results, now=book.minutes(30), limits=book.limits))


def ask(book, said=None, *, at=None):
    """Slack was asked again for what is said in each clip of a message; whether anybody asked."""
    at = at or book.hours(1)
    claimed = book.claim(notices.DOWNLOADS, at)
    if claimed is None:
        return False
    files = attachments.of(int(claimed.items[0].target.partition(":")[2]))
    told = {file.file_id: said for file in files if file.may_be_heard}
    return database.work(lambda: transcripts.reported(claimed, told, now=at, limits=book.limits))


def by_id(claimed, told):
    """These files with the numbers that they have in the book."""
    files = attachments.of(int(claimed.items[0].target.partition(":")[2]))
    numbers = {file.remote_id: file.file_id for file in files}
    return [(numbers[file.remote_id], file) for file in told]


def test_a_transcript_is_added_shown_and_looked_through_for_keywords(book):
    received = book.receive(message(book))
    book.say_all()

    fetch(book, CLIP)
    ask(book, SAID)

    stored = book.stored(received)
    assert stored.body == f"[file: audio_message.m4a]\n{LINE}"
    assert book.reasons(received.case_id) == [("keywords", 'says "emergency"')]
    assert (stored.edited_at, Version.select().count()) == (None, 0)
    assert "card" in [notice.kind for notice in book.notices() if notice.state == "pending"]


def test_of_an_admin_or_in_a_closed_case_it_escalates_nothing(book):
    case_id = book.receive(message(book)).case_id
    book.close(case_id)
    fetch(book, CLIP)
    ask(book, SAID)
    other = book.customer(sender="U0EMIL001")
    book.receive(message(book, sender=ANNA.user_id, standing=Standing.ADMIN, about=("U0EMIL001",)))
    fetch(book, CLIP)
    ask(book, SAID)

    assert book.episodes(case_id) == book.episodes(other.case_id) == []
    assert sorted(row.body.count(LINE) for row in Message.select()) == [0, 1, 1]


def test_it_counts_among_the_words_of_its_writer_beside_forwarded_ones(book):
    text = "listen\n\nForwarded from Mia:\nthis is critical"
    received = book.receive(message(book, text, own_text="listen"))

    fetch(book, CLIP)
    ask(book, SAID)

    stored = book.stored(received)
    assert (stored.body, stored.own_text) == (text.replace("listen", f"listen\n{LINE}"), f"listen\n{LINE}")
    assert book.reasons(received.case_id) == [("keywords", 'says "emergency"')]


def test_what_is_said_in_a_forwarded_clip_never_becomes_the_writers_own(book):
    text = "listen\n\nForwarded from Mia:\n[file: audio_message.m4a]"
    received = book.receive(message(book, text, (replace(CLIP, transcript=""),), own_text="listen"))

    fetch(book, replace(CLIP, transcript=SAID))
    asked = ask(book, SAID)

    assert not asked

    assert (book.stored(received).body, book.stored(received).own_text) == (text, "listen")


def test_slack_is_asked_again_until_it_has_written_it_down_and_then_no_more(book):
    received = book.receive(message(book))
    fetch(book, CLIP)

    asked = [ask(book, said, at=book.hours(hour)) for hour, said in enumerate((None, None, SAID, SAID), start=1)]

    assert asked == [True, True, True, False]
    assert book.stored(received).body.endswith(LINE)


def test_what_never_comes_is_left_after_a_few_times_without_a_word(book):
    incoming = message(book)
    received = book.receive(incoming)
    fetch(book, CLIP)
    told_before = [row.kind for row in book.notices()]
    moments, at = [], incoming.timestamp
    for seconds in transcripts.RETRY_SECONDS:
        too_early = ask(book, at=at + timedelta(seconds=seconds - 1))
        at += timedelta(seconds=seconds)
        moments.append((too_early, ask(book, at=at)))

    assert moments == [(False, True)] * 4
    assert not ask(book, at=book.hours(9))
    assert book.stored(received).body == "[file: audio_message.m4a]"
    assert [row.kind for row in book.notices() if row.kind != "transcript"] == [
        kind for kind in told_before if kind != "transcript"
    ]


def test_where_slack_says_that_none_will_come_it_is_not_asked_again(book):
    book.receive(message(book))
    fetch(book, CLIP)

    assert [ask(book, "", at=book.hours(hour)) for hour in (1, 2)] == [True, False]


def test_a_clip_of_which_nothing_was_known_is_heard_once_it_is_known_to_be_one(book):
    unknown = IncomingFile(name="", content_type="", size=0, remote_id="F1")
    received = book.receive(message(book, "[file: without a name]", (unknown,)))
    fetch(book, CLIP)

    ask(book, SAID)

    assert book.stored(received).body == f"[file: audio_message.m4a]\n{LINE}"


def test_two_couriers_note_it_once(book):
    received = book.receive(message(book))
    fetch(book, CLIP)
    claimed = book.claim(notices.DOWNLOADS, book.hours(1))
    (file,) = attachments.of(book.stored(received).id)

    def tell():
        told = {file.file_id: SAID}
        return database.work(lambda: transcripts.reported(claimed, told, now=book.hours(1), limits=book.limits))

    assert [tell(), tell()] == [True, False]
    assert book.stored(received).body.count(LINE) == 1
    assert len(book.notices("transcript")) == 1


def test_nothing_is_added_to_an_answer_that_goes_to_the_customer(book):
    asked = book.customer()
    answer = book.message("We look", ANNA.user_id, standing=Standing.NOTE, under=asked, attachments=(CLIP,))
    drafted = database.work(lambda: replies.draft(answer, now=answer.timestamp, undo=timedelta(0), limits=book.limits))
    fetch(book, replace(CLIP, transcript=SAID))

    assert not ask(book, SAID)
    assert book.stored(drafted).body == "We look"


def test_the_name_of_a_file_takes_the_place_of_none(book):
    received = book.receive(message(book, "[file: a.png]\n[file: without a name]", (CLIP, NAMELESS)))

    fetch(book, CLIP, replace(NAMELESS, name="plan\n.pdf"))

    assert book.stored(received).body == "[file: a.png]\n[file: plan .pdf]"
    assert [row.name for row in Attachment.select().order_by(Attachment.position)][1] == "plan\n.pdf"


@pytest.mark.parametrize("text", ["[file: without a name]\n[file: without a name]", "I have a [file: without a name]"])
def test_words_that_only_look_like_such_a_line_stay(book, text):
    received = book.receive(message(book, text, (NAMELESS,)))

    fetch(book, replace(NAMELESS, name="plan.pdf"))

    assert book.stored(received).body == text


def test_a_file_that_nobody_gets_stays_without_a_name(book):
    received = book.receive(message(book, "[file: without a name]", (NAMELESS,)))

    fetch(book, NAMELESS)

    assert book.stored(received).body == "[file: without a name]"


def edit(book, incoming, text, minute, **changes):
    edited = replace(incoming, body=text, new_text=text, edited_at=book.minutes(minute), **changes)
    return database.work(lambda: corrections.edit(edited, now=book.hours(2), limits=book.limits))


def test_an_edit_takes_away_neither_the_name_nor_what_was_said(book):
    sent = message(book, "[file: audio_message.m4a]\n[file: without a name]", (CLIP, NAMELESS))
    received = book.receive(sent)
    fetch(book, replace(CLIP, transcript=SAID), replace(NAMELESS, name="plan.pdf"))
    before = book.snapshot()

    same = edit(book, sent, sent.body, 0)
    now = book.snapshot()
    edit(book, sent, "listen to this", 30)

    assert same.known
    assert now == before
    assert book.stored(received).body == f"listen to this\n{LINE}"


def test_a_change_that_brings_the_transcript_is_no_edit(book):
    sent = message(book, "[file: audio_message.m4a]")
    received = book.receive(sent)
    heard = replace(CLIP, transcript=SAID)
    change = replace(sent, body=f"{sent.body}\n{LINE}", new_text=f"{sent.body}\n{LINE}", attachments=(heard,))
    change = replace(change, edited_at=sent.timestamp)

    done = [database.work(lambda: corrections.edit(change, now=book.hours(1), limits=book.limits)) for _ in range(2)]
    fetch(book, replace(heard, transcript=SAID + "..."))

    stored = book.stored(received)
    assert [each.known for each in done] == [False, True]
    assert (done[0].outcome, done[0].escalated) == ("message", True)
    assert (stored.body, stored.edited_at, Version.select().count()) == (f"{sent.body}\n{LINE}", None, 0)


def test_an_edit_keeps_a_name_that_came_later_in_what_counts_for_the_rules_too(book):
    text = "[file: without a name]\n\nForwarded from Mia:\nhello"
    sent = message(book, text, (NAMELESS,), own_text="[file: without a name]")
    received = book.receive(sent)
    fetch(book, replace(NAMELESS, name="critical.pdf"))
    named = book.stored(received).own_text
    same = edit(book, sent, text, 0)

    stored = book.stored(received)
    assert (named, same.known) == ("[file: critical.pdf]", True)
    assert (stored.body, stored.own_text) == (text.replace("without a name", "critical.pdf"), named)
    assert stored.edited_at is None


def test_people_are_named_in_a_message_whose_file_was_named_before(book):
    text = "[file: without a name]\n\nForwarded from Mia:\nask @U0EMIL001"
    sent = message(book, text, (NAMELESS,), own_text="[file: without a name]")
    received = book.receive(sent)
    fetch(book, replace(NAMELESS, name="plan.pdf"))
    body = text.replace("@U0EMIL001", "@Emil")
    named = replace(sent, body=body, new_text=body)

    assert database.work(lambda: corrections.name_people(sent, named=named, now=book.hours(1)))
    assert book.stored(received).body == body.replace("without a name", "plan.pdf")


def test_after_a_deletion_nothing_of_it_is_kept(book):
    sent = message(book)
    book.receive(sent)
    fetch(book, replace(CLIP, transcript=SAID))

    book.delete(sent)

    assert not ask(book, SAID, at=book.hours(3))
    assert "stopped" not in str(book.snapshot())
