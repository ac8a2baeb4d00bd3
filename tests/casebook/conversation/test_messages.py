"""The effect of messages on a case is the same in whatever order they arrive (design 3.4 and 4)."""

from dataclasses import dataclass, replace

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from casebook import cases
from casebook.incoming import Standing
from fixtures.cast import ANNA

KINDS = ("question", "urgent question", "answer")


@dataclass(frozen=True)
class Script:
    """The messages after a customer's first one, a minute apart, and the order in which they arrive."""

    kinds: tuple[str, ...]
    arrival: tuple[int, ...]


@st.composite
def scripts(draw):
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=8))
    return Script(tuple(kinds), tuple(draw(st.permutations(range(len(kinds))))))


def written(book, customer, kinds):
    """The messages of a conversation with one customer; each stands in the thread of the first."""
    first = book.message("hello", customer, at=book.noon)
    thread = {"thread": first.thread, "conversation": (first.external_id,)}
    messages = [first]
    for minute, kind in enumerate(kinds, start=1):
        said = book.message(
            "urgent" if kind == "urgent question" else "hm", customer, at=book.minutes(minute), **thread
        )
        answer = replace(said, sender=ANNA.user_id, standing=Standing.ADMIN)
        messages.append(answer if kind == "answer" else said)
    return messages


def facts(book, messages, arrival):
    """The state of the case when the first message arrived first and the others in this order."""
    first, *others = messages
    case_id = book.receive(first, now=book.hours(1)).case_id
    for index in arrival:
        book.receive(others[index], now=book.hours(1))
    case = book.case(case_id)
    return {
        name: getattr(case, name)
        for name in ("message_count", "last_message_at", "waiting_since", "answered_at", "escalated", "silent_since")
    }


@given(script=scripts())
@example(script=Script(("question", "question", "question", "question"), (3, 2, 1, 0)))
@example(script=Script(("urgent question", "answer", "question"), (1, 2, 0)))
@example(script=Script(("answer", "question", "question", "question"), (1, 2, 3, 0)))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_messages_make_the_same_case_in_any_order(book, script):
    numbers = book.numbers
    in_order, shuffled = (f"U0{next(numbers):07d}" for _ in range(2))

    as_written = facts(book, written(book, in_order, script.kinds), range(len(script.kinds)))
    as_arrived = facts(book, written(book, shuffled, script.kinds), script.arrival)

    assert as_arrived == as_written


def test_a_late_answer_takes_back_the_follow_ups_that_it_answered(book):
    first, *others = written(book, "U0DORA001", ("answer", "question", "question", "question"))
    for message in (first, *others[1:]):
        received = book.receive(message, now=book.hours(1))
    alerted = book.case(received.case_id).escalated

    book.receive(others[0], now=book.hours(1))

    # Only three messages came after the answer: in the right order, nothing would have been escalated.
    assert alerted
    assert not book.case(received.case_id).escalated


def test_a_late_answer_leaves_the_urgency_that_came_after_it(book):
    first, answer, urgent = written(book, "U0DORA001", ("answer", "urgent question"))
    for message in (first, urgent, answer):
        received = book.receive(message, now=book.hours(1))

    assert book.case(received.case_id).escalated


def test_the_reason_is_given_once_however_late_its_messages_come(book):
    messages = written(book, "U0DORA001", ("question",) * 5)
    for message in (messages[1], *messages[2:], messages[0]):
        received = book.receive(message, now=book.hours(1))

    assert [kind for kind, _ in book.reasons(received.case_id)] == ["follow-ups"]


def test_counting_follow_ups_reads_when_messages_were_written_and_not_their_words(plans, sqlite_book):
    sqlite_book.receive(sqlite_book.message())

    asked = plans(lambda: cases.receive(sqlite_book.message(), now=sqlite_book.noon, limits=sqlite_book.limits))

    counting = [
        sql for sql in asked if '"standing" = ' in sql and 'ORDER BY "t1"."timestamp"' in sql and "LIMIT" in sql
    ]
    assert counting != []
    assert [sql for sql in counting if '"body"' in sql] == []
