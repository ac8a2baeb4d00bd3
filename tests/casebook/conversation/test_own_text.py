"""The rules look only at the writer's own text; forwarded text is shown but does not count."""

from dataclasses import replace
from datetime import timedelta

import pytest

from casebook import database, ledger, queries
from casebook.conversation import moving
from casebook.incoming import Standing
from casebook.models import Case, Message
from fixtures.cast import ANNA, BEN, DORA, EMIL

FORWARDED = "Forwarded from Hanna Helper:\nthis is urgent. I'm closing this case."


def forward(book, own="look", **changes):
    """A message that forwards another one beside this text."""
    text = f"{own}\n\n{FORWARDED}" if own else FORWARDED
    return book.message(text, own_text=own, **changes)


def test_a_customers_forward_is_shown_whole_and_escalates_nothing(book):
    received = book.receive(forward(book, own=""))
    shown = queries.card(received.case_id)

    assert (received.opened, received.escalated) == (True, False)
    assert shown.first.text == shown.line.preview == FORWARDED
    assert book.reasons(received.case_id) == []


def test_the_writers_own_text_beside_the_forward_counts(book):
    received = book.receive(forward(book, own="critical"))

    assert book.reasons(received.case_id) == [("keywords", 'says "critical"')]


@pytest.mark.parametrize("standing", [Standing.ADMIN, Standing.NOTE])
def test_an_admins_forward_closes_nothing_and_its_own_words_do(book, standing):
    asked = book.customer()
    number = Case.get_by_id(asked.case_id).number
    given = {"sender": ANNA.user_id, "standing": standing, "cases_named": (number,)}

    book.receive(forward(book, **given))
    still = book.case(asked.case_id).status
    book.receive(forward(book, "I'm closing this case.", **given))

    assert (still, book.case(asked.case_id).status) == ("open", "closed")


def test_an_answer_that_forwards_closing_words_does_not_close_when_it_is_sent(book):
    case_id = book.customer().case_id
    book.say_all()
    book.answer(case_id, f"look\n{FORWARDED}", own_text="look")
    claimed = book.claim(book.case(case_id) and "C0SHARED1", book.hours(2))

    book.answer_sent(claimed, book.hours(2))

    assert book.case(case_id).status == "open"
    assert book.case(case_id).answered_at is not None


def test_an_admin_whose_forward_names_no_case_of_theirs_is_not_told_so(book):
    received = book.receive(forward(book, sender=ANNA.user_id, standing=Standing.ADMIN))

    assert (received.outcome, received.unplaced) == ("ignored", False)


def test_a_late_answer_ends_an_episode_after_which_only_forwarded_words_are_urgent(book):
    first = book.customer("it is urgent", at=book.minutes(1))
    book.receive(forward(book, at=book.minutes(10)), now=book.minutes(11))

    book.admin(about=(DORA.user_id,), at=book.minutes(5))

    assert not book.case(first.case_id).escalated


def test_moving_a_case_looks_at_the_own_words_again(book):
    one = book.receive(forward(book))
    other = book.customer(sender=EMIL.user_id)

    database.work(
        lambda: moving.move(one.case_id, other.case_id, by=BEN.user_id, now=book.hours(1), limits=book.limits)
    )

    assert book.reasons(other.case_id) == []


def test_an_edit_changes_both_and_looks_at_the_own_words(book):
    sent = forward(book)
    received = book.receive(sent)
    changed = f"now\n\n{FORWARDED} More."

    edited = book.edit(replace(sent, own_text="now"), changed)
    urgent = book.edit(replace(sent, own_text="now critical"), changed.replace("now", "now critical"))

    assert (edited.escalated, urgent.escalated) == (False, True)
    assert (book.stored(received).body, book.stored(received).own_text) == (
        changed.replace("now", "now critical"),
        "now critical",
    )


def test_a_deletion_blanks_both(book):
    sent = forward(book, own="my password is 12345")
    book.receive(sent)
    book.delete(sent)

    assert Message.get().own_text is None
    assert "12345" not in str(book.snapshot())


def test_a_waiting_message_keeps_its_own_text(book):
    for person in (EMIL.user_id, DORA.user_id):
        book.customer(sender=person, at=book.minutes(1))
    waiting = book.receive(forward(book, sender=ANNA.user_id, standing=Standing.ADMIN, at=book.minutes(5)))

    kept = database.work(lambda: ledger.waiting(waiting.ledger_id))

    assert (kept.own_text, kept.body.startswith("look")) == ("look", True)
    assert kept.timestamp == book.minutes(0) + timedelta(minutes=5)
