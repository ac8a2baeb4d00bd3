"""Every message of a case is shown once: the earliest on the card, all others in its thread (design 3.6)."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casebook import cases, database, queries
from casebook.conversation import moving, previews
from casebook.incoming import IncomingFile, Standing
from casebook.models import Case, Message
from casebook.outbound import replies
from fixtures.cast import ANNA, MAIL_CUSTOMERS

MIA, _, OTTO = MAIL_CUSTOMERS
KINDS = {"question": Standing.CUSTOMER, "answer": Standing.ADMIN, "claim": Standing.CLAIM, "note": Standing.NOTE,
         "remark": Standing.REMARK, "automatic": Standing.AUTOMATIC}  # fmt: skip


def said(posts):
    """The messages that were posted in threads, with the case under whose card they are."""
    return sorted((item.target, item.case_id) for claimed in posts for item in claimed.items if item.kind == "thread")


def others(case_id):
    """The messages of a case that are not on its card, as they should be posted."""
    first = queries.card(case_id).first
    rows = Message.select().where(Message.case == case_id)
    return sorted((f"message:{row.id}", case_id) for row in rows if first is None or row.id != first.message_id)


@pytest.mark.parametrize("posted", [False, True])
@pytest.mark.parametrize("arrival", list(itertools.permutations(range(3))))
def test_each_message_is_shown_once_in_whatever_order_they_arrive(sqlite_book, arrival, posted):
    book = sqlite_book
    messages = [book.message(f"message {number}", at=book.minutes(number)) for number in range(3)]
    posts = []
    for index in arrival:
        case_id = book.receive(messages[index], now=book.hours(1)).case_id
        posts += book.say_all() if posted else []
    posts += book.say_all()

    assert queries.card(case_id).first.text == "message 0"
    assert said(posts) == others(case_id)


def test_an_earlier_message_takes_the_place_of_the_first_one_on_both_databases(book):
    later = book.message("later", at=book.minutes(2))
    earlier = book.message("earlier", at=book.minutes(1))
    case_id = book.receive(later, now=book.hours(1)).case_id
    posts = book.say_all()

    received = book.receive(earlier, now=book.hours(1))
    again = book.receive(earlier, now=book.hours(1))
    posts += book.say_all()

    assert (received.case_id, again.known) == (case_id, True)
    assert queries.card(case_id).first.text == "earlier"
    assert said(posts) == others(case_id)


def test_two_that_arrive_at_once_are_shown_once_each(book):
    messages = [book.message(f"message {number}", at=book.minutes(number)) for number in range(4)]

    given = {"now": book.hours(1), "limits": book.limits}
    received = book.at_once(*[lambda m=each: cases.receive(m, **given) for each in messages])
    posts = book.say_all()

    (case_id,) = {each.case_id for each in received}
    assert queries.card(case_id).first.text == "message 0"
    assert said(posts) == others(case_id)


@pytest.mark.parametrize("kind", ["note", "remark", "automatic"])
def test_a_note_is_posted_in_the_thread_however_early_it_was_written(book, kind):
    first = book.mail_message("question", at=book.minutes(5))
    received = book.receive(first, now=book.hours(1))
    book.receive(
        book.mail_message("aside", standing=KINDS[kind], at=book.minutes(1), under=received), now=book.hours(1)
    )
    posts = book.say_all()

    assert queries.card(received.case_id).first.text == "question"
    assert said(posts) == others(received.case_id)


def test_a_message_written_under_the_card_is_not_posted_again(book):
    case_id = book.receive(book.message("question", at=book.minutes(5)), now=book.hours(1)).case_id
    book.say_all()
    book.note("early note", thread=book.card_of(case_id), at=book.minutes(1))

    assert said(book.say_all()) == []


def test_an_edit_that_arrives_before_its_earlier_message_brings_the_preview(book):
    later = book.message("later", at=book.minutes(2))
    earlier = book.message("earlier", at=book.minutes(1))
    case_id = book.receive(later, now=book.hours(1)).case_id
    posts = book.say_all()

    book.edit(replace(earlier, edited_at=book.minutes(3)), "earlier, edited", now=book.hours(1))
    book.receive(earlier, now=book.hours(1))
    posts += book.say_all()

    assert queries.card(case_id).first.text == "earlier, edited"
    assert said(posts) == others(case_id)


def test_a_deleted_preview_is_replaced_by_an_earlier_message(book):
    later = book.message("my password", at=book.minutes(2), subject="my password")
    case_id = book.receive(later, now=book.hours(1)).case_id
    book.note("early", thread="1.1", about=(), cases_named=(1,), at=book.minutes(1))
    book.delete(later, book.hours(1))
    subject = book.case(case_id).subject

    book.receive(book.message("earlier", at=book.minutes(1)), now=book.hours(1))

    assert subject == ""
    assert queries.card(case_id).first.text == "earlier"
    assert [row.body for row in Message.select().where(Message.deleted_at.is_null(False))] == [""]


def test_the_files_of_a_message_that_leaves_the_card_are_uploaded_once(book):
    kept = IncomingFile(name="a.pdf", content_type="application/pdf", size=9, sha256="a" * 64, kept=True)
    later = book.message("later", at=book.minutes(2), attachments=(kept,))
    before = book.receive(later, now=book.hours(1))
    book.say_all()

    after = book.receive(book.message("earlier", at=book.minutes(1), attachments=(kept,)), now=book.hours(1))

    wanted = [f"files:{book.stored(each).id}" for each in (before, after)]
    assert [row.target for row in book.notices("files")] == wanted


def test_an_answer_is_never_the_preview_though_slacks_clock_is_an_hour_behind(book):
    case_id = book.customer("question", at=book.minutes(60)).case_id
    book.say_all()
    book.answer(case_id, at=book.minutes(61))
    claimed = book.claim("C0SHARED1", book.minutes(62))
    ts = f"{book.minutes(2).timestamp():.6f}"
    database.work(lambda: replies.sent(claimed, channel="C0SHARED1", ts=ts, now=book.minutes(62), limits=book.limits))

    assert queries.card(case_id).first.text == "question"
    assert said(book.say_all(book.hours(2))) == []


@pytest.mark.parametrize("mias_first", [True, False])
def test_what_is_moved_in_from_earlier_takes_the_card_and_what_stood_there_goes_to_the_thread(book, mias_first):
    times = (1, 3) if mias_first else (3, 1)
    mia = book.mail_message("Mia's", MIA, at=book.minutes(times[0]))
    mias = book.receive(mia, now=book.hours(1))
    otto = book.mail_message("Otto's", OTTO, at=book.minutes(times[1]), conversation=(mia.external_id,))
    ottos = book.receive(otto, now=book.hours(1))
    more = book.mail_message("Otto's second", OTTO, at=book.minutes(4))
    book.receive(more, now=book.hours(1))
    book.say_all()

    given = {"by": ANNA.user_id, "now": book.hours(1), "limits": book.limits}
    database.work(lambda: moving.move(ottos.case_id, mias.case_id, **given))
    posts = book.say_all(book.hours(2))

    wanted = "Mia's" if mias_first else "Otto's"
    assert queries.card(mias.case_id).first.text == wanted
    assert said(posts) == others(mias.case_id)


@st.composite
def arrivals(draw):
    """What is written in a case, a minute between two, the order in which it arrives, and when the courier is fast."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=7))
    kinds[draw(st.integers(0, len(kinds) - 1))] = "question"
    order = draw(st.permutations(range(len(kinds))))
    return kinds, order, draw(st.lists(st.booleans(), min_size=len(kinds), max_size=len(kinds)))


@given(story=arrivals())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_case_holds_each_message_is_shown_once(sqlite_book, story):
    book, (kinds, order, fast) = sqlite_book, story
    database.work(book.empty)
    customer = f"u{next(book.numbers)}@customer.example.com"
    posts, root = [], book.mail_message("root", customer, at=book.minutes(10))
    case_id = book.receive(root, now=book.hours(1)).case_id
    named = {"conversation": (root.external_id,), "cases_named": (Case.get().number,)}
    for index, is_fast in zip(order, fast, strict=True):
        standing = KINDS[kinds[index]]
        sender = customer if standing in (Standing.CUSTOMER, Standing.AUTOMATIC) else ANNA.email
        # Half of them were written before the message that opened the case.
        minute = 10 + index - len(kinds) // 2 + 0.5
        book.receive(
            book.mail_message(kinds[index], sender, standing=standing, at=book.minutes(minute), **named),
            now=book.hours(1),
        )
        posts += book.say_all() if is_fast else []
    posts += book.say_all()

    assert Case.select().count() == 1
    assert queries.card(case_id).first.message_id == previews.of(Case.get()).id
    assert said(posts) == others(case_id)
