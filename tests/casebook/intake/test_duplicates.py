"""A message that a Slack client sends twice is one message, and no text is lost."""

from dataclasses import replace

import pytest

from casebook.incoming import Incoming, Standing
from casebook.models import Case, LedgerRow, Message
from casebook.outbound import corrections
from casebook.outcomes import Outcome
from fixtures.cast import EMIL, FAYE

NAME = "8fe5ddc0-bbe7-42f8-92aa-8c34f2c3e372"


@pytest.fixture
def pair(book) -> tuple[Incoming, Incoming]:
    """One message as a client sends it twice, half a second apart."""
    first = replace(book.message("please help me with the setup"), client_message_id=NAME)
    return first, sent_again(first)


def sent_again(first: Incoming, seconds: float = 0.5) -> Incoming:
    """The same message under another ts."""
    channel, _, ts = first.external_id.rpartition(":")
    later = f"{float(ts) + seconds:.6f}"
    moment = type(first.timestamp).fromtimestamp(float(later), first.timestamp.tzinfo)
    return replace(first, external_id=f"{channel}:{later}", thread=later, timestamp=moment)


def bodies() -> list[str]:
    """The texts of all messages."""
    return [row.body for row in Message.select().order_by(Message.id)]


def test_a_message_that_a_client_sends_twice_is_stored_once(book, pair):
    first, second = pair
    received = book.receive(first)

    again = book.receive(second)

    assert len(bodies()) == 1
    assert Case.get().message_count == 1
    row = LedgerRow.get(LedgerRow.id == again.ledger_id)
    assert (row.outcome, row.reason) == (
        Outcome.IGNORED,
        f"its writer's client sent it twice; it is {first.external_id}",
    )
    assert received.ledger_id != again.ledger_id


def test_the_order_in_which_the_two_arrive_does_not_matter(book, pair):
    first, second = pair
    book.receive(second)
    book.receive(first)
    book.receive(second)

    assert len(bodies()) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"sender": EMIL.user_id},
        {"place": "C0OTHER01"},
        {"client_message_id": "another"},
        {"client_message_id": ""},
    ],
    ids=str,
)
def test_another_writer_channel_or_name_is_another_message(book, pair, other):
    first, second = pair
    book.receive(first)
    book.receive(replace(second, **other))

    assert len(bodies()) == 2


def test_the_same_client_id_after_more_than_a_minute_is_another_message(book, pair):
    first, _ = pair
    book.receive(first)
    book.receive(sent_again(first, seconds=61))

    assert len(bodies()) == 2


def test_a_thread_under_the_second_belongs_to_the_case_of_the_first(book, pair):
    first, second = pair
    received = book.receive(first)
    book.receive(second)

    said = book.message("in the thread", sender=EMIL.user_id)
    reply = book.receive(replace(said, conversation=(second.external_id,)))

    assert reply.case_id == received.case_id


def test_when_the_first_copy_is_deleted_its_text_stays_under_the_id_of_the_second(book, pair):
    first, second = pair
    book.receive(first)
    book.receive(second)

    deleted = corrections.delete(first.source, first.external_id, now=book.minutes(9))

    message = Message.get()
    assert (message.body, message.external_id, message.deleted_at) == (first.body, second.external_id, None)
    assert (deleted.outcome, book.receive(second).outcome) == (Outcome.DELETED, Outcome.MESSAGE)
    corrections.delete(second.source, second.external_id, now=book.minutes(10))
    assert bodies() == [""]


@pytest.mark.parametrize("standing", [Standing.CUSTOMER, Standing.ADMIN])
@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("deleted", [(), (0,), (1,), (0, 1), (1, 0)], ids=str)
def test_a_thread_under_either_keeps_its_case_whichever_is_deleted(book, pair, deleted, which, standing):
    received, _ = [book.receive(each) for each in pair]
    book.customer("another open case in the channel, so that the place alone does not tell", FAYE.user_id)
    for number in deleted:
        corrections.delete(pair[number].source, pair[number].external_id, now=book.minutes(9))

    said = book.message("in the thread", sender=EMIL.user_id, standing=standing)
    root = pair[which]
    reply = book.receive(replace(said, thread=root.thread, conversation=(root.external_id,)))

    assert reply.case_id == received.case_id


def test_when_the_second_is_deleted_the_first_stays(book, pair):
    first, second = pair
    book.receive(first)
    book.receive(second)

    corrections.delete(second.source, second.external_id, now=book.minutes(9))
    corrections.delete(first.source, first.external_id, now=book.minutes(10))

    assert bodies() == [""]


def test_a_second_copy_that_is_edited_is_a_separate_message(book, pair):
    first, second = pair
    book.receive(first)
    book.receive(second)

    for text in (first.body, "and a further question"):
        edit = replace(second, body=text, new_text=text, edited_at=book.minutes(9))
        corrections.edit(edit, now=book.minutes(9), limits=book.limits)

    assert bodies() == [first.body, "and a further question"]


def test_of_three_copies_each_replaces_the_one_before(book, pair):
    three = (*pair, sent_again(pair[0], seconds=1.0))
    for each in three:
        book.receive(each)

    left = []
    for number, each in enumerate(three):
        corrections.delete(each.source, each.external_id, now=book.minutes(9 + number))
        left += bodies()

    assert left == [pair[0].body, pair[0].body, ""]


@pytest.mark.parametrize("changed", ["edited", "deleted"])
def test_the_second_copy_is_found_whatever_happened_to_the_first(book, pair, changed):
    first, second = pair
    book.receive(first)
    if changed == "edited":
        edit = replace(first, body="other words", new_text="other words", edited_at=book.minutes(9))
        corrections.edit(edit, now=book.minutes(9), limits=book.limits)
    else:
        corrections.delete(first.source, first.external_id, now=book.minutes(9))
    book.receive(second)

    assert bodies() == {"edited": ["other words"], "deleted": ["", first.body]}[changed]
